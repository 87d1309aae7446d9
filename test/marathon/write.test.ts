import { type App, defineApp } from 'intermodal'
import type { MarathonOptions } from 'intermodal/marathon'
import { describe, expect, it } from 'vitest'
import { translate } from '../../adapters/marathon/translate.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type Answerer, adapterFor, call, json, marathonLike, serve } from './server.ts'

type Response = Parameters<Answerer>[1]
type Seen = Parameters<Answerer>[0]

const app = defineApp({ id: '/shop/web', image: 'shop/web:1', replicas: 2 })
const next = defineApp({ id: '/shop/web', image: 'shop/web:2', replicas: 2 })
const OLD = '2026-01-01T00:00:00.000Z'
const NEW = '2026-01-01T00:01:00.000Z'

/** One app, its versions, and what is done to it, as Marathon keeps them. */
function keeper(first?: App) {
  const versions = new Map<string, object>()
  let version = OLD
  if (first) versions.set(OLD, { ...translate(first, { version: '1.10.26' }).native, version: OLD })
  const put = (body: string) => {
    const sent = JSON.parse(body)
    const before = versions.get(version)
    version = NEW
    versions.set(NEW, { ...(Object.keys(sent).length < 4 ? before : {}), ...sent, version: NEW })
    return { version: NEW, deploymentId: 'd1' }
  }
  const routes: Record<string, unknown> = {
    'GET /v2/apps/shop/web': (_: Seen, response: Response) => {
      const live = versions.get(version)
      if (!live) return json(response, 404, { message: "App '/shop/web' does not exist" })
      json(response, 200, { app: { ...live, tasks: [], deployments: [] } })
    },
    'GET /v2/apps/shop/web/versions': (_: Seen, response: Response) =>
      json(response, 200, { versions: [...versions.keys()].reverse() }),
    'PUT /v2/apps/shop/web': (seen: Seen, response: Response) =>
      json(response, 200, put(seen.body)),
  }
  for (const at of [OLD, NEW]) {
    routes[`GET /v2/apps/shop/web/versions/${encodeURIComponent(at)}`] = (
      _: Seen,
      response: Response,
    ) => json(response, 200, versions.get(at))
  }
  return { routes, put }
}

async function withOptions<T>(
  routes: Readonly<Record<string, unknown>>,
  options: MarathonOptions,
  run: (
    adapter: ReturnType<typeof adapterFor>,
    writes: () => readonly { url: string; body: string; headers: Seen['headers'] }[],
  ) => Promise<T>,
): Promise<T> {
  await using server = await serve(marathonLike(routes))
  await using adapter = adapterFor(server.url, options)
  return await run(adapter, () => server.seen.filter(({ method }) => method !== 'GET'))
}

describe('apply', () => {
  it('sends the whole definition, nothing that the server writes, and how long it is', async () => {
    await withServer(keeper(app).routes, async (adapter, writes) => {
      const revision = await adapter.apply(next, call())
      expect(revision).toMatchObject({ app: '/shop/web', changed: true, replicas: 2 })
      expect(revision.previous).toBeDefined()
      const [write] = writes()
      expect(write?.url).toBe('/v2/apps/shop/web?partialUpdate=false')
      expect(write?.headers['content-length']).toBe(String(Buffer.byteLength(write?.body ?? '')))
      expect(Object.keys(JSON.parse(write?.body ?? '{}'))).not.toContain('version')
    })
  })

  it('writes nothing when nothing changed, and only the count when only that did', async () => {
    await withServer(keeper(app).routes, async (adapter, writes) => {
      expect(await adapter.apply(app, call())).toMatchObject({ changed: false })
      expect(writes()).toEqual([])
      const more = defineApp({ id: '/shop/web', image: 'shop/web:1', replicas: 5 })
      const revision = await adapter.apply(more, call())
      expect(revision).toMatchObject({ changed: true, replicas: 5 })
      expect(JSON.parse(writes()[0]?.body ?? '')).toEqual({ instances: 5 })
    })
  })

  it('looks a write up that nobody answered, instead of repeating it', async () => {
    const clock = new ManualClock()
    const { routes, put } = keeper(app)
    const lost = (seen: Seen, response: Response) => {
      put(seen.body)
      response.destroy()
    }
    await withOptions(
      { ...routes, 'PUT /v2/apps/shop/web': lost },
      { clock },
      async (adapter, writes) => {
        const applying = adapter.apply(next, call())
        const revision = await advancing(clock, applying)
        expect(revision).toMatchObject({ changed: true })
        expect(writes().length).toBe(1)
      },
    )
  })

  it('tells the failure of a write that is not there afterwards, without a second one', async () => {
    const clock = new ManualClock()
    const lost = (_: Seen, response: Response) => json(response, 502, {})
    const { routes } = keeper(app)
    await withOptions(
      { ...routes, 'PUT /v2/apps/shop/web': lost },
      { clock },
      async (adapter, writes) => {
        const applying = adapter.apply(next, call())
        await expect(advancing(clock, applying)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        expect(writes().length).toBe(1)
      },
    )
  })

  it('is refused while a deployment holds the app, and goes over it only when asked to', async () => {
    const { routes, put } = keeper(app)
    const locked = (seen: Seen, response: Response) =>
      seen.url.includes('force=true')
        ? json(response, 200, put(seen.body))
        : json(response, 409, { message: 'locked', deployments: [{ id: 'd0' }] })
    await withServer({ ...routes, 'PUT /v2/apps/shop/web': locked }, async (adapter, writes) => {
      await expect(adapter.apply(next, call())).rejects.toMatchObject({ code: 'LOCKED' })
      expect(writes().length).toBe(1)
      expect(await adapter.apply(next, call({ force: true }))).toMatchObject({ changed: true })
    })
  })

  it('waits for the lock to go when it is told to wait', async () => {
    const clock = new ManualClock()
    const { routes, put } = keeper(app)
    let looks = 0
    const held = () => looks < 3
    const locked = {
      ...routes,
      'GET /v2/deployments': (_: Seen, response: Response) => {
        looks++
        json(response, 200, held() ? [{ id: 'd0', affectedApps: ['/shop/web'] }] : [])
      },
      'PUT /v2/apps/shop/web': (seen: Seen, response: Response) =>
        held()
          ? json(response, 409, { message: 'locked', deployments: [{ id: 'd0' }] })
          : json(response, 200, put(seen.body)),
    }
    await withOptions(locked, { clock, whenLocked: 'wait' }, async (adapter) => {
      expect(await advancing(clock, adapter.apply(next, call()))).toMatchObject({ changed: true })
    })
  })

  it('leaves a Marathon in peace that has too much to do', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ id: `d${index}`, affectedApps: [] }))
    const routes = { ...keeper(app).routes, 'GET /v2/deployments': many }
    await withOptions(routes, { maxDeployments: 10 }, async (adapter, writes) => {
      await expect(adapter.apply(next, call())).rejects.toMatchObject({ code: 'THROTTLED' })
      expect(writes()).toEqual([])
    })
  })

  it('leaves an app of others alone, unless it is told to take it', async () => {
    const theirs = { id: '/shop/web', cmd: 'sleep 1', instances: 1, version: OLD, tasks: [] }
    const routes = { ...keeper().routes, 'GET /v2/apps/shop/web': { app: theirs } }
    await withServer(routes, async (adapter, writes) => {
      await expect(adapter.apply(app, call())).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(writes()).toEqual([])
    })
  })
})

describe('scale', () => {
  it('keeps what a partial update would take away', async () => {
    const limits = { resourceLimits: { mem: 512 }, executorResources: { cpus: 0.2 } }
    const live = { id: '/shop/web', instances: 1, version: OLD, tasks: [], ...limits }
    const routes = { ...keeper(app).routes, 'GET /v2/apps/shop/web': { app: live } }
    await withServer(routes, async (adapter, writes) => {
      await adapter.scale?.('/shop/web', 3, call())
      expect(JSON.parse(writes()[0]?.body ?? '')).toEqual({ instances: 3, ...limits })
    })
  })

  it('says that the app is gone when it is removed in between', async () => {
    const { routes } = keeper(app)
    const there = routes['GET /v2/apps/shop/web'] as Answerer
    let removed = false
    const racing: Record<string, unknown> = {
      ...routes,
      'GET /v2/apps/shop/web': (seen: Seen, response: Response) =>
        removed ? json(response, 404, { message: 'gone' }) : there(seen, response),
      'PUT /v2/apps/shop/web': (_: Seen, response: Response) => {
        removed = true
        json(response, 422, { message: 'Object is not valid' })
      },
    }
    await withServer(racing, async (adapter) => {
      await expect(adapter.scale?.('/shop/web', 3, call())).rejects.toMatchObject({
        code: 'APP_NOT_FOUND',
      })
    })
  })
})

function withServer<T>(
  routes: Readonly<Record<string, unknown>>,
  run: Parameters<typeof withOptions<T>>[2],
): Promise<T> {
  return withOptions(routes, {}, run)
}

/** Lets time pass until the promise settles. */
async function advancing<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let settled = false
  const note = () => {
    settled = true
  }
  promise.then(note, note)
  while (!settled) await clock.advance(250)
  return promise
}
