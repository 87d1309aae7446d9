import type { App, AppId } from 'intermodal'
import type { Timeline } from './clock.ts'
import { stepInstance } from './instances.ts'
import type { AppRecord, InstanceRecord, LeverEffect, Timings, WorldState } from './model.ts'
import { spread } from './random.ts'
import { reconcile } from './reconcile.ts'

/**
 * Keeps a world going. All state is in `state`; what is due is written there too (`dueAt`), so that the timers here
 * can be made again from a snapshot.
 *
 * Two things happen by themselves: an instance takes its next step, and an app is reconciled, which compares what is
 * with what is wanted. Whatever touches an app queues one reconciliation for the same moment.
 */
export class Engine {
  readonly state: WorldState
  readonly timeline: Timeline
  readonly #queued = new Set<AppId>()
  readonly #listeners = new Set<(id: AppId) => void>()
  readonly #outside = new Set<(app: AppId | undefined) => void>()
  /** Apps with an instance that found no place: looked at again when one gets free. */
  readonly #waiting = new Set<AppId>()
  readonly #unsettled = new Set<AppId>()
  #evicting = false

  constructor(state: WorldState, timeline: Timeline) {
    this.state = state
    this.timeline = timeline
    this.#lookAtNodes()
    for (const record of state.apps.values()) {
      this.#arm(record)
      for (const instance of record.instances) this.#armInstance(record, instance)
      this.queue(record)
    }
  }

  get now(): number {
    return this.timeline.now()
  }

  /** Tells watchers that something of this app changed; they read it when they get to it. */
  changed(record: AppRecord): void {
    for (const listener of this.#listeners) listener(record.id)
  }

  onChange(listener: (id: AppId) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * For what lives on the nodes of this world without being an app of it: told that nodes have changed (`undefined`), or
   * that a lever on this app was pulled or taken back.
   */
  onOutside(listener: (app: AppId | undefined) => void): () => void {
    this.#outside.add(listener)
    return () => this.#outside.delete(listener)
  }

  leversChanged(app: AppId): void {
    for (const listener of this.#outside) listener(app)
  }

  queue(record: AppRecord): void {
    if (this.#queued.has(record.id)) return
    this.#queued.add(record.id)
    this.#unsettled.add(record.id)
    this.timeline.at(this.now, () => {
      this.#queued.delete(record.id)
      if (this.state.apps.get(record.id) === record) reconcile(this, record)
    })
  }

  wakeApp(record: AppRecord, at: number | undefined): void {
    if (record.dueAt === at) return
    record.dueAt = at
    this.#arm(record)
  }

  #arm(record: AppRecord): void {
    const at = record.dueAt
    if (at === undefined) return
    this.timeline.at(at, () => {
      if (record.dueAt !== at) return
      record.dueAt = undefined
      this.queue(record)
    })
  }

  /** The instance takes its next step then; an earlier appointment is void. */
  wake(record: AppRecord, instance: InstanceRecord, at: number | undefined): void {
    if (instance.dueAt === at) return
    instance.dueAt = at
    this.#armInstance(record, instance)
  }

  #armInstance(record: AppRecord, instance: InstanceRecord): void {
    const at = instance.dueAt
    if (at === undefined) return
    this.timeline.at(at, () => {
      if (instance.dueAt !== at) return
      instance.dueAt = undefined
      stepInstance(this, record, instance)
    })
  }

  settled(record: Pick<AppRecord, 'id'>, settled: boolean): void {
    if (settled) this.#unsettled.delete(record.id)
    else this.#unsettled.add(record.id)
  }

  get quiet(): boolean {
    return this.#unsettled.size === 0
  }

  waitsForPlace(record: AppRecord, waits: boolean): void {
    if (waits) this.#waiting.add(record.id)
    else this.#waiting.delete(record.id)
  }

  /** Something was given back, or a node came: those who found no place look again. */
  placeFreed(): void {
    for (const id of this.#waiting) {
      const record = this.state.apps.get(id)
      if (record) this.queue(record)
    }
  }

  /** Whether some node sends instances away. */
  get evicting(): boolean {
    return this.#evicting
  }

  nodesChanged(): void {
    this.#lookAtNodes()
    for (const record of this.state.apps.values()) {
      if (record.spec.app.kind === 'daemon') this.queue(record)
    }
    this.placeFreed()
    for (const listener of this.#outside) listener(undefined)
  }

  #lookAtNodes(): void {
    this.#evicting = [...this.state.nodes.values()].some(
      ({ state, taints }) =>
        state === 'draining' || taints.some(({ effect }) => effect === 'NoExecute'),
    )
  }

  forget(record: AppRecord): void {
    this.state.apps.delete(record.id)
    this.#waiting.delete(record.id)
    this.#unsettled.delete(record.id)
    this.wakeApp(record, undefined)
    this.changed(record)
  }

  nextId(): number {
    return ++this.state.sequence
  }

  /** The effects of the levers pulled on an instance, oldest first. */
  effects(
    record: AppRecord,
    instance: InstanceRecord,
  ): readonly (LeverEffect & { readonly lever: number })[] {
    const levers = this.state.levers.get(record.id)
    if (!levers) return []
    return levers
      .filter(
        ({ scope, times }) =>
          times !== 0 &&
          (scope.on === 'all' ||
            (scope.on === 'revision' && scope.revision === instance.revision) ||
            (scope.on === 'instance' && scope.instance === instance.id)),
      )
      .map(({ id, effect }) => ({ ...effect, lever: id }))
  }

  /** How long something takes for this instance, spread by the seed. */
  duration(
    record: AppRecord,
    instance: InstanceRecord,
    what: Exclude<keyof Timings, 'jitter'>,
  ): number {
    let length = this.state.timings[what]
    for (const effect of this.effects(record, instance)) {
      if (effect.type === 'takes') length = effect.timings[what] ?? length
    }
    return spread(this.state, length, this.state.timings.jitter)
  }
}

/** What an instance of this revision is made from. */
export function specOf(record: AppRecord, revision: string): App {
  if (record.spec.revision === revision) return record.spec.app
  const spec = record.history.findLast((earlier) => earlier.revision === revision)
  return (spec ?? record.spec).app
}
