import { readdirSync, readFileSync } from 'node:fs'
import type { Change } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import { describe, expect, it } from 'vitest'
import { newsOf } from '../../adapters/marathon/news.ts'
import { settle } from '../support/manual-clock.ts'
import { MARATHON } from './data.ts'

const recorded = (folder: string) =>
  readdirSync(`${MARATHON}/fixtures/${folder}`)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(`${MARATHON}/fixtures/${folder}/${name}`, 'utf8'))
    .map((text) => ({ type: (JSON.parse(text) as { eventType: string }).eventType, text }))

const namesOf = (type: string | undefined, data: string) => {
  const news = newsOf(type, data)
  return news === 'everything' ? news : [...news]
}

describe('what an event is about', () => {
  it.each(recorded('events-derived-1.11'))('is known of $type', ({ type, text }) => {
    expect(namesOf(type, text)).toEqual(
      type === 'group_change_success'
        ? []
        : /^(pod|scheduler|event_stream|framework|add_|remove_|group_change_f)/.test(type)
          ? 'everything'
          : ['/my-app'],
    )
  })

  it.each(recorded('events-doc/HEAD'))('is an app or everything in the manual, $type', (event) => {
    const names = namesOf(event.type, event.text)
    if (names === 'everything') expect(names).toBe('everything')
    else expect(names.every((id) => event.text.includes(`"${id}"`))).toBe(true)
  })

  it('is read from steps as they were before 1.0', () => {
    const plan = {
      steps: [
        { action: 'ScaleApplication', app: '/a' },
        { action: 'x', app: '/b' },
      ],
    }
    expect(namesOf('deployment_info', JSON.stringify({ plan }))).toEqual(['/a', '/b'])
  })

  it.each([
    ['garbage', 'status_update_event', '{"appId":"/a'],
    ['without its app', 'status_update_event', '{}'],
    ['with an id that is none', 'status_update_event', '{"appId":"//"}'],
    ['with a plan without steps', 'deployment_success', '{"plan":{}}'],
    ['without a plan', 'deployment_success', '{"id":"1"}'],
    ['of a kind nobody knows', 'meteor_event', '{"appId":"/a"}'],
    ['of no kind', undefined, '{"appId":"/a"}'],
    [
      'too large to be read',
      'deployment_info',
      `{"plan":{"steps":[]},"x":"${'x'.repeat(2 ** 18)}"}`,
    ],
  ])('may be anything when it is %s', (_, type, data) => {
    expect(namesOf(type, data)).toBe('everything')
  })
})

describe('a watch of many apps', () => {
  async function watching(count: number) {
    const world = createWorld({ nodes: 60, clock: 'manual' })
    let asked: string[] = []
    const fake = await fakeMarathon({ world, onExchange: ({ path }) => asked.push(path) })
    const put = (id: string, app: object) =>
      fetch(`${fake.url}/v2/apps${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ cmd: 'serve', instances: 1, ...app }),
      })
    const remove = (id: string) => fetch(`${fake.url}/v2/apps${id}`, { method: 'DELETE' })
    for (let index = 0; index < count; index += 1) await put(`/app-${index}`, {})
    await world.settle()
    const adapter = marathon({ url: fake.url, clock: world.clock })
    const abort = new AbortController()
    const changes: Change[] = []
    const ended = (async () => {
      const call = { signal: abort.signal, deadline: Number.POSITIVE_INFINITY }
      for await (const change of adapter.watch({}, call)) changes.push(change)
    })()
    ended.catch(() => {})
    const until = async (what: () => boolean) => {
      while (!what()) {
        await settle()
        await world.advance('100ms')
      }
    }
    // Its stream is there, and has been heard of.
    await until(() => changes.some(({ type }) => type === 'alive') && fake.streams === 1)
    return {
      changes,
      put,
      remove,
      until,
      asked: () => asked.filter((path) => path.startsWith('/v2/apps')),
      forget: () => {
        asked = []
        changes.length = 0
      },
      async [Symbol.asyncDispose]() {
        abort.abort(new Error('enough'))
        await ended.catch(() => {})
        await adapter[Symbol.asyncDispose]()
        await fake.close()
      },
    }
  }

  const settled = (changes: readonly Change[], id: string, replicas: number) =>
    changes.some(
      (change) =>
        change.type === 'app' &&
        change.status.id === id &&
        change.status.state === 'running' &&
        change.status.counts.ready === replicas,
    )

  it('reads only the app that events name, until all of it has settled', async () => {
    await using on = await watching(60)
    await on.until(() => on.asked().length > 0)
    on.forget()
    await on.put('/app-7', { instances: 3 })
    await on.until(() => settled(on.changes, '/app-7', 3))
    const reads = on.asked().filter((path) => path !== '/v2/apps/app-7')
    expect(reads.filter((path) => path !== '/v2/apps')).toEqual([])
    expect(on.asked().filter((path) => path === '/v2/apps/app-7').length).toBeGreaterThan(1)
    expect(
      new Set(on.changes.flatMap((change) => (change.type === 'app' ? [change.status.id] : []))),
    ).toEqual(new Set(['/app-7']))
  })

  it('tells of an app that is removed, and of one that is new', async () => {
    await using on = await watching(3)
    on.forget()
    await on.put('/new', {})
    await on.until(() => settled(on.changes, '/new', 1))
    await on.remove('/app-1')
    await on.until(() =>
      on.changes.some((change) => change.type === 'gone' && change.id === '/app-1'),
    )
  })

  it('looks at everything when more happens than is worth asking for one by one', async () => {
    await using on = await watching(60)
    on.forget()
    for (let index = 0; index < 60; index += 1) await on.put(`/app-${index}`, { instances: 2 })
    await on.until(() =>
      Array.from({ length: 60 }, (_, index) => index).every((index) =>
        settled(on.changes, `/app-${index}`, 2),
      ),
    )
    expect(on.asked()).toContain('/v2/apps')
  })
})
