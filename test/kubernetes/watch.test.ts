import type { Change, IntermodalError, Selector } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../support/manual-clock.ts'
import { call } from './calls.ts'
import { type FakeApi, fakeApi, refuse } from './fake-api.ts'
import { bookmark, deployment, isList, isWatch, pluralOf, WatchedObjects } from './watch-api.ts'

const KINDS = [
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'pods',
  'replicasets',
  'controllerrevisions',
  'events',
  'nodes',
]

/** A watch under way, and what it has told. */
class Reading {
  readonly told: Change[] = []
  readonly ended: Promise<unknown>
  readonly #stop = new AbortController()
  #look = () => {}

  constructor(changes: (signal: AbortSignal) => AsyncIterable<Change>) {
    this.ended = this.#read(changes(this.#stop.signal)).catch((error: unknown) => error)
  }

  get brief(): readonly string[] {
    return this.told.map((change) =>
      change.type === 'app'
        ? `${change.status.id} ${change.status.image}`
        : change.type === 'gone'
          ? `${change.id} gone`
          : change.type,
    )
  }

  /** Resolves when that has been told, so many times. */
  async until(brief: string, count = 1): Promise<void> {
    while (this.brief.filter((one) => one === brief).length < count)
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
  }

  stop(): Promise<unknown> {
    this.#stop.abort(new Error('enough'))
    return this.ended
  }

  async #read(changes: AsyncIterable<Change>): Promise<void> {
    for await (const change of changes) {
      this.told.push(change)
      this.#look()
    }
  }
}

async function setUp(clock?: ManualClock) {
  const objects = new WatchedObjects()
  objects.lists.set('deployments', [deployment('web', '90')])
  const api = await fakeApi(objects.answer)
  const adapter = kubernetes({
    kubeconfig: api.kubeconfig,
    random: () => 0.5,
    ...(clock ? { clock } : {}),
  })
  const read = (selector: Selector = {}) => {
    const reading = new Reading((signal) => adapter.watch(selector, call(signal)))
    onTestFinished(async () => void (await reading.stop()))
    return reading
  }
  onTestFinished(async () => {
    await adapter[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
  })
  return { objects, api, adapter, read }
}

async function watching(api: FakeApi): Promise<void> {
  for (const kind of KINDS) await api.received(isWatch(kind))
}

describe('a watch', () => {
  it('takes one list and one watch for each kind, the list in pages', async () => {
    const { api, read } = await setUp()
    await read().until('synced')
    await watching(api)
    for (const kind of KINDS) {
      expect(api.asked.filter(isList(kind)), kind).toHaveLength(1)
      expect(api.asked.filter(isWatch(kind)), kind).toHaveLength(1)
    }
    const [listed] = api.asked.filter(isList('pods'))
    expect(listed?.query.get('limit')).toBe('5000')
    const [watched] = api.asked.filter(isWatch('pods'))
    expect(Object.fromEntries(watched?.query ?? [])).toMatchObject({
      resourceVersion: '100',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '450',
    })
  })

  it('reads all pages before it says that it is synced', async () => {
    const { api, objects, read } = await setUp()
    api.answer((asked, response) => {
      if (!isList('deployments')(asked)) return objects.answer(asked, response)
      return asked.query.get('continue') === 'more'
        ? { metadata: { resourceVersion: '100' }, items: [deployment('two', '91')] }
        : {
            metadata: { resourceVersion: '100', continue: 'more' },
            items: [deployment('one', '90')],
          }
    })
    const reading = read()
    await reading.until('synced')
    expect(reading.brief).toEqual(['/one nginx:1', '/two nginx:1', 'synced'])
  })

  it('tells what changes, whatever pieces the lines come in', async () => {
    const { api, objects, read } = await setUp()
    const reading = read()
    await reading.until('synced')
    await watching(api)
    const object = { ...deployment('api', '101'), note: 'größer' }
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    for (const byte of bytes) objects.write('deployments', Buffer.of(byte))
    await reading.until('/api nginx:1')
    objects.tell('deployments', 'DELETED', deployment('api', '102'))
    await reading.until('/api gone')
    expect(reading.brief).toEqual(['/web nginx:1', 'synced', '/api nginx:1', '/api gone'])
  })

  it('does not tell what is the same', async () => {
    const { api, objects, read } = await setUp()
    const reading = read()
    await reading.until('synced')
    await watching(api)
    objects.tell('deployments', 'MODIFIED', deployment('web', '101'))
    objects.tell('deployments', 'ADDED', deployment('last', '102'))
    await reading.until('/last nginx:1')
    expect(reading.brief).toEqual(['/web nginx:1', 'synced', '/last nginx:1'])
  })

  it.each([
    ['ends by the server’s own limit', 'end'],
    ['is cut by a proxy', 'break'],
  ] as const)('that %s goes on from the last bookmark, and nobody hears of it', async (_, how) => {
    const { api, objects, read } = await setUp()
    const reading = read()
    await reading.until('synced')
    await watching(api)
    objects.tell('deployments', 'BOOKMARK', bookmark('150'))
    objects.tell('deployments', 'ADDED', deployment('api', '151'))
    await reading.until('/api nginx:1')
    objects[how]('deployments')
    const [, again] = await api.received(isWatch('deployments'), 2)
    expect(again?.query.get('resourceVersion')).toBe('151')
    objects.tell('deployments', 'DELETED', deployment('api', '152'))
    await reading.until('/api gone')
    expect(api.asked.filter(isList('deployments'))).toHaveLength(1)
    expect(reading.brief).not.toContain('lost')
  })

  it.each([
    [
      'as the answer',
      (response: Parameters<typeof refuse>[0]) =>
        refuse(response, 410, 'Expired', 'too old resource version'),
    ],
    [
      'as an event',
      (response: Parameters<typeof refuse>[0]) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
        response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      },
    ],
  ])('lists again when its version is forgotten, told %s', async (_, forget) => {
    const { api, objects, read } = await setUp()
    const reading = read()
    await reading.until('synced')
    await watching(api)
    let forgotten = false
    api.answer((asked, response) => {
      if (forgotten || !isWatch('deployments')(asked)) return objects.answer(asked, response)
      forgotten = true
      objects.lists.set('deployments', [deployment('other', '200')])
      objects.version = '200'
      return forget(response)
    })
    objects.end('deployments')
    await reading.until('/web gone')
    expect(reading.brief.filter((one) => one === '/other nginx:1')).toHaveLength(1)
    expect(reading.brief).not.toContain('lost')
    const versions = (await api.received(isWatch('deployments'), 3)).map(({ query }) =>
      query.get('resourceVersion'),
    )
    expect(versions).toEqual(['100', '100', '200'])
  })

  it('lists everything at once when the token of its pages is forgotten', async () => {
    const { api, objects, read } = await setUp()
    api.answer((asked, response) => {
      if (!isList('pods')(asked)) return objects.answer(asked, response)
      if (asked.query.get('continue'))
        return refuse(response, 410, 'Expired', 'the continue token is too old')
      return asked.query.get('limit')
        ? { metadata: { resourceVersion: '90', continue: 'more' }, items: [] }
        : { metadata: { resourceVersion: '100' }, items: [] }
    })
    await read().until('synced')
    expect(api.asked.filter(isList('pods')).map(({ query }) => query.get('limit'))).toEqual([
      '5000',
      '5000',
      null,
    ])
  })

  it('is lost when the server is gone, once, and a full picture comes when it is back', async () => {
    const { api, objects, read } = await setUp(undefined)
    const reading = read()
    await reading.until('synced')
    await watching(api)
    api.answer((_, response) => refuse(response, 503, 'ServiceUnavailable', 'shutting down'))
    api.cut()
    await reading.until('lost')
    api.answer(objects.answer)
    await reading.until('synced', 2)
    expect(reading.brief).toEqual(['/web nginx:1', 'synced', 'lost', '/web nginx:1', 'synced'])
  })

  it('that is cut off while it is opened is opened again, and nobody is told', async () => {
    const { api, objects, read } = await setUp()
    let cut = 0
    api.answer((asked, response) => {
      if (cut > 0 || !isWatch('pods')(asked)) return objects.answer(asked, response)
      cut++
      return void response.destroy()
    })
    const reading = read()
    await reading.until('synced')
    await watching(api)
    await api.received(isWatch('pods'), 2)
    objects.tell('deployments', 'DELETED', deployment('web', '101'))
    await reading.until('/web gone')
    expect(reading.brief).toEqual(['/web nginx:1', 'synced', '/web gone'])
  })

  it('waits as long as a busy server asks it to, and tells nobody', async () => {
    const clock = new ManualClock()
    const { api, objects, read } = await setUp(clock)
    const reading = read()
    await reading.until('synced')
    await watching(api)
    let refused = 0
    api.answer((asked, response) => {
      if (refused > 0 || !isWatch('pods')(asked)) return objects.answer(asked, response)
      refused++
      response.setHeader('Retry-After', '5')
      return refuse(response, 429, 'TooManyRequests', 'busy')
    })
    const before = clock.pending
    objects.end('pods')
    // The time an ended watch leaves before the next one is asked for.
    while (refused === 0) await clock.advance(250)
    while (clock.pending < before) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(4_900)
    expect(api.asked.filter(isWatch('pods'))).toHaveLength(2)
    await clock.advance(200)
    await api.received(isWatch('pods'), 3)
    expect(reading.brief.filter((one) => one === 'lost')).toEqual([])
  })

  it('is made anew when nothing comes on it, not even a bookmark', async () => {
    const clock = new ManualClock()
    const { api, read } = await setUp(clock)
    const reading = read()
    await reading.until('synced')
    await watching(api)
    for (let seconds = 0; seconds < 95; seconds += 5) {
      await clock.advance(5_000)
      // The server answers when it is asked for a sign of life.
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const kind of KINDS) await api.received(isWatch(kind), 2)
    expect(reading.brief).not.toContain('lost')
  })

  it('gives a sign of life where nothing happens, and only when the server did', async () => {
    const clock = new ManualClock()
    const { api, read } = await setUp(clock)
    const reading = read()
    await reading.until('synced')
    await watching(api)
    await clock.advance(12_000)
    await reading.until('alive')
    expect(api.asked.some(({ path }) => path === '/version')).toBe(true)
  })

  it('does without events and nodes it may not see', async () => {
    const { api, objects, read } = await setUp()
    api.answer((asked, response) =>
      ['events', 'nodes'].includes(pluralOf(asked))
        ? refuse(response, 403, 'Forbidden', 'no')
        : objects.answer(asked, response),
    )
    const reading = read()
    await reading.until('synced')
    expect(reading.brief).toEqual(['/web nginx:1', 'synced'])
  })

  it('names the right that is missing for what it needs', async () => {
    const { api, objects, read } = await setUp()
    api.answer((asked, response) =>
      pluralOf(asked) === 'pods'
        ? refuse(response, 403, 'Forbidden', 'no')
        : objects.answer(asked, response),
    )
    const reading = read()
    await reading.until('lost')
    const [lost] = reading.told.filter(({ type }) => type === 'lost') as {
      error: IntermodalError
    }[]
    expect(lost?.error).toMatchObject({ code: 'FORBIDDEN' })
    expect(lost?.error.message).toContain('no right to list pods in the namespace "shop"')
  })

  it('is one for all readers, and ends with the last of them', async () => {
    const { api, objects, read } = await setUp()
    const [first, second] = [read(), read({ labels: { tier: 'none' } })]
    await Promise.all([first.until('synced'), second.until('synced')])
    await watching(api)
    const third = read()
    await third.until('synced')
    expect(third.brief).toEqual(['/web nginx:1', 'synced'])
    expect(second.brief).toEqual(['synced'])
    expect(await first.stop()).toMatchObject({ message: 'enough' })
    objects.tell('deployments', 'ADDED', deployment('api', '101'))
    await third.until('/api nginx:1')
    expect(api.asked.filter(isWatch('deployments'))).toHaveLength(1)
  })

  it('of one app of ours asks for no other', async () => {
    const { api, read } = await setUp()
    api.answer((asked, response) => {
      if (/\/shop--web$/.test(asked.path)) return refuse(response, 404, 'NotFound', 'not found')
      return new WatchedObjects().answer(asked, response)
    })
    await read({ ids: ['/shop/web'] as never }).until('synced')
    const [deployments] = api.asked.filter(isList('deployments'))
    expect(deployments?.query.get('fieldSelector')).toBe('metadata.name=shop--web')
    const [pods] = api.asked.filter(isList('pods'))
    expect(pods?.query.get('labelSelector')).toBe('intermodal.dev/name=shop--web')
  })
})
