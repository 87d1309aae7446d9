import { type AppId, type Client, connect, IntermodalError, type Rollout } from 'intermodal'
import { createWorld, simulated, type Undo, type World } from 'intermodal/simulated'
import { hold } from './breach.ts'
import { Followed } from './followed.ts'
import { Listener } from './listener.ts'
import { OpenThings } from './open-things.ts'
import { randomFrom } from './random.ts'
import { Truth } from './truth.ts'
import { turns } from './turns.ts'
import { View } from './view.ts'

const MINUTE = 60_000

/** What a call may answer while the cluster is sick or the app is in another state than the caller thinks. */
const EXPECTED = [
  'UNAVAILABLE',
  'TIMEOUT',
  'THROTTLED',
  'CONFLICT',
  'LOCKED',
  'APP_NOT_FOUND',
  'UNSUPPORTED',
]

/** One cluster, one client, and everything that watches them. */
export class Scene {
  readonly world: World
  readonly client: Client
  readonly #truth = new Truth()
  readonly #open: OpenThings
  readonly #followed: Followed[] = []
  readonly #faults: Undo[] = []
  readonly #levers: Undo[] = []
  /** When each app was last seen to be absent or on its way out. */
  readonly #absent = new Map<AppId, number>()
  /** Removed, and not applied since: nothing may bring it back. */
  readonly removed = new Set<AppId>()
  listener: Listener

  constructor(seed: number, history: number) {
    this.world = createWorld({ clock: 'manual', seed, nodes: 4, timings: { jitter: 0.4 } })
    this.#open = new OpenThings(this.world)
    this.client = connect(simulated({ world: this.world }), {
      name: 'prod',
      timeout: '10s',
      history,
      random: randomFrom(seed),
    })
    this.listener = new Listener(this.client)
  }

  /** Up to two apps to begin with, rolled out or on their way. */
  async begin(count: number, milliseconds: number): Promise<void> {
    for (const id of (['/shop/web', '/shop/api'] as const).slice(0, count))
      await this.follow(this.client.apply({ id, image: 'shop/app:1', replicas: 3 }))
    await this.pass(milliseconds)
  }

  /** Lets time pass, and holds the world to its laws in every moment of it. */
  async pass(milliseconds: number, enough: () => boolean = () => false): Promise<void> {
    await this.world.engine.timeline.advanceUntil(() => {
      this.#truth.look(this.world)
      this.#lookForAbsence()
      return enough()
    }, milliseconds)
    this.listener.check()
  }

  #lookForAbsence(): void {
    const { now, state } = this.world.engine
    for (const id of this.removed)
      hold(!state.apps.has(id), () => `${id} was removed and came back`)
    for (const { rollout } of this.#followed) {
      const record = state.apps.get(rollout.app)
      if (!record || record.deleting) this.#absent.set(rollout.app, now)
    }
  }

  /** What a call gives, while time passes; `undefined` for a failure that may be. */
  async take<T>(call: Promise<T>): Promise<T | undefined> {
    let settled = false
    const settle = () => {
      settled = true
    }
    call.then(settle, settle)
    await turns()
    await this.pass(5 * MINUTE, () => settled)
    await turns()
    hold(settled, () => 'a call was not answered within five minutes')
    try {
      return await call
    } catch (error) {
      if (!IntermodalError.is(error) || !EXPECTED.includes(error.code)) throw error
      return undefined
    }
  }

  async follow(call: Promise<Rollout>): Promise<void> {
    const rollout = await this.take(call)
    if (rollout) this.#followed.push(new Followed(rollout, this.world.clock.now()))
    this.#lookForAbsence()
  }

  async kill(id: AppId, instance: string): Promise<void> {
    this.#truth.killed.add(instance)
    await this.take(this.client.kill(id, instance))
  }

  fault(undo: Undo): void {
    this.#faults.push(undo)
  }

  lever(undo: Undo): void {
    this.#levers.push(undo)
  }

  /** Whoever takes instances away from outside says so: no budget holds for that. */
  disturb(how: () => void): void {
    how()
    this.#truth.disturbed(this.world)
  }

  /** Without faults, every stream is whole again after a while, and tells what is. */
  async heal(): Promise<void> {
    for (const undo of this.#faults.splice(0)) undo()
    await this.pass(3 * MINUTE)
    await turns()
    const { view } = this.listener
    hold(view.synced, () => 'the events do not say synced, and nothing is wrong any more')
    view.mustEqual(this.world.apps())
    const listed = await this.take(Array.fromAsync(this.client.list()))
    view.mustEqual(listed ?? [], 'the view, beside the list,')
    hold(
      [...this.client.lastKnown()].length === view.apps.size,
      () => 'the client knows of other apps than it has told',
    )
  }

  /** Someone who stopped reading long ago goes on from there, and misses nothing. */
  async goOnFrom(share: number): Promise<void> {
    await turns()
    const { heard } = this.listener
    const count = Math.floor(share * heard.length)
    const last = heard[count - 1]
    if (!last) return
    const second = new Listener(this.client, {
      since: last.cursor,
      view: this.listener.viewAfter(count),
    })
    await turns()
    const whole = this.listener.view.synced
    hold(
      second.view.synced === whole,
      () => `since ${last.cursor} it is not synced as the other is`,
    )
    if (whole) second.view.mustEqual(this.listener.view.apps.values(), `since ${last.cursor}`)
    if (!second.begunWithGap) second.mustHaveHeard(this.listener.changesAfter(count), last.cursor)
    await second.leave()
  }

  /** Someone begins to read, stops in the middle of the first picture, and goes on from there. */
  async peek(count: number): Promise<void> {
    await turns()
    if (!this.listener.view.synced) return
    const view = new View()
    let cursor: string | undefined
    for await (const event of this.client.events()) {
      view.take(event)
      cursor = event.cursor
      if (event.type === 'stream.synced' || --count <= 0) break
    }
    const second = new Listener(this.client, { since: cursor, view })
    await turns()
    second.check()
    second.view.mustEqual(this.listener.view.apps.values(), `after a peek, since ${cursor}`)
    await second.leave()
  }

  /** Nobody reads for a while; then one goes on where he had stopped. */
  async lookAway(milliseconds: number): Promise<void> {
    await turns()
    const { cursor, view } = this.listener
    await this.listener.leave()
    await this.pass(milliseconds)
    this.listener = new Listener(this.client, { since: cursor, view })
    await turns()
  }

  /** Everything wrong is taken back; then every rollout has to end, and nothing may be left open. */
  async end(): Promise<void> {
    for (const undo of this.#levers.splice(0)) undo()
    this.disturb(() => {
      for (const { name } of this.world.nodes()) this.world.node(name).restore()
    })
    await this.heal()
    for (const { id } of this.world.apps()) await this.follow(this.client.resume(id))
    const settled = () => this.#followed.every((one) => one.settled)
    await this.pass(60 * MINUTE, settled)
    await turns()
    for (const one of this.#followed) await one.mustHaveEnded(this.#absent.get(one.rollout.app))
    await this.heal()
    for (const { id } of this.world.apps()) {
      const removed = await this.take(this.client.remove(id))
      hold(removed === true, () => `${id} could not be removed`)
      hold(this.world.instances(id).length === 0, () => `${id} was removed and left instances`)
    }
    await this.heal()
    await this.listener.leave()
    await this.client[Symbol.asyncDispose]()
    await turns()
    const { timers, listeners } = this.#open.left
    hold(timers === 0, () => `${timers} timers are left`)
    hold(listeners === 0, () => `${listeners} listeners are left`)
    this.world.close()
  }
}
