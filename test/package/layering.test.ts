import { execFile } from 'node:child_process'
import { copyFile, glob, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** File, what it imports, and what the linter has to say of it. */
const refused: readonly (readonly [string, string, string])[] = [
  ['src/b.ts', '../adapters/swarm/index.ts', 'core never imports an adapter'],
  ['src/c.ts', 'intermodal/swarm', 'core never imports an adapter'],
  ['src/d.ts', 'dockerode', 'core never imports an adapter'],
  ['src/app/e.ts', '@kubernetes/client-node', 'core never imports an adapter'],
  ['src/f.ts', 'undici', 'core never imports an adapter'],
  ['src/g.ts', 'commander', 'core never imports the command line'],
  ['src/h.ts', './cli/main.ts', 'core never imports the command line'],
  ['src/i.ts', 'yaml', 'core never imports the command line'],
  ['src/j.ts', '../formats/index.ts', 'core never imports an adapter, a format'],
  ['adapters/swarm/l.ts', '../../src/index.ts', 'adapters import core by its public name'],
  ['adapters/swarm/deep/m.ts', '../../simulated/world.ts', 'adapters do not import each other'],
  ['adapters/simulated/n.ts', 'intermodal/swarm', 'adapters do not import each other'],
  ['adapters/simulated/o.ts', 'dockerode', 'this adapter has no client library'],
  ['adapters/swarm/p.ts', 'dockerode', 'only client.ts imports the client library'],
  ['adapters/swarm/q.ts', 'undici', 'its own'],
  ['adapters/swarm/r.ts', 'commander', 'only the command line uses these'],
  ['adapters/marathon/s.ts', 'undici', 'only client.ts imports the client library'],
  ['adapters/marathon/t.ts', '../swarm/labels.ts', 'adapters do not import each other'],
  ['adapters/marathon/u.ts', '../../src/index.ts', 'adapters import core by its public name'],
  ['adapters/marathon/v.ts', '../../formats/index.ts', 'only the command line uses these'],
  ['adapters/marathon/deep/client.ts', 'undici', 'only client.ts imports the client library'],
  ['adapters/marathon/client.ts', 'dockerode', 'its own client library only'],
  ['adapters/kubernetes/client.ts', 'undici', 'its own client library only'],
  ['adapters/kubernetes/s.ts', '@kubernetes/client-node', 'only client.ts imports'],
  ['adapters/kubernetes/u.ts', 'intermodal/marathon', 'adapters do not import each other'],
  ['adapters/kubernetes/v.ts', '../../src/index.ts', 'adapters import core by its public name'],
  ['formats/a.ts', '../src/index.ts', 'formats import core and adapters by their public names'],
  ['formats/b.ts', '../adapters/swarm/labels.ts', 'formats import core and adapters by their'],
  ['formats/deep/c.ts', 'commander', 'only the command line uses these'],
  ['formats/deep/d.ts', '@kubernetes/client-node', 'formats are pure'],
]
const allowed: readonly (readonly [string, string])[] = [
  ['src/a.ts', 'zod'],
  ['src/cli/j.ts', 'commander'],
  ['adapters/swarm/k.ts', 'intermodal'],
  ['adapters/swarm/client.ts', 'dockerode'],
  ['adapters/marathon/client.ts', 'undici'],
  ['adapters/kubernetes/t.ts', 'intermodal'],
  ['adapters/kubernetes/client.ts', '@kubernetes/client-node'],
  ['formats/e.ts', 'intermodal'],
  ['formats/f.ts', 'intermodal/marathon'],
  ['formats/g.ts', 'yaml'],
]

/** What the linter says of each file, in a checkout of nothing else. */
async function lint(files: readonly (readonly [string, string, ...string[]])[]) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'intermodal-layering-')))
  try {
    await copyFile(join(root, 'biome.json'), join(folder, 'biome.json'))
    for (const [file, source] of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), `import { x } from '${source}'\n\nexport const y = x\n`)
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    const args = [biome, 'lint', '--reporter=github', '--max-diagnostics=none']
    // Exit code 1: it found what it was given to find.
    const { stdout } = await run(process.execPath, args, { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    )
    const said = stdout.split('\n').flatMap((line) => {
      const file = line.match(/file=([^,]+)/)?.[1]
      return file ? [[relative(folder, file), line] as const] : []
    })
    return new Map(said)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('the layering, as the linter holds it', () => {
  let saidOfRefused: Map<string, string>
  let saidOfAllowed: Map<string, string>

  beforeAll(async () => {
    saidOfRefused = await lint(refused)
    saidOfAllowed = await lint(allowed)
  })

  it.each(refused)('refuses %s importing %s', (file, _, wrong) => {
    expect(saidOfRefused.get(file)).toContain(wrong)
  })

  it.each(allowed)('allows %s importing %s', (file) => {
    expect(saidOfAllowed.get(file)).toBeUndefined()
  })
})

describe('core', () => {
  it('knows no engine by name, but for where a patch in its own words goes', async () => {
    const found: string[] = []
    for await (const file of glob('src/**/*.ts', { cwd: root })) {
      if (file.startsWith(join('src', 'cli'))) continue
      const code = (await readFile(join(root, file), 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '')
      const lines = code.match(/^.*\b(?:marathon|mesos|dcos|kubernetes|swarm|docker)\b.*$/gm) ?? []
      found.push(...lines.filter((line) => !line.includes('nativePatch()')))
    }
    expect(found).toEqual([])
  })
})
