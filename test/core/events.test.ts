import { connect, type Event, type EventsOptions, IntermodalError } from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { instance, status } from '../support/statuses.ts'

let adapter: ScriptedAdapter
let clock: ManualClock

beforeEach(() => {
  adapter = new ScriptedAdapter()
  clock = new ManualClock()
})

const open = () => connect(adapter, { name: 'test', clock, random: () => 0.5, idle: '60s' })
const lost = (message = 'the line went dead') =>
  ({ type: 'lost', error: new IntermodalError('UNAVAILABLE', message) }) as const

/** Collects events in the background, so that a test can look at what has come so far. */
function collect(client: ReturnType<typeof open>, options?: EventsOptions) {
  const events: Event[] = []
  const stream = client.events(options)
  const ended = (async () => {
    for await (const event of stream) events.push(event)
  })()
  ended.catch(() => {})
  return {
    events,
    ended,
    stream,
    /** The types since the last time this was asked. */
    async types(): Promise<string[]> {
      await settle()
      return events.splice(0).map((event) => event.type)
    },
  }
}

describe('the event stream', () => {
  it('tells the whole picture first, then synced', async () => {
    adapter.app(status('/shop/web'), status('/shop/api'))
    await using client = open()
    const reader = collect(client)
    await settle()
    expect(
      reader.events.map((event) => ('app' in event ? `${event.type} ${event.app}` : event.type)),
    ).toEqual(['cluster.connected', 'app.added /shop/web', 'app.added /shop/api', 'stream.synced'])
  })

  it('gives a second reader the picture from memory, through the same watch', async () => {
    adapter.app(status())
    await using client = open()
    await collect(client).types()
    expect(await collect(client).types()).toEqual([
      'cluster.connected',
      'app.added',
      'stream.synced',
    ])
    expect(adapter.calls).toEqual(['watch'])
  })

  it('is silent when an app is told again unchanged', async () => {
    adapter.app(status())
    await using client = open()
    const reader = collect(client)
    await reader.types()
    adapter.app(status(), { ...status(), observed: { at: 5, source: 'poll', stale: false } })
    expect(await reader.types()).toEqual([])
  })

  it('tells instances that come, change and go', async () => {
    adapter.app(status('/shop/web', { instances: [instance('a'), instance('b')] }))
    await using client = open()
    const reader = collect(client)
    await reader.types()
    adapter.app(
      status('/shop/web', {
        instances: [instance('b', { health: 'unhealthy', ready: false }), instance('c')],
      }),
    )
    expect(await reader.types()).toEqual([
      'app.changed',
      'instance.changed',
      'instance.added',
      'instance.removed',
    ])
  })

  it('tells a rollout from its start to its end', async () => {
    adapter.app(status())
    await using client = open()
    const reader = collect(client)
    await reader.types()
    const rollout = (state: 'running' | 'succeeded') => ({ state, revision: 'r2' }) as const
    adapter.app(status('/shop/web', { revision: 'r2', rollout: rollout('running') }))
    adapter.app(
      status('/shop/web', {
        revision: 'r2',
        rollout: rollout('running'),
        instances: [instance('n', { revision: 'r2' })],
      }),
    )
    adapter.app(
      status('/shop/web', {
        revision: 'r2',
        rollout: rollout('succeeded'),
        instances: [instance('n', { revision: 'r2' })],
      }),
    )
    const types = (await reader.types()).filter((type) => type.startsWith('rollout.'))
    expect(types).toEqual(['rollout.started', 'rollout.progressed', 'rollout.ended'])
  })

  it('after a lost connection tells a gap, the differences, then synced', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    const reader = collect(client)
    await reader.types()
    adapter.tell(lost('cable cut'))
    adapter.app(status('/b'), status('/c'))
    adapter.tell({ type: 'synced' })
    await settle()
    const told = reader.events.splice(0)
    expect(told.map((event) => event.type)).toEqual([
      'cluster.lost',
      'cluster.connected',
      'stream.gap',
      'app.added',
      'app.removed',
      'instance.removed',
      'stream.synced',
    ])
    expect(told.find((event) => event.type === 'stream.gap')).toMatchObject({ cause: 'cable cut' })
    expect(told.find((event) => event.type === 'app.removed')).toMatchObject({ app: '/a' })
  })

  it('opens the watch again when it ends or throws, and says what was missed', async () => {
    adapter.app(status('/a'))
    await using client = open()
    const reader = collect(client)
    await reader.types()
    adapter.watches[0]?.fail(new IntermodalError('UNAVAILABLE', 'gone'))
    expect(await reader.types()).toEqual(['cluster.lost'])
    adapter.apps.set('/b', status('/b'))
    await clock.advance(1000)
    expect(await reader.types()).toEqual([
      'cluster.connected',
      'stream.gap',
      'app.added',
      'stream.synced',
    ])
  })

  it('takes a watch that says nothing for the idle limit for dead', async () => {
    await using client = open()
    const reader = collect(client, { heartbeat: '10m' })
    await reader.types()
    await clock.advance(59_000)
    expect(await reader.types()).toEqual([])
    await clock.advance(1_000)
    expect(await reader.types()).toEqual(['cluster.lost'])
    expect(adapter.closed).toBe(1)
    await clock.advance(1_000)
    expect(await reader.types()).toEqual(['cluster.connected', 'stream.gap', 'stream.synced'])
  })

  it('stays connected while the adapter says it is alive, and gives the reader heartbeats', async () => {
    await using client = open()
    const reader = collect(client, { heartbeat: '20s' })
    await reader.types()
    for (let round = 0; round < 6; round++) {
      await clock.advance(15_000)
      adapter.tell({ type: 'alive' })
    }
    expect(await reader.types()).toEqual(Array(4).fill('stream.heartbeat'))
  })

  it('gives no heartbeat while the cluster is lost', async () => {
    adapter.onCall = () => Promise.reject(new IntermodalError('UNAVAILABLE', 'refused'))
    await using client = open()
    const reader = collect(client)
    await clock.advance(120_000)
    expect(await reader.types()).toEqual(['cluster.lost'])
  })

  it('throws an error that will not mend itself when there has been no picture yet', async () => {
    adapter.onCall = () => Promise.reject(new IntermodalError('FORBIDDEN', 'no right to watch'))
    await using client = open()
    const reader = collect(client)
    await expect(reader.ended).rejects.toMatchObject({ code: 'FORBIDDEN', cluster: 'test' })
  })

  it('closes the watch when the last reader breaks', async () => {
    await using client = open()
    for await (const event of client.events()) if (event.type === 'stream.synced') break
    await settle()
    expect(adapter.closed).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('ends with the reason of its signal', async () => {
    await using client = open()
    const abort = new AbortController()
    const reader = collect(client, { signal: abort.signal })
    await reader.types()
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(reader.ended).rejects.toBe(reason)
    await settle()
    expect(adapter.closed).toBe(1)
  })

  it('replays what happened after a cursor without a snapshot', async () => {
    adapter.app(status('/a'))
    await using client = open()
    const reader = collect(client)
    await settle()
    const { cursor } = reader.events.splice(0).at(-1) ?? { cursor: '' }
    adapter.app(status('/b'))
    await settle()
    expect(await collect(client, { since: cursor }).types()).toEqual(['app.added', 'stream.synced'])
  })

  it('says gap and tells the picture when the cursor is of another client or forgotten', async () => {
    adapter.app(status('/a'))
    await using client = connect(adapter, { name: 'test', clock, history: 2 })
    const reader = collect(client)
    await settle()
    const first = reader.events[0]?.cursor
    adapter.app(status('/b'), status('/c'), status('/d'))
    await settle()
    for (const since of ['deadbeef.1', first]) {
      expect(await collect(client, { since }).types()).toEqual([
        'stream.gap',
        'cluster.connected',
        ...Array(4).fill('app.added'),
        'stream.synced',
      ])
    }
  })

  it('says gap to a cursor from before a time without readers, and tells the differences', async () => {
    adapter.app(status('/a'))
    await using client = open()
    let cursor = ''
    for await (const event of client.events()) {
      cursor = event.cursor
      if (event.type === 'stream.synced') break
    }
    await settle()
    adapter.apps.set('/b', status('/b'))
    expect(await collect(client, { since: cursor }).types()).toEqual([
      'cluster.connected',
      'stream.gap',
      'app.added',
      'stream.synced',
    ])
  })

  it('costs a slow reader memory by apps, not by events, and tells it so', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    const stream = client.events()
    const types: string[] = []
    for await (const event of stream) {
      types.push(event.type)
      if (event.type === 'stream.synced') break
    }
    const slow = client.events()
    for (let event = await slow.next(); event.value.type !== 'stream.synced'; )
      event = await slow.next()
    for (let round = 0; round < 5000; round++) {
      adapter.app(status('/a', { instances: [instance('a', { restarts: round })] }))
      await Promise.resolve()
    }
    await settle()
    const told: Event[] = []
    for (let event = await slow.next(); ; event = await slow.next()) {
      told.push(event.value)
      if (event.value.type === 'stream.synced') break
    }
    expect(told.length).toBeLessThan(4200)
    expect(told.map((event) => event.type)).toContain('stream.gap')
    const last = told.findLast((event) => event.type === 'app.changed')
    expect(last).toMatchObject({ status: { instances: [{ restarts: 4999 }] } })
    await slow.return?.()
  })

  it('tells only what the selector and the types ask for, and always gaps and synced', async () => {
    adapter.app(
      status('/shop/web', { labels: { team: 'a' } }),
      status('/shop/api'),
      status('/other'),
    )
    await using client = open()
    const reader = collect(client, {
      selector: { group: '/shop' },
      types: ['app.added', 'app.removed'],
    })
    const labelled = collect(client, { selector: { labels: { team: 'a' } } })
    await settle()
    expect(await reader.types()).toEqual(['app.added', 'app.added', 'stream.synced'])
    expect(await labelled.types()).toEqual(['cluster.connected', 'app.added', 'stream.synced'])
    adapter.tell({ type: 'gone', id: '/other' }, { type: 'gone', id: '/shop/api' })
    expect(await reader.types()).toEqual(['app.removed'])
    adapter.app(status('/shop/web', { labels: { team: 'b' } }))
    expect(await labelled.types()).toEqual(['app.changed'])
  })

  it('tells a reader of certain apps of those alone, and when the picture is whole', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    await collect(client).types()
    const reader = collect(client, { selector: { ids: ['/a', '/later'] } })
    expect(await reader.types()).toEqual(['cluster.connected', 'app.added', 'stream.synced'])
    adapter.app(
      status('/b', { image: 'shop/web:2' }),
      status('/later'),
      status('/a', { image: 'shop/web:2' }),
    )
    await settle()
    expect(reader.events.map((event) => ('app' in event ? event.app : ''))).toEqual([
      '/later',
      '/a',
    ])
    adapter.tell(lost())
    expect(await reader.types()).toEqual(['app.added', 'app.changed', 'cluster.lost'])
  })

  it('tells the picture as it was when it was asked for, then what has changed before it was read', async () => {
    adapter.app(status('/a'), status('/b'))
    await using client = open()
    await collect(client).types()
    const late = client.events()
    adapter.app(status('/b', { image: 'shop/web:2' }))
    await settle()
    const told: Event[] = []
    for await (const event of late) if (told.push(event) === 5) break
    expect(told.map((event) => event.type)).toEqual([
      'cluster.connected',
      'app.added',
      'app.added',
      'stream.synced',
      'app.changed',
    ])
    expect(told[2]).toMatchObject({ app: '/b', status: status('/b') })
  })

  it('opens no watch for a reader who has left before', async () => {
    await using client = open()
    const reason = new Error('changed my mind')
    await expect(client.events({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason)
    await settle()
    expect(adapter.calls).toEqual([])
  })

  it('numbers events upwards and names the cluster in each', async () => {
    adapter.app(status('/a'))
    await using client = open()
    const reader = collect(client)
    await settle()
    adapter.app(status('/b'), status('/c'))
    await settle()
    const numbers = reader.events.map((event) => event.seq)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(new Set(reader.events.map((event) => event.cluster))).toEqual(new Set(['test']))
  })
})
