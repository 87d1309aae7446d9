import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Change } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { WATCHDOG } from '../../adapters/marathon/hints.ts'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { MARATHON } from './data.ts'
import { adapterFor, call, marathonLike, serve } from './server.ts'

const SSE = readFileSync(`${MARATHON}/fixtures/events-derived-1.11/stream.sse`)

/** A Marathon with one suspended app, whose event stream the test writes, and a watch on it. */
async function watching(run: (on: Watched) => Promise<void>): Promise<void> {
  const streams: ServerResponse[] = []
  const clock = new ManualClock()
  let looks = 0
  const web = { id: '/shop/web', instances: 0, version: '2026-01-01T00:00:00.000Z', tasks: [] }
  const set = (instances: number) => {
    web.instances = instances
  }
  await using server = await serve(
    marathonLike({
      'GET /v2/apps': (_: unknown, response: ServerResponse) => {
        looks++
        response.end(JSON.stringify({ apps: [web] }))
      },
      'GET /v2/events': (seen: { headers: { accept?: string } }, response: ServerResponse) => {
        if (seen.headers.accept !== 'text/event-stream') response.writeHead(405).end('<html>')
        else {
          response.writeHead(200, { 'content-type': 'text/event-stream;charset=utf-8' })
          response.flushHeaders()
          streams.push(response)
        }
      },
    }),
  )
  await using adapter = adapterFor(server.url, { clock })
  const changes: Change[] = []
  const watch = call()
  const ended = (async () => {
    for await (const change of adapter.watch({}, watch)) changes.push(change)
  })()
  ended.catch(() => {})
  const until = async (what: () => boolean, pace = 0) => {
    while (!what()) {
      await settle()
      if (pace > 0) await clock.advance(pace)
    }
  }
  try {
    await until(() => streams.length === 1 && changes.some(({ type }) => type === 'synced'))
    await run({ streams, clock, changes, until, set, looks: () => looks, requests: server.seen })
  } finally {
    watch.abort(new Error('enough'))
    await ended.catch(() => {})
  }
}

interface Watched {
  readonly streams: readonly ServerResponse[]
  readonly clock: ManualClock
  readonly changes: readonly Change[]
  readonly requests: readonly { readonly url: string }[]
  until(what: () => boolean, pace?: number): Promise<void>
  looks(): number
  /** How many instances are wanted from now on. */
  set(instances: number): void
}

const types = (changes: readonly Change[]) => changes.map(({ type }) => type)

describe('the event stream', () => {
  it('asks for light plans and the events that matter', () =>
    watching(async ({ requests }) => {
      const { url = '' } = requests.find(({ url }) => url.startsWith('/v2/events')) ?? {}
      expect(url).toContain('plan-format=light')
      expect(url).toContain('event_type=event_stream_attached')
    }))

  it('makes a look come at once, however its bytes are cut', () =>
    watching(async ({ streams, until, looks }) => {
      await until(() => looks() > 1, 100)
      const before = looks()
      for (const byte of SSE) streams[0]?.write(Buffer.of(byte))
      await until(() => looks() > before, 10)
    }))

  it('takes a frame of several megabytes', () =>
    watching(async ({ streams, until, looks }) => {
      await until(() => looks() > 1, 100)
      const before = looks()
      const plan = 'x'.repeat(6 * 1024 * 1024)
      streams[0]?.write(`event: deployment_info\r\ndata: {"plan":"${plan}"}\r\n\r\n`)
      await until(() => looks() > before, 1)
    }))

  it('is opened again when it breaks in the middle of a frame, and everything is told anew', () =>
    watching(async ({ streams, changes, until }) => {
      streams[0]?.write('event: deployment_success\r\ndata: {"id":"8')
      streams[0]?.destroy()
      await until(() => types(changes).filter((type) => type === 'synced').length === 2, 100)
      expect(types(changes).filter((type) => type !== 'alive')).toEqual([
        'app',
        'synced',
        'lost',
        'app',
        'synced',
      ])
      await until(() => streams.length === 2, 100)
    }))

  it('is dead when not even a heartbeat comes, and alive while one does', () =>
    watching(async ({ streams, changes, clock, until }) => {
      for (let beat = 0; beat < 6; beat++) {
        await clock.advance(WATCHDOG / 3)
        // Two packets, as Jetty writes it.
        streams[0]?.write('\r')
        await settle()
        streams[0]?.write('\n')
        await settle()
      }
      expect(types(changes)).not.toContain('lost')
      await until(() => types(changes).includes('lost'), WATCHDOG / 3)
    }))

  it('that tells nothing of a change does not hide it for longer than the next look of its own', () =>
    watching(async ({ streams, changes, clock, until, looks, set }) => {
      await until(() => looks() > 1, 100)
      const [before, since] = [changes.length, clock.now()]
      set(2)
      // Heartbeats say that the stream is alive, and no event says what has happened.
      const beat = () => streams[0]?.write('\r\n')
      const told = () => changes.slice(before).some(({ type }) => type === 'app')
      while (!told()) {
        beat()
        await settle()
        await clock.advance(5_000)
        await settle()
      }
      expect(clock.now() - since).toBeLessThanOrEqual(75_000)
      expect(types(changes)).not.toContain('lost')
    }))

  it('bears events nobody knows yet', () =>
    watching(async ({ streams, changes, until, looks }) => {
      await until(() => looks() > 1, 100)
      const before = looks()
      streams[0]?.write('event: brand_new_event\r\ndata: no json at all\r\n\r\n')
      await until(() => looks() > before, 10)
      expect(types(changes)).not.toContain('lost')
    }))
})
