import { getEventListeners } from 'node:events'
import {
  type AppId,
  type AppInput,
  type Client,
  type Fleet,
  fleet,
  IntermodalError,
  type Rollout,
} from 'intermodal'
import { createWorld, simulated, type World } from 'intermodal/simulated'
import { hold } from './breach.ts'
import { LazyReader } from './lazy-reader.ts'
import { OpenThings } from './open-things.ts'
import { randomFrom } from './random.ts'
import { View } from './view.ts'

export interface EstateOptions {
  readonly seed: number
  readonly clusters: number
  readonly appsEach: number
  /** Instances of each app, to begin with and on average. */
  readonly replicas: number
}

export interface Cluster {
  readonly name: string
  readonly world: World
  readonly client: Client
  readonly view: View
  readonly lazy: LazyReader
  readonly open: OpenThings
  readonly apps: readonly AppId[]
}

/** What a call may answer on a sick cluster, or to somebody who does not look before he asks. */
const EXPECTED = ['UNAVAILABLE', 'TIMEOUT', 'THROTTLED', 'CONFLICT', 'LOCKED', 'APP_NOT_FOUND']
const NODES = 10

/** A fleet of simulated clusters, one reader of all its events, and whatever is still under way in it. */
export class Estate {
  readonly clusters: readonly Cluster[]
  readonly fleet: Fleet
  readonly random: () => number
  readonly #options: EstateOptions
  readonly #user = new AbortController()
  readonly #pending = new Set<Promise<void>>()
  readonly #reading: Promise<void>
  #failure: { readonly reason: unknown } | undefined
  events = 0
  calls = 0
  outcomes = 0

  constructor(options: EstateOptions) {
    this.#options = options
    this.random = randomFrom(options.seed)
    const worlds = Array.from({ length: options.clusters }, (_, index) =>
      createWorld({
        clock: 'manual',
        seed: options.seed + index,
        nodes: Array.from({ length: NODES }, (_, node) => ({ name: `node-${node}`, cpu: 16 })),
      }),
    )
    const opens = worlds.map((world) => new OpenThings(world))
    this.fleet = fleet(
      Object.fromEntries(worlds.map((world, index) => [`c${index}`, simulated({ world })])),
      { random: randomFrom(options.seed), timeout: '10s' },
    )
    const apps = Array.from({ length: options.appsEach }, (_, app) => `/estate/app-${app}` as const)
    this.clusters = worlds.map((world, index) => {
      const name = `c${index}`
      const client = this.fleet.client(name)
      const open = opens[index] ?? new OpenThings(world)
      return { name, world, client, open, apps, view: new View(), lazy: new LazyReader(client) }
    })
    this.#reading = this.#read().catch((reason: unknown) => {
      if (reason !== this.#user.signal.reason) this.#failure = { reason }
    })
  }

  async #read(): Promise<void> {
    const views = new Map(this.clusters.map(({ name, view }) => [name, view]))
    for await (const event of this.fleet.events({ signal: this.signal })) {
      this.events++
      views.get(event.cluster)?.take(event)
    }
  }

  /** The user's own, given to every call. */
  get signal(): AbortSignal {
    return this.#user.signal
  }

  app(id: AppId, tag = 1): AppInput {
    const { replicas } = this.#options
    return {
      id,
      image: `estate/app:${tag}`,
      replicas,
      resources: { requests: { cpu: 0.1 } },
      update: { maxSurge: 1, maxUnavailable: 1, onFailure: 'rollback', progressDeadline: '2m' },
    }
  }

  get instances(): number {
    return this.clusters.reduce((sum, { world }) => sum + world.instances().length, 0)
  }

  /** How often a lazy reader was too slow. */
  get gaps(): number {
    return this.clusters.reduce((sum, { lazy }) => sum + lazy.gaps, 0)
  }

  get busy(): number {
    return this.#pending.size
  }

  /** Lets a call run beside everything else. A rollout is followed to its end when `follow` says so. */
  start(call: Promise<Rollout | unknown>, follow: boolean): void {
    this.calls++
    const work = this.#run(call, follow).finally(() => this.#pending.delete(work))
    this.#pending.add(work)
  }

  async #run(call: Promise<Rollout | unknown>, follow: boolean): Promise<void> {
    try {
      const result = await call
      if (!follow || !isRollout(result)) return
      const { outcome, message } = await result.result({ timeout: '10h', signal: this.signal })
      hold(outcome !== 'timedOut', () => `a rollout of ${result.app} never ended: ${message}`)
      this.outcomes++
    } catch (error) {
      if (IntermodalError.is(error) && EXPECTED.includes(error.code)) return
      this.#failure ??= { reason: error }
    }
  }

  /** Lets time pass everywhere. */
  async pass(milliseconds: number): Promise<void> {
    for (const { world } of this.clusters) await world.engine.timeline.advance(milliseconds)
    if (this.#failure) throw this.#failure.reason
  }

  /** Nothing is under way any more, and what is told is what is. The caller has taken back every fault. */
  async rest(): Promise<void> {
    for (const { client, world } of this.clusters)
      for (const { id, state } of world.apps())
        if (state === 'paused') this.start(client.resume(id, { signal: this.signal }), true)
    for (let minute = 0; this.busy > 0 || minute < 3; minute++) {
      hold(minute < 90, () => `${this.busy} calls and rollouts are still under way`)
      await this.pass(60_000)
    }
    for (const { name, world, view, client, lazy } of this.clusters) {
      await lazy.catchUp()
      lazy.view.mustEqual(world.apps(), `the lazy view of ${name}`)
      hold(view.synced, () => `the events of ${name} do not say synced`)
      view.mustEqual(world.apps(), `the view of ${name}`)
      view.mustEqual(await Array.fromAsync(client.list()), `beside its list, the view of ${name}`)
    }
  }

  /** Closes everything, and finds nothing left open. */
  async close(): Promise<void> {
    this.#user.abort(new DOMException('the soak is over', 'AbortError'))
    await this.#reading
    for (const { lazy } of this.clusters) await lazy.leave()
    await this.fleet[Symbol.asyncDispose]()
    await this.pass(0)
    const kept = getEventListeners(this.signal, 'abort').length
    hold(kept === 0, () => `${kept} listeners are left on the signal of the user`)
    for (const { name, open, world } of this.clusters) {
      const { timers, listeners } = open.left
      hold(timers === 0, () => `${timers} timers of ${name} are left`)
      hold(listeners === 0, () => `${listeners} listeners of ${name} are left`)
      world.close()
    }
  }
}

function isRollout(value: unknown): value is Rollout {
  return typeof value === 'object' && value !== null && 'result' in value
}
