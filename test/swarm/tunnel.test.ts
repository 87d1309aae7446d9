import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { swarm } from 'intermodal/swarm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeEngine, json } from './fake-engine.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'intermodal-fake-ssh-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** A program in the place of ssh: writes down how it was called, then does as the test says. */
async function fakeSsh(body: string): Promise<{ command: string; calls(): Promise<string[][]> }> {
  const command = path.join(directory, 'ssh')
  const log = path.join(directory, 'calls')
  await writeFile(
    command,
    `#!${process.execPath}
const fs = require('node:fs')
const net = require('node:net')
const given = process.argv.slice(2)
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify(given) + '\\n')
${body}`,
  )
  await chmod(command, 0o755)
  return {
    command,
    calls: async () =>
      (await readFile(log, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[]),
  }
}

/** Carries the local socket to the remote one, as `ssh -L` does. */
const FORWARD = `
const [local, remote] = given[given.indexOf('-L') + 1].split(':')
net.createServer((near) => {
  const far = net.connect(remote)
  near.pipe(far).pipe(near)
  near.on('error', () => far.destroy())
  far.on('error', () => near.destroy())
}).listen(local)`

const call = () => ({ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY })

describe('an engine behind ssh', () => {
  it('is reached through one tunnel that checks the host key and asks nothing', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []))
    const ssh = await fakeSsh(FORWARD)
    const host = `ssh://me@manager:2222${engine.socketPath}`
    await using adapter = swarm({ host, sshCommand: ssh.command })
    await Promise.all(Array.from({ length: 8 }, () => adapter.nodes?.(call())))
    await adapter.nodes?.(call())
    const calls = await ssh.calls()
    expect(calls).toHaveLength(1)
    const [given = []] = calls
    expect(given.slice(-2)).toEqual(['--', 'manager'])
    expect(given).toEqual(
      expect.arrayContaining(['StrictHostKeyChecking=yes', 'BatchMode=yes', '2222', 'me']),
    )
  })

  it('is reached again by a new tunnel when ssh has ended', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []))
    // Ends with its first connection.
    const ssh = await fakeSsh(
      FORWARD.replace('(near) => {', "(near) => {\n  near.on('close', () => process.exit(0))"),
    )
    const host = `ssh://manager${engine.socketPath}`
    await using adapter = swarm({ host, sshCommand: ssh.command })
    const attempt = () => adapter.nodes?.(call()).catch((error: unknown) => error)
    let outcome: unknown
    while ((await ssh.calls().catch(() => [])).length < 2) outcome = await attempt()
    expect(outcome).toBeDefined()
  })

  it('leaves nothing behind when the adapter is disposed of', async () => {
    await using engine = await fakeEngine((_, response) => json(response, 200, []))
    const ssh = await fakeSsh(FORWARD)
    const host = `ssh://manager${engine.socketPath}`
    const adapter = swarm({ host, sshCommand: ssh.command })
    await adapter.nodes?.(call())
    const [given = []] = await ssh.calls()
    const [local = ''] = (given[given.indexOf('-L') + 1] ?? '').split(':')
    expect(await readdir(path.dirname(local))).toEqual(['docker.sock'])
    await adapter[Symbol.asyncDispose]()
    await expect(readdir(path.dirname(local))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([
    ['Host key verification failed.', 'UNAUTHENTICATED', /host key/],
    ['me@manager: Permission denied (publickey).', 'UNAUTHENTICATED', /refused/],
    ['ssh: Could not resolve hostname manager: Name or service not known', 'UNAVAILABLE', /name/],
    [
      'ssh: connect to host manager port 22: Connection refused',
      'UNAVAILABLE',
      /cannot be reached/,
    ],
    ['something nobody knows', 'UNAVAILABLE', /ssh ended/],
  ])('says why not: %s', async (stderr, code, message) => {
    const ssh = await fakeSsh(`console.error(${JSON.stringify(stderr)}); process.exit(255)`)
    await using adapter = swarm({ host: 'ssh://manager', sshCommand: ssh.command })
    await expect(adapter.nodes?.(call())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    })
  })

  it('says which program is missing', async () => {
    const sshCommand = path.join(directory, 'absent')
    await using adapter = swarm({ host: 'ssh://manager', sshCommand })
    await expect(adapter.nodes?.(call())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      remedy: expect.stringContaining('ssh client'),
    })
  })
})
