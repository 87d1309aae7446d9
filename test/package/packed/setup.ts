import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The tarball `npm pack` makes. */
    readonly tarball: string
    /** A folder elsewhere with the tarball installed and nothing else. */
    readonly bare: string
    /** The same, and the client libraries. */
    readonly complete: string
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const run = promisify(execFile)

/** Builds, packs and installs as a user does: from the tarball, in a folder that has nothing to do with this one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'intermodal-packed-'))
  await npm(['pack', '--pack-destination', folder], root)
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'))
  if (!name) throw new Error('npm pack made no tarball')
  const tarball = join(folder, name)

  const bare = await install(join(folder, 'bare'), tarball)
  const complete = await install(join(folder, 'complete'), tarball)
  await mkdir(join(complete, 'node_modules/@kubernetes'))
  for (const library of ['dockerode', 'undici', '@kubernetes/client-node'])
    await symlink(join(root, 'node_modules', library), join(complete, 'node_modules', library))

  project.provide('tarball', tarball)
  project.provide('bare', bare)
  project.provide('complete', complete)
  return () => rm(folder, { recursive: true, force: true })
}

async function install(folder: string, tarball: string): Promise<string> {
  await mkdir(folder)
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module' }),
  )
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], folder)
  return folder
}

/** Ends rather than hangs: npm has been seen to wait for ever with nothing under way while its input was open. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  const running = run('npm', args, { cwd, timeout: 120_000 })
  running.child.stdin?.end()
  await running.catch(({ stderr, killed }: { stderr: string; killed: boolean }) => {
    throw new Error(`npm ${args[0]} ${killed ? 'hung' : 'failed'}:\n${stderr}`)
  })
}
