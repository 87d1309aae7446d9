import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { workshop } from './cli.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const DEMO = fileURLToPath(new URL('../../examples/demo.ts', import.meta.url))

interface Spawned {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

function start(file: string, args: readonly string[], { cwd, env }: Spawned = {}): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=@intermodal/source', file, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function finish(child: ChildProcess) {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

async function saw(child: ChildProcess, words: string): Promise<void> {
  let seen = ''
  for await (const chunk of child.stderr ?? []) {
    seen += chunk
    if (seen.includes(words)) return
  }
  throw new Error(`it ended without "${words}": ${seen}`)
}

// Each test starts Node, which takes its time on a busy machine.
describe('the program', { timeout: 60_000 }, () => {
  it('ends with its exit code, although its standard input stays open', async () => {
    const { folder, env } = await workshop({ 'bad.yaml': 'id: /a\n' })
    const child = start(MAIN, ['apply', '-f', 'bad.yaml'], { cwd: folder, env })
    expect(await finish(child)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bad.yaml:1:1 /image is missing'),
    })
  })

  it('reads an app from a pipe', async () => {
    const { folder, env } = await workshop()
    const child = start(MAIN, ['plan', '-f', '-'], { cwd: folder, env })
    child.stdin?.end('id: /a\nimage: a:1\n')
    expect(await finish(child)).toMatchObject({ code: 0, stdout: expect.stringContaining('+ /a') })
  })

  it('leaves the rollout going on SIGINT, and ends with 130', async () => {
    const { folder, env, cli } = await workshop({ 'web.yaml': 'id: /web\nimage: web:1\n' })
    const slow = { ...env, INTERMODAL_TARGET: 'simulated:?speed=1' }
    const child = start(MAIN, ['apply', '-f', 'web.yaml'], { cwd: folder, env: slow })
    const ended = once(child, 'close')
    const rest = saw(child, '0 of 1 ready').then(() => child.kill('SIGINT'))
    await rest
    expect((await ended)[0]).toBe(130)
    expect((await cli('follow web')).code).toBe(0)
  })

  it('is quiet when nobody reads its output any more', async () => {
    const { folder, env, cli } = await workshop({ 'web.yaml': 'id: /web\nimage: web:1\n' })
    await cli('apply -f web.yaml')
    const child = start(MAIN, ['ps', '--watch', '-o', 'json'], {
      cwd: folder,
      env: { ...env, INTERMODAL_TARGET: 'simulated:?speed=200' },
    })
    child.stdout?.destroy()
    const [stderr, [code]] = await Promise.all([
      child.stderr ? text(child.stderr) : '',
      once(child, 'close'),
    ])
    expect([stderr, code]).toEqual(['', 141])
  })
})

describe('the demo', { timeout: 60_000 }, () => {
  it('shows the whole life of the shop, the same on every run', async () => {
    const [one, two] = await Promise.all([finish(start(DEMO, [])), finish(start(DEMO, []))])
    expect(one.stderr).toBe('')
    expect(one.code).toBe(0)
    expect(two.stdout).toBe(one.stdout)
    for (const words of [
      '+ /shop/store  create with 2 replicas',
      '✔ /shop/web  3 of 3 ready',
      '✔ /shop/migrate  completed 1 of 1',
      '~ /shop/web  rolling restart of 3 instances',
      "RolloutError { code: 'ROLLOUT_FAILED', outcome: 'rolledBack' }",
      'ImageNotFound',
      '✔ /shop/web  5 of 5 ready',
      'suspended: no instances',
      'NodeLost: node-2 does not answer',
      'nothing is left',
    ])
      expect(one.stdout).toContain(words)
  })
})
