import Docker from 'dockerode'
import { type Call, type Clock, defineApp, systemClock } from 'intermodal'
import { type DockerLike, swarm } from 'intermodal/swarm'
import { describe, expect, it } from 'vitest'
import { type FakeEngine, fakeEngine, type Handler, json } from './fake-engine.ts'

const SECRET = 'hunter2'
const ENCODED = Buffer.from(SECRET).toString('base64')

const call = (): Call & { readonly force: boolean } => ({
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  force: false,
})

/** Takes every creation and has it from then on, as the engine would. */
function keeper(): Handler {
  const kept: Record<string, unknown[]> = { services: [], secrets: [], configs: [], networks: [] }
  return (request, response) => {
    const [, what = '', action] = /^\/v1\.41\/(\w+)(?:\/(\w+))?/.exec(request.url ?? '') ?? []
    if (request.method === 'GET') return json(response, 200, kept[what] ?? [])
    if (action !== 'create') return json(response, 404, { message: 'page not found' })
    const index = Object.values(kept).flat().length + 1
    const date = '2026-11-22T12:00:00Z'
    const row = { ID: `id${index}`, Version: { Index: index }, CreatedAt: date, UpdatedAt: date }
    const body = JSON.parse(bodies.get(request) ?? '{}') as { readonly Name: string }
    kept[what]?.push(
      what === 'networks'
        ? { ...body, Id: row.ID, Scope: 'swarm' }
        : { ...row, Spec: body, Endpoint: {} },
    )
    return json(response, 201, { ID: row.ID, Id: row.ID })
  }
}

const bodies = new WeakMap<object, string>()

/** The fake keeps bodies for the test; a handler needs them as well. */
async function keepingEngine(): Promise<FakeEngine> {
  const handle = keeper()
  const engine: FakeEngine = await fakeEngine((request, response) => {
    bodies.set(request, engine.requests.at(-1)?.body ?? '')
    handle(request, response)
  })
  return engine
}

const app = defineApp({
  id: '/shop/web',
  image: 'registry.example.com/web:1',
  env: { TOKEN: SECRET },
  files: { '/run/key': { secret: 'key' } },
  registryAuth: { secret: 'registry' },
})

/** Ours, and the plain client of someone else. */
const ways: readonly [string, (engine: FakeEngine, clock?: Clock) => ReturnType<typeof swarm>][] = [
  [
    'with its own transport',
    (engine, clock) =>
      swarm({
        host: `unix://${engine.socketPath}`,
        registries: { registry: { username: 'me', password: SECRET } },
        clock,
      }),
  ],
  [
    'with a client that was given',
    (engine, clock) =>
      swarm({
        docker: plainClient(engine.socketPath),
        registries: { registry: { username: 'me', password: SECRET } },
        clock,
      }),
  ],
]

function plainClient(socketPath: string): DockerLike {
  const Client = Docker as unknown as new (options: object) => DockerLike
  return new Client({ socketPath, version: 'v1.41' })
}

describe.each(ways)('the adapter %s', (_, open) => {
  it('puts secrets, environment and credentials where they belong, and into no address', async () => {
    await using engine = await keepingEngine()
    await using adapter = open(engine)
    await adapter.putSecret?.({ name: 'key', data: SECRET }, call())
    await adapter.apply(app, call())
    const writes = engine.requests.filter(({ line }) => line.startsWith('POST'))
    expect(writes.map(({ line }) => line.replace(/\?$/, ''))).toEqual([
      'POST /v1.41/secrets/create',
      'POST /v1.41/networks/create',
      'POST /v1.41/configs/create',
      'POST /v1.41/services/create',
    ])
    for (const { line } of engine.requests) expect(line).not.toMatch(`${SECRET}|${ENCODED}`)
    const [secret, , , service] = writes
    expect(JSON.parse(secret?.body ?? '')).toMatchObject({ Data: ENCODED })
    const auth = Buffer.from(String(service?.headers['x-registry-auth']), 'base64url').toString()
    expect(JSON.parse(auth)).toEqual({ username: 'me', password: SECRET })
    expect(service?.body).not.toContain('password')
  })

  it('gives a call that is never answered its own deadline', async () => {
    await using engine = await fakeEngine(() => {})
    const clock = deadlineClock()
    await using adapter = open(engine, clock)
    const nodes = adapter.nodes?.(call())
    await engine.received(1)
    clock.expire()
    await expect(nodes).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })

  it('gives a call whose answer breaks off an end', async () => {
    await using engine = await fakeEngine((request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
      response.write('[{"ID":')
      setImmediate(() => request.socket.destroy())
    })
    const clock = deadlineClock()
    await using adapter = open(engine, clock)
    const nodes = adapter.nodes?.(call())
    const ended = nodes?.then(
      () => 'resolved',
      ({ code }) => code as string,
    )
    await engine.received(2)
    // docker-modem never says so: there the deadline has to.
    clock.expire()
    expect(['UNAVAILABLE', 'TIMEOUT']).toContain(await ended)
  })

  it("rethrows the caller's reason and says nothing of its own", async () => {
    await using engine = await fakeEngine(() => {})
    await using adapter = open(engine)
    const stop = new AbortController()
    const nodes = adapter.nodes?.({ ...call(), signal: stop.signal })
    await engine.received(1)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(nodes).rejects.toBe(reason)
  })

  it.each([
    [503, 'This node is not a swarm manager.', 'UNSUPPORTED'],
    [500, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded', 'UNAVAILABLE'],
  ])("says in the model's words that %i: %s", async (status, message, code) => {
    await using engine = await fakeEngine((_, response) => json(response, status, { message }))
    await using adapter = open(engine)
    await expect(adapter.nodes?.(call())).rejects.toMatchObject({ code })
  })

  it('refuses what is no Docker engine', async () => {
    await using engine = await fakeEngine((_, response) => response.end('<html>hello</html>'))
    await using adapter = open(engine)
    await expect(adapter.nodes?.(call())).rejects.toMatchObject({ code: 'PROTOCOL' })
  })
})

describe('an app that is removed while it is looked at', () => {
  it('is absent, not an error', async () => {
    let removed = false
    await using engine = await fakeEngine((request, response) => {
      const url = request.url ?? ''
      const row = {
        ...{ ID: 'svc', Version: { Index: 1 }, CreatedAt: '', UpdatedAt: '' },
        Spec: { Name: 'shop_web', TaskTemplate: {} },
      }
      if (url.includes('/services')) json(response, 200, removed ? [] : [row])
      else if (url.includes('service')) {
        removed = true
        json(response, 404, { message: 'service svc not found' })
      } else json(response, 200, [])
    })
    await using adapter = swarm({ host: `unix://${engine.socketPath}` })
    expect(await adapter.observe('/shop/web', call())).toBeUndefined()
    expect(removed).toBe(true)
  })
})

describe('an app that names credentials of a registry', () => {
  it('is refused before anything is written when they were not given', async () => {
    await using engine = await keepingEngine()
    await using adapter = swarm({ host: `unix://${engine.socketPath}` })
    await expect(adapter.apply(app, call())).rejects.toMatchObject({
      code: 'APP_INVALID',
      remedy: expect.stringContaining("registries: { 'registry'"),
    })
    expect(engine.requests.filter(({ line }) => line.startsWith('POST'))).toEqual([])
  })
})

/** Real time, but deadlines only pass when told. */
function deadlineClock(): Clock & { expire(): void } {
  const timers = new Set<() => void>()
  return {
    now: systemClock.now,
    after(_, callback) {
      timers.add(callback)
      return () => timers.delete(callback)
    },
    expire() {
      for (const callback of [...timers]) callback()
    },
  }
}
