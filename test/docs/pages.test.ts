import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { safeDefine } from 'intermodal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/cli/config.ts'
import { type Block, blocksOf, commandsOf } from './blocks.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const SOURCE = '--conditions=@intermodal/source'

const PAGES = [
  'README.md',
  'docs/app-file.md',
  'docs/command-line.md',
  'docs/events.md',
  'docs/write-an-adapter.md',
  'docs/fake-kubernetes.md',
  'docs/fake-marathon.md',
  'docs/fake-swarm.md',
  'docs/from-compose-to-anything.md',
  'docs/from-marathon-to-kubernetes.md',
  'docs/import.md',
  'docs/kubernetes.md',
  'docs/marathon.md',
  'docs/swarm.md',
  'docs/unit-test-your-deployments.md',
]

/** A child takes about a second, and the machine may be busy with the other tests. */
const PATIENT = 60_000
/** So that a child that hangs is told apart, and does not stay behind. */
const timeout = 50_000

const blocks = (
  await Promise.all(
    PAGES.map(async (page) => blocksOf(page, await readFile(join(root, page), 'utf8'))),
  )
).flat()
const of = (language: string) =>
  blocks.filter((block) => block.language === language).map((block) => [at(block), block] as const)
const at = ({ file, line }: Block) => `${file}:${line}`
/** A block whose first line is `// name.ts` is a file that later blocks import. */
const fileOf = (block: Block) =>
  block.code.match(/^\/\/ (\S+\.ts)\n/)?.[1] ??
  `${basename(block.file, '.md').toLowerCase()}-${block.line}.ts`

/** The same of YAML, which later commands name. */
const appFileOf = (code: string) =>
  isConfig(code) ? undefined : code.match(/^# (\S+\.yaml)\n/)?.[1]
const isConfig = (code: string) => code.startsWith('# intermodal.config.yaml\n')

/** What kubectl would use, of a cluster that nobody is at: opening a client sends nothing. */
const KUBECONFIG = `
clusters: [{ name: none, cluster: { server: "http://127.0.0.1:9" } }]
users: [{ name: none, user: {} }]
contexts: [{ name: none, context: { cluster: none, user: none } }]
current-context: none
`

/** A user's project elsewhere, in which `intermodal` is this checkout and the examples lie beside. */
let project: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'intermodal-docs-'))
  await mkdir(join(project, 'node_modules'))
  await symlink(root, join(project, 'node_modules/intermodal'))
  await cp(join(root, 'examples'), join(project, 'examples'), { recursive: true })
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  for (const [, block] of of('ts')) await writeFile(join(project, fileOf(block)), block.code)
  for (const [, { code }] of of('yaml')) {
    const name = appFileOf(code)
    if (name) await writeFile(join(project, name), code)
  }
  await writeFile(join(project, 'kubeconfig'), KUBECONFIG)
})
afterAll(() => rm(project, { recursive: true, force: true }))

describe('TypeScript on the pages', () => {
  it.each(of('ts'))('%s runs as shown', { timeout: PATIENT }, async (_, block) => {
    const { stdout } = await run(process.execPath, [SOURCE, fileOf(block)], {
      cwd: project,
      timeout,
      env: { ...process.env, KUBECONFIG: join(project, 'kubeconfig') },
    })
    if (block.output !== undefined) expect(stdout).toBe(block.output)
  })

  it('compiles in a strict project', { timeout: PATIENT }, async () => {
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
        include: ['*.ts'],
      }),
    )
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], {
      cwd: project,
    }).catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  })
})

describe('YAML on the pages', () => {
  it.each(of('yaml').filter(([, { code }]) => !isConfig(code)))(
    '%s is an app, or a group of them',
    (_, { code }) => {
      const { group, apps, ...app } = parse(code)
      const inputs: readonly object[] = group
        ? Object.entries<object>(apps).map(([name, one]) => ({ id: `${group}/${name}`, ...one }))
        : [app]
      for (const input of inputs) expect(safeDefine(input)).toHaveProperty('app')
    },
  )

  it.each(of('yaml').filter(([, { code }]) => isConfig(code)))(
    '%s is a configuration',
    async (_, { code }) => {
      const file = join(project, 'intermodal.config.yaml')
      await writeFile(file, code)
      const { targets } = await loadConfig({ cwd: project })
      await rm(file)
      expect(Object.keys(targets)).toEqual(Object.keys(parse(code).targets))
    },
  )
})

describe('commands on the pages', () => {
  /** What a page has left running, to the end of that page. */
  const behind: ChildProcess[] = []
  let page = ''
  const turn = async (next: string) => {
    if (next === page) return
    page = next
    for (const child of behind.splice(0)) {
      if (child.kill('SIGINT')) await once(child, 'close')
    }
  }
  afterAll(() => turn(''))

  // In the order in which a reader types them: a page's later block may stand on an earlier one.
  it.each(of('console'))('%s print what is shown', { timeout: PATIENT }, async (_, block) => {
    await turn(block.file)
    for (const { line, output } of commandsOf(block)) {
      if (line.endsWith(' &')) {
        behind.push(await leaveRunning(line.slice(0, -2)))
        continue
      }
      const printed = await type(line)
      if (output !== '') expect(printed.trimEnd()).toBe(output)
    }
  })
})

/** What a `&` leaves behind, once it has said its first line. */
async function leaveRunning(line: string): Promise<ChildProcess> {
  const { args, options } = commandOf(line)
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const first = await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')])
  expect(String(first), line).not.toMatch(/^error/)
  return child
}

function commandOf(line: string) {
  const [command, ...args] = line.replace(/^npx /, '').split(' ')
  if (command !== 'intermodal') throw new Error(`not a command of ours: ${line}`)
  const env = { ...process.env, NO_COLOR: '1', XDG_STATE_HOME: join(project, 'state') }
  const main = join(root, 'src/cli/main.ts')
  return { args: [SOURCE, main, ...args], options: { cwd: project, timeout, env } }
}

/**
 * Runs `intermodal …` or `npx intermodal …` from source. A `# exits with N` after it is part of the test; `> FILE` keeps what
 * it prints.
 */
async function type(line: string): Promise<string> {
  const [, typed = '', file, expected = '0'] =
    line.match(/^(.*?)(?: > (\S+))?(?:\s+# exits with (\d+))?$/) ?? []
  const { args, options } = commandOf(typed)
  const { stdout, stderr, code } = await run(process.execPath, args, options).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  )
  expect(`${typed} exits with ${code}\n${stderr}`).toContain(`${typed} exits with ${expected}\n`)
  if (file === undefined) return stdout
  await writeFile(join(project, file), stdout)
  return ''
}
