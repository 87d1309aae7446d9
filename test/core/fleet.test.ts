import {
  type AppStatus,
  type Call,
  connect,
  type Event,
  type EventsOptions,
  type Fleet,
  type FleetList,
  fleet,
  IntermodalError,
} from 'intermodal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { instance, status } from '../support/statuses.ts'

const sick = (id: AppStatus['id']) =>
  status(id, {
    desired: 2,
    instances: [instance(`${id}-1`), instance(`${id}-2`, { ready: false, health: 'unhealthy' })],
    rollout: { state: 'succeeded', revision: 'r1' },
  })

let prod: ScriptedAdapter
let legacy: ScriptedAdapter
let clock: ManualClock
let estate: Fleet<'prod' | 'legacy'>

beforeEach(() => {
  prod = new ScriptedAdapter()
  legacy = new ScriptedAdapter()
  clock = new ManualClock()
  estate = fleet({ prod, legacy }, { clock, retries: 0, timeout: '10s', idle: '10m' })
})

afterEach(async () => {
  await estate[Symbol.asyncDispose]()
})

const gone = () => Promise.reject(new IntermodalError('UNAVAILABLE', 'nothing answers'))
/** Never answers, as a stopped daemon does. */
const hangs = (_name: string, call: Call) =>
  new Promise<void>((_, reject) => {
    call.signal.addEventListener('abort', () => reject(call.signal.reason))
  })

async function all(list: FleetList): Promise<string[]> {
  const told: string[] = []
  for await (const { ref, status } of list)
    told.push(`${ref} ${status.state}${status.observed.stale ? ' (stale)' : ''}`)
  return told.sort()
}

describe('a list over a fleet', () => {
  beforeEach(() => {
    prod.app(status('/shop/web'), status('/infra/dns'))
    legacy.app(sick('/shop/web'))
  })

  it('has the apps of every cluster, each under the name of its cluster', async () => {
    expect(await all(estate.list())).toEqual([
      'legacy:/shop/web degraded',
      'prod:/infra/dns running',
      'prod:/shop/web running',
    ])
  })

  it('takes the selector to every cluster', async () => {
    expect(await all(estate.list({ group: '/infra' }))).toEqual(['prod:/infra/dns running'])
  })

  it('finds what is degraded, anywhere', async () => {
    expect(await all(estate.list({}, { states: ['degraded', 'failed'] }))).toEqual([
      'legacy:/shop/web degraded',
    ])
  })

  it('asks nobody before it is read', async () => {
    estate.list()
    await settle()
    expect([...prod.calls, ...legacy.calls]).toEqual([])
  })

  it('shows what was last seen of a cluster that is gone, marked stale, and says so', async () => {
    await all(estate.list())
    legacy.onCall = gone
    const list = estate.list()
    expect(await all(list)).toEqual([
      'legacy:/shop/web degraded (stale)',
      'prod:/infra/dns running',
      'prod:/shop/web running',
    ])
    expect(list.problems).toMatchObject([
      { cluster: 'legacy', stale: 1, error: { code: 'UNAVAILABLE', cluster: 'legacy' } },
    ])
  })

  it('does not make one cluster wait for another that never answers', async () => {
    legacy.onCall = hangs
    const list = estate.list()
    const first = [await list.next(), await list.next()]
    expect(first.map(({ value }) => value?.ref).sort()).toEqual([
      'prod:/infra/dns',
      'prod:/shop/web',
    ])
    const end = list.next()
    await clock.advance(10_000)
    expect(await end).toEqual({ done: true, value: undefined })
    expect(list.problems).toMatchObject([{ cluster: 'legacy', error: { code: 'TIMEOUT' } }])
  })

  it('knows what was seen by events, too', async () => {
    const events = estate.events()
    await seen(events, (event) => event.type === 'stream.synced', 2)
    await events.return?.()
    legacy.onCall = gone
    expect(await all(estate.list({}, { states: ['degraded'] }))).toEqual([
      'legacy:/shop/web degraded (stale)',
    ])
  })

  it('forgets an app that a later list no longer has', async () => {
    await all(estate.list())
    legacy.tell({ type: 'gone', id: '/shop/web' })
    await all(estate.list())
    legacy.onCall = gone
    expect(await all(estate.list())).toEqual(['prod:/infra/dns running', 'prod:/shop/web running'])
  })

  it('keeps what a narrower list did not ask for', async () => {
    await all(estate.list())
    await all(estate.list({ group: '/infra' }))
    legacy.onCall = gone
    expect(await all(estate.list())).toContain('legacy:/shop/web degraded (stale)')
  })

  it('throws the reason of an abort, unwrapped', async () => {
    legacy.onCall = hangs
    const leaving = new AbortController()
    const end = all(estate.list({}, { signal: leaving.signal }))
    await settle()
    const reason = new Error('never mind')
    leaving.abort(reason)
    await expect(end).rejects.toBe(reason)
  })

  it('ends the calls when it is left', async () => {
    let given: AbortSignal | undefined
    legacy.onCall = (name, call) => {
      given = call.signal
      return hangs(name, call)
    }
    for await (const _ of estate.list()) break
    expect(given?.aborted).toBe(true)
  })
})

describe('the status of one app of a fleet', () => {
  it('is found by its reference, written or as data', async () => {
    prod.app(status('/shop/web'))
    await expect(estate.status('prod:/shop/web')).resolves.toMatchObject({ state: 'running' })
    await expect(estate.status({ cluster: 'legacy', app: '/shop/web' })).resolves.toBeUndefined()
  })

  it('is the last known, marked stale, when the cluster does not answer', async () => {
    prod.app(status('/shop/web'))
    await estate.status('prod:/shop/web')
    prod.onCall = gone
    await expect(estate.status('prod:/shop/web')).resolves.toMatchObject({
      state: 'running',
      observed: { stale: true },
    })
  })

  it('is the failure when nothing was known', async () => {
    prod.onCall = gone
    await expect(estate.status('prod:/shop/web')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('is the failure when the cluster did answer, but not kindly', async () => {
    prod.app(status('/shop/web'))
    await estate.status('prod:/shop/web')
    prod.onCall = () => Promise.reject(new IntermodalError('FORBIDDEN', 'you may not'))
    await expect(estate.status('prod:/shop/web')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('names the nearest cluster for one that does not exist', async () => {
    await expect(estate.status('prdo:/shop/web')).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: 'the fleet has no cluster "prdo"',
      remedy: 'did you mean "prod"? It has: prod, legacy',
    })
  })
})

/** Reads until so many events are as asked for. */
async function seen(
  events: AsyncIterator<Event>,
  wanted: (event: Event) => boolean,
  times = 1,
): Promise<Event[]> {
  const told: Event[] = []
  for (let found = 0; found < times; ) {
    const { done, value } = await events.next()
    if (done) throw new Error('the events ended')
    told.push(value)
    if (wanted(value)) found++
  }
  return told
}

const inWords = (event: Event) =>
  `${event.cluster} ${event.type}${'app' in event ? ` ${event.app}` : ''}`

describe('the events of a fleet', () => {
  const synced = (event: Event) => event.type === 'stream.synced'
  const open = (options: EventsOptions = {}) => estate.events({ heartbeat: '1h', ...options })

  beforeEach(() => {
    prod.app(status('/shop/web'))
    legacy.app(status('/shop/old'))
  })

  it('come from every cluster, numbered in one row', async () => {
    const events = open()
    const told = await seen(events, synced, 2)
    expect(told.map(inWords)).toEqual(
      expect.arrayContaining(['prod app.added /shop/web', 'legacy app.added /shop/old']),
    )
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1))
    legacy.app(sick('/shop/old'))
    await expect(events.next()).resolves.toMatchObject({
      value: { cluster: 'legacy', type: 'app.changed', app: '/shop/old' },
    })
    await events.return?.()
  })

  it('go by the name the fleet has for a cluster, also where its client has another', async () => {
    await using own = fleet({ west: connect(prod, { name: 'east', clock }) })
    const events = own.events()
    const [first] = await seen(events, synced)
    expect(first?.cluster).toBe('west')
    await events.return?.()
  })

  it('tell that one cluster is lost, and go on with the others', async () => {
    const events = open()
    await seen(events, synced, 2)
    legacy.tell({ type: 'lost', error: new IntermodalError('UNAVAILABLE', 'reset') })
    const told = await seen(events, ({ type }) => type === 'cluster.lost')
    expect(told.at(-1)).toMatchObject({ cluster: 'legacy' })
    prod.app(sick('/shop/web'))
    const more = await seen(events, ({ type }) => type === 'app.changed')
    expect(more.at(-1)).toMatchObject({ cluster: 'prod', app: '/shop/web' })
    await events.return?.()
  })

  it('are dated by the clock of a client that was given', async () => {
    prod.onCall = async (name) => {
      if (name === 'watch') throw new IntermodalError('FORBIDDEN', 'you may not watch')
    }
    await using own = fleet({ prod: connect(prod, { clock }), legacy: connect(legacy, { clock }) })
    const events = own.events()
    const told = await seen(events, ({ type }) => type === 'cluster.lost')
    expect(told.at(-1)?.time).toBe(clock.now())
    await events.return?.()
  })

  it('tell that a cluster is lost for good when its client gives up, and go on with the others', async () => {
    legacy.onCall = async (name) => {
      if (name === 'watch') throw new IntermodalError('FORBIDDEN', 'you may not watch')
    }
    const events = open()
    const told = await seen(events, synced)
    const rest = told.some(({ type }) => type === 'cluster.lost')
      ? told
      : [...told, ...(await seen(events, ({ type }) => type === 'cluster.lost'))]
    expect(rest.map(inWords)).toEqual(
      expect.arrayContaining(['prod app.added /shop/web', 'legacy cluster.lost']),
    )
    prod.app(sick('/shop/web'))
    await seen(events, ({ type }) => type === 'app.changed')
    await events.return?.()
  })

  it('throw when no cluster is left that could tell anything', async () => {
    const refuse = async (name: string) => {
      if (name === 'watch') throw new IntermodalError('FORBIDDEN', 'you may not watch')
    }
    prod.onCall = refuse
    legacy.onCall = refuse
    const events = open()
    const told = await seen(events, ({ type }) => type === 'cluster.lost', 2)
    expect(told.map(({ cluster }) => cluster).sort()).toEqual(['legacy', 'prod'])
    await expect(events.next()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('go on in every cluster from one cursor', async () => {
    const before = open()
    const [last] = (await seen(before, synced, 2)).slice(-1)
    const hold = open()
    await seen(hold, synced, 2)
    await before.return?.()
    prod.app(sick('/shop/web'))
    legacy.app(sick('/shop/old'))
    await seen(hold, ({ type }) => type === 'app.changed', 2)
    const after = open({ since: last?.cursor })
    const told = await seen(after, ({ type }) => type === 'app.changed', 2)
    expect(told.map(inWords).filter((words) => !words.includes('instance'))).toEqual(
      expect.arrayContaining(['prod app.changed /shop/web', 'legacy app.changed /shop/old']),
    )
    expect(told.map(({ type }) => type)).not.toContain('app.added')
    await Promise.all([hold.return?.(), after.return?.()])
  })

  it('begin with a gap and everything after a cursor that nobody remembers', async () => {
    const events = open({ since: 'long ago' })
    const told = await seen(events, synced, 2)
    expect(told.map(inWords)).toEqual(
      expect.arrayContaining([
        'prod stream.gap',
        'legacy stream.gap',
        'prod app.added /shop/web',
        'legacy app.added /shop/old',
      ]),
    )
    await events.return?.()
  })

  it('close every connection when they are left', async () => {
    const events = open()
    await seen(events, synced, 2)
    await events.return?.()
    await settle()
    expect([prod.watches.length, legacy.watches.length]).toEqual([0, 0])
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it('wake a reader that waits when they are left', async () => {
    const events = open()
    await seen(events, synced, 2)
    const waiting = events.next()
    await events.return?.()
    await expect(waiting).resolves.toEqual({ done: true, value: undefined })
  })

  it('throw the reason of an abort, unwrapped', async () => {
    const leaving = new AbortController()
    const events = open({ signal: leaving.signal })
    await seen(events, synced, 2)
    const reason = new Error('Ctrl-C')
    const waiting = events.next()
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})

describe('the summary of a fleet', () => {
  it('counts apps, states and instances by cluster and in all', async () => {
    prod.app(status('/shop/web'), status('/infra/dns'))
    legacy.app(sick('/shop/web'))
    await expect(estate.summary()).resolves.toMatchObject({
      clusters: [
        {
          cluster: 'prod',
          kind: 'scripted',
          apps: 2,
          states: { running: 2 },
          worst: 'running',
          instances: { desired: 2, ready: 2 },
        },
        { cluster: 'legacy', apps: 1, worst: 'degraded', instances: { desired: 2, ready: 1 } },
      ],
      total: {
        apps: 3,
        states: { running: 2, degraded: 1 },
        worst: 'degraded',
        instances: { desired: 4, ready: 3 },
      },
    })
  })

  it('cannot say how a cluster is that does not answer', async () => {
    prod.app(status('/shop/web'))
    legacy.onCall = gone
    const { clusters, total } = await estate.summary()
    expect(clusters).toMatchObject([
      { worst: 'running' },
      { worst: 'unknown', apps: 0, problem: { code: 'UNAVAILABLE' } },
    ])
    expect(total.worst).toBe('unknown')
  })
})

describe('a fleet', () => {
  it('gives each client by its name', async () => {
    expect(estate.client('prod')).toBe(estate.clients.prod)
    expect(estate.client('prod').cluster).toBe('prod')
  })

  it('asks only those clusters for nodes that tell them', async () => {
    await expect(estate.nodes()).resolves.toEqual({ nodes: [], problems: [] })
    const nodes = [
      { id: 'a', name: 'a', state: 'ready', attributes: {}, capacity: {}, reserved: {} },
    ] as const
    const telling = (answer: () => Promise<typeof nodes>) => {
      const adapter = new ScriptedAdapter()
      return Object.assign(adapter, {
        capabilities: { ...adapter.capabilities, nodes: true },
        nodes: answer,
      })
    }
    await using other = fleet(
      { good: telling(async () => nodes), bad: telling(gone), none: new ScriptedAdapter() },
      { clock, retries: 0 },
    )
    await expect(other.nodes()).resolves.toMatchObject({
      nodes: [{ cluster: 'good', node: { id: 'a' } }],
      problems: [{ cluster: 'bad', error: { code: 'UNAVAILABLE' } }],
    })
  })

  it('closes every client, those it was given as well, and once', async () => {
    const given = new ScriptedAdapter()
    const other = fleet({ a: new ScriptedAdapter(), b: connect(given) })
    await other[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    expect(given.calls).toEqual(['dispose'])
    await expect(other.status('b:/shop/web')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
