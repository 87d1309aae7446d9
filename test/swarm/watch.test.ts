import type { Change, Clock } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { describe, expect, it } from 'vitest'
import type { Service, Task } from '../../adapters/swarm/wire.ts'
import { type FakeEngine, fakeEngine, type Handler, json } from './fake-engine.ts'

const date = '2026-11-22T12:00:00.000000000Z'
const stored = (ID: string, Index = 1) => ({
  ID,
  Version: { Index },
  CreatedAt: date,
  UpdatedAt: date,
})

const node = {
  ...stored('node'),
  Spec: { Role: 'manager', Availability: 'active' },
  Status: { State: 'ready' },
}

function service(name: string, index = 1): Service {
  return {
    ...stored(name, index),
    Spec: {
      Name: name,
      Labels: { 'intermodal.app': `/${name}`, 'intermodal.revision': 'r1' },
      TaskTemplate: {
        ContainerSpec: { Image: 'web:1', Labels: { 'intermodal.app': `/${name}` } },
      },
      Mode: { Replicated: { Replicas: 1 } },
    },
  }
}

function task(of: Service, state: Task['Status']['State'], desired = state): Task {
  return {
    ...stored(`${of.ID}-1`),
    Spec: of.Spec.TaskTemplate,
    ServiceID: of.ID,
    Slot: 1,
    NodeID: 'node',
    DesiredState: desired,
    Status: { State: state, Timestamp: date },
  }
}

/** A clock that moves only when told, and knows when someone waits for it. */
function handClock(): Clock & { advance(milliseconds: number): void } {
  let now = Date.parse(date) + 60_000
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  return {
    now: () => now,
    after(milliseconds, callback) {
      const timer = { at: now + milliseconds, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(milliseconds) {
      now += milliseconds
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer)
        timer.callback()
      }
    },
  }
}

/** What the fake holds, and its event stream. */
class World {
  services: Service[] = []
  tasks: Task[] = []
  events: import('node:http').ServerResponse[] = []
  #opened = () => {}

  readonly handle: Handler = (request, response) => {
    const url = request.url ?? ''
    if (url.includes('/services')) json(response, 200, this.services)
    else if (url.includes('/tasks')) json(response, 200, this.tasks)
    else if (url.includes('/nodes')) json(response, 200, [node])
    else if (url.includes('/events')) {
      response.writeHead(200)
      response.flushHeaders()
      this.events.push(response)
      this.#opened()
    } else json(response, 404, { message: 'page not found' })
  }

  async opened(count: number): Promise<void> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => {
        this.#opened = resolve
      })
    }
  }
}

async function watching(engine: FakeEngine, clock: Clock) {
  const adapter = swarm({ host: `unix://${engine.socketPath}`, clock, random: () => 0.5 })
  const stop = new AbortController()
  const changes = adapter
    .watch({}, { signal: stop.signal, deadline: Number.POSITIVE_INFINITY })
    [Symbol.asyncIterator]()
  return {
    adapter,
    async next(): Promise<Change> {
      const { value } = await changes.next()
      return value as Change
    },
    /** Moves the clock on until there is something to tell. */
    async nextAfterRests(move: () => void): Promise<Change> {
      const next = this.next()
      let told = false
      next.then(
        () => {
          told = true
        },
        () => {
          told = true
        },
      )
      while (!told) {
        move()
        await new Promise((resolve) => setImmediate(resolve))
      }
      return next
    },
    async end() {
      const reason = new Error('enough')
      stop.abort(reason)
      await expect(changes.next()).rejects.toBe(reason)
      await adapter[Symbol.asyncDispose]()
    },
  }
}

const brief = (change: Change) =>
  change.type === 'app'
    ? `${change.status.id} ${change.status.state}`
    : change.type === 'gone'
      ? `gone ${change.id}`
      : change.type === 'lost'
        ? `lost ${change.error.code}`
        : change.type

describe('a watch', () => {
  it('gives everything, then synced, then only what changes', async () => {
    const world = new World()
    const [web, db] = [service('web'), service('db')]
    world.services = [web, db]
    world.tasks = [task(web, 'running'), task(db, 'running')]
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    const first = [brief(await watch.next()), brief(await watch.next()), brief(await watch.next())]
    expect(first).toEqual(['/web running', '/db running', 'synced'])
    world.services = [web]
    world.tasks = [task(web, 'running')]
    expect(brief(await watch.nextAfterRests(() => clock.advance(1000)))).toBe('gone /db')
    await watch.end()
  })

  it('asks three things a round, and nothing for each app', async () => {
    const world = new World()
    world.services = Array.from({ length: 50 }, (_, index) => service(`app${index}`))
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    for (let seen = 0; seen <= 50; seen++) await watch.next()
    const asked = engine.requests.map(({ line }) => line.split('?')[0])
    expect(asked.filter((line) => !line?.includes('/events')).sort()).toEqual([
      'GET /v1.41/nodes',
      'GET /v1.41/services',
      'GET /v1.41/tasks',
    ])
    await watch.end()
  })

  it('looks earlier when the swarm has an event, long before the next round', async () => {
    const world = new World()
    const web = service('web')
    world.services = [web]
    world.tasks = [task(web, 'running')]
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    await watch.next()
    await watch.next()
    await world.opened(1)
    // The look that follows every opening of the stream.
    expect(brief(await watch.nextAfterRests(() => clock.advance(50)))).toBe('alive')
    const before = clock.now()
    world.services = [web, service('new')]
    world.tasks.push(task(service('new'), 'running'))
    world.events[0]?.write('{"Type":"service","Action":"create"}\n')
    expect(brief(await watch.nextAfterRests(() => clock.advance(1)))).toBe('/new running')
    expect(clock.now() - before).toBeLessThan(2000)
    await watch.end()
  })

  it('tells an app as deleting while its instances end, then gone', async () => {
    const world = new World()
    const web = service('web')
    world.services = [web]
    world.tasks = [task(web, 'running')]
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    await watch.next()
    await watch.next()
    world.services = []
    world.tasks = [task(web, 'running', 'remove')]
    const rest = () => clock.advance(1000)
    expect(brief(await watch.nextAfterRests(rest))).toBe('/web deleting')
    world.tasks = [task(web, 'shutdown', 'remove')]
    expect(brief(await watch.nextAfterRests(rest))).toBe('gone /web')
    await watch.end()
  })

  it('does not wait for what a removed job has left, which Docker 20.10 keeps for ever', async () => {
    const world = new World()
    world.tasks = [{ ...task(service('job'), 'running'), JobIteration: { Index: 3 } }]
    await using engine = await fakeEngine(world.handle)
    const watch = await watching(engine, handClock())
    expect(brief(await watch.next())).toBe('synced')
    await watch.end()
  })

  it('says lost once, and after that the full picture and synced again', async () => {
    const world = new World()
    const web = service('web')
    world.services = [web]
    world.tasks = [task(web, 'running')]
    let broken = false
    await using engine = await fakeEngine((request, response) => {
      if (broken) json(response, 500, { message: 'The swarm does not have a leader' })
      else world.handle(request, response)
    })
    const clock = handClock()
    const watch = await watching(engine, clock)
    await watch.next()
    await watch.next()
    const rest = () => clock.advance(1000)
    broken = true
    expect(brief(await watch.nextAfterRests(rest))).toBe('lost UNAVAILABLE')
    const again = watch.nextAfterRests(rest)
    const failed = engine.requests.length
    await engine.received(failed + 6)
    broken = false
    expect(brief(await again)).toBe('/web running')
    expect(brief(await watch.next())).toBe('synced')
    await watch.end()
  })

  it('says lost when the connection broke between two looks, as a quick restart does', async () => {
    const world = new World()
    const web = service('web')
    world.services = [web]
    world.tasks = [task(web, 'running')]
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    await watch.next()
    await watch.next()
    await world.opened(1)
    engine.cut()
    const told: string[] = []
    while (told.at(-1) !== 'synced')
      told.push(brief(await watch.nextAfterRests(() => clock.advance(50))))
    expect(told.filter((change) => change !== 'alive')).toEqual([
      'lost UNAVAILABLE',
      '/web running',
      'synced',
    ])
    await watch.end()
  })

  it('gives up an event stream that is silent while pings fail, and opens another', async () => {
    const world = new World()
    await using engine = await fakeEngine(world.handle)
    const clock = handClock()
    const watch = await watching(engine, clock)
    await watch.next()
    await world.opened(1)
    engine.muffle()
    const stale = new Promise<void>((resolve) => world.events[0]?.on('close', () => resolve()))
    let reopened = false
    const reopening = Promise.all([stale, world.opened(2)]).then(() => {
      reopened = true
    })
    while (!reopened) {
      clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await reopening
    await watch.end()
  })
})
