import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { workshop } from '../cli/cli.ts'
import { over } from './over-socket.ts'

it('serves a swarm until Ctrl-C, and tells each request', async () => {
  const { cli } = await workshop()
  const stop = new AbortController()
  const asked = Promise.withResolvers<unknown>()
  const { code } = await cli('fake swarm --port 0 --nodes 5', {
    interrupt: stop.signal,
    watch({ stdout }) {
      const url = /^(http:\S+) speaks the Docker Engine API of a swarm, on 5 nodes/.exec(
        stdout,
      )?.[1]
      if (url && !stdout.includes('/nodes'))
        fetch(`${url}/v1.41/nodes`)
          .then((answer) => answer.json())
          .then(asked.resolve, asked.reject)
      return stdout.includes('200 GET /nodes')
    },
  })
  expect(await asked.promise).toHaveLength(5)
  expect(code).toBe(0)
})

it('refuses more managers than there are nodes', async () => {
  const { cli } = await workshop()
  const { code, stderr } = await cli('fake swarm --port 0 --nodes 2 --managers 3')
  expect([code, stderr]).toEqual([2, expect.stringContaining('the world has 2 nodes')])
})

it.each([
  ['--nodes x', '"x" is no count'],
  ['--speed 0', '--speed "0" is no factor'],
  ['--members 9', 'the world has 3 nodes'],
  ['--port 70000', 'port'],
  ['--sockets /x', '--socket'],
])('refuses %s', async (flags, said) => {
  const { cli } = await workshop()
  const { code, stderr } = await cli(`fake swarm --port 0 ${flags}`)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
})

it('listens on a socket, and takes it along when it ends', async () => {
  const socket = path.join(await folder(), 'docker.sock')
  const one = await serving(socket)
  expect(one.told).toContain(`unix://${socket}`)
  expect(await over(socket, '/_ping')).toBe('OK')
  expect(await one.end()).toBe(0)
  await expect(access(socket)).rejects.toMatchObject({ code: 'ENOENT' })
})

it('leaves the socket of another alone', async () => {
  const place = await folder()
  const socket = path.join(place, 'docker.sock')
  const one = await serving(socket)
  const two = await serving(path.join(place, 'other.sock'))
  const { cli } = await workshop()
  const { code, stderr } = await cli(['fake', 'swarm', '--port', '0', '--socket', socket])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`there is something at ${socket} already`),
  ])
  expect(await over(socket, '/_ping')).toBe('OK')
  expect(await two.end()).toBe(0)
  expect(await over(socket, '/_ping')).toBe('OK')
  expect(await one.end()).toBe(0)
})

it('writes over no file', async () => {
  const socket = path.join(await folder(), 'docker.sock')
  await writeFile(socket, 'mine')
  const { cli } = await workshop()
  const { code, stderr } = await cli(['fake', 'swarm', '--port', '0', '--socket', socket])
  expect([code, stderr]).toEqual([2, expect.stringContaining('choose another path with --socket')])
  expect(await readFile(socket, 'utf8')).toBe('mine')
})

it('refuses a path for which a socket has no room, and one in no folder', async () => {
  const place = path.join(await folder(), 'x'.repeat(100))
  await mkdir(place)
  const { cli } = await workshop()
  const long = path.join(place, 'docker.sock')
  const { code, stderr } = await cli(['fake', 'swarm', '--port', '0', '--socket', long])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('the path of a socket has 103 bytes at most'),
  ])
  await expect(access(long)).rejects.toMatchObject({ code: 'ENOENT' })
  const nowhere = path.join(await folder(), 'none', 'docker.sock')
  const other = await cli(['fake', 'swarm', '--port', '0', '--socket', nowhere])
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining(`cannot make a socket at ${nowhere}`),
  ])
})

/** The command, once it serves; `end` is Ctrl-C, and gives its exit code. */
async function serving(socket: string) {
  const { cli } = await workshop()
  const stop = new AbortController()
  const told = Promise.withResolvers<string>()
  const ran = cli(['fake', 'swarm', '--port', '0', '--socket', socket], {
    interrupt: stop.signal,
    watch({ stdout }) {
      if (stdout.includes('Ctrl-C')) told.resolve(stdout)
      return false
    },
  })
  ran.then(({ stderr }) => told.reject(new Error(`it has ended: ${stderr}`)), told.reject)
  return {
    told: await told.promise,
    async end() {
      stop.abort()
      return (await ran).code
    },
  }
}

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'fake-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}
