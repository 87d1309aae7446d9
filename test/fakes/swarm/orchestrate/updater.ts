import { isDeepStrictEqual } from 'node:util'
import { isGlobal, type UpdateRules, updateRules } from '../spec/policy.ts'
import {
  isOver,
  RUNNING,
  rank,
  type ServiceRecord,
  type ServiceSpec,
  type TaskRecord,
} from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import { isDirty } from './dirty.ts'
import { newTask } from './new-task.ts'
import type { Restarts } from './restarts.ts'
import { completeUpdate, pauseUpdate, rollBack, startUpdate } from './update-status.ts'

export type Slot = readonly TaskRecord[]

interface Machinery {
  readonly store: Store
  readonly time: Time
  readonly restarts: Restarts
}

/** One way from an old spec to a new one: as many slots at once as it may, each its old tasks for a new one. */
class Update {
  readonly spec: ServiceSpec
  readonly #machinery: Machinery
  readonly #service: ServiceRecord
  readonly #rules: UpdateRules
  readonly #onEnd: () => void
  readonly #queue: Slot[]
  readonly #total: number
  /** When each task of it came up; absent: it has not yet. */
  readonly #made = new Map<TaskRecord, number | undefined>()
  readonly #failed = new Set<TaskRecord>()
  readonly #undo: (() => void)[] = []
  #busy = 0
  #ended = false

  constructor(
    machinery: Machinery,
    service: ServiceRecord,
    dirty: readonly Slot[],
    onEnd: () => void,
  ) {
    this.#machinery = machinery
    this.#service = service
    this.spec = service.Spec
    const { UpdateConfig, RollbackConfig } = service.Spec
    const rollsBack = service.UpdateStatus?.State === 'rollback_started'
    this.#rules = updateRules(rollsBack ? RollbackConfig : UpdateConfig)
    this.#queue = [...dirty]
    this.#total = dirty.length
    this.#onEnd = onEnd
  }

  start(): void {
    const { store } = this.#machinery
    if (this.#rules.failureAction !== 'continue') {
      this.#undo.push(store.onTask((task) => this.#watchFailures(task)))
    }
    const { parallelism } = this.#rules
    const workers = parallelism === 0 ? this.#total : Math.min(parallelism, this.#total)
    this.#busy = workers
    for (let worker = 0; worker < workers; worker++) this.#work()
  }

  stop(): void {
    if (this.#ended) return
    this.#ended = true
    for (const undo of this.#undo) undo()
    this.#onEnd()
  }

  #work(): void {
    if (this.#ended) return
    const slot = this.#queue.shift()
    if (!slot) {
      if (--this.#busy === 0) this.#monitor()
      return
    }
    this.#exchange(slot, () => {
      const { delay } = this.#rules
      if (delay > 0) this.#undo.push(this.#machinery.time.after(delay, () => this.#work()))
      else this.#work()
    })
  }

  /** All are there: it is over when none of them has failed for a while. */
  #monitor(): void {
    const { store, time } = this.#machinery
    this.#undo.push(
      time.after(this.#rules.monitor, () => {
        if (this.#ended) return
        this.stop()
        completeUpdate(store, this.#service)
      }),
    )
  }

  #exchange(slot: Slot, next: () => void): void {
    const { store, restarts } = this.#machinery
    const current = slot.filter((task) => store.tasks.get(task.ID) === task)
    const clean = current.filter((task) => !this.#isDirty(task))
    const kept =
      clean.find(({ DesiredState }) => DesiredState === 'running') ??
      clean.find(({ DesiredState }) => rank(DesiredState) < RUNNING)
    if (kept) {
      const old = this.#retire(current.filter((task) => task !== kept))
      if (kept.DesiredState !== 'running' && !restarts.isDelayed(kept))
        restarts.startAfter(kept, 0, old)
      next()
      return
    }
    const [first] = current
    if (!first || this.#ended) {
      next()
      return
    }
    const task = newTask(store, this.#service, {
      slot: first.Slot,
      node: isGlobal(this.spec) ? first.NodeID : undefined,
      desired: 'ready',
    })
    this.#made.set(task, undefined)
    const { startFirst } = this.#rules
    const old = startFirst ? undefined : this.#retire(current)
    restarts.startAfter(task, 0, old, () => this.#await(task, startFirst ? current : [], next))
  }

  /** The new task has to come up, or to fail, before the next slot has its turn. */
  #await(task: TaskRecord, old: Slot, next: () => void): void {
    const { store } = this.#machinery
    const check = (): boolean => {
      if (this.#ended) return true
      if (rank(task.Status.State) < RUNNING && store.tasks.get(task.ID) === task) return false
      this.#made.set(task, this.#machinery.time.now)
      if (task.Status.State === 'running') this.#retire(old)
      next()
      return true
    }
    if (check()) return
    const stop = store.onTask((changed) => {
      if (changed !== task) return
      const over = rank(task.Status.State) >= RUNNING || store.tasks.get(task.ID) !== task
      if (!over) return
      stop()
      this.#machinery.time.after(0, check)
    })
    this.#undo.push(stop)
  }

  /** Ends the tasks of a slot; gives the one whose end is to be waited for. */
  #retire(tasks: Slot): TaskRecord | undefined {
    const { store, restarts } = this.#machinery
    let awaited: TaskRecord | undefined
    for (const task of tasks) {
      if (store.tasks.get(task.ID) !== task || rank(task.DesiredState) > RUNNING) continue
      restarts.cancel(task)
      store.setTask(task, { DesiredState: 'shutdown' })
      if (!isOver(task)) awaited = task
    }
    return awaited
  }

  #isDirty(task: TaskRecord): boolean {
    return isDirty(this.#service, task, this.#machinery.store.nodes.get(task.NodeID ?? ''))
  }

  #watchFailures(task: TaskRecord): void {
    if (this.#ended || !isOver(task) || this.#failed.has(task) || !this.#made.has(task)) return
    const { store, time } = this.#machinery
    const since = this.#made.get(task)
    if (since !== undefined && time.now - since > this.#rules.monitor) return
    this.#failed.add(task)
    if (this.#failed.size / this.#total <= this.#rules.maxFailureRatio) return
    const cause = `due to failure or early termination of task ${task.ID}`
    this.stop()
    const rollsBack = this.#service.UpdateStatus?.State === 'rollback_started'
    if (this.#rules.failureAction === 'rollback' && !rollsBack)
      rollBack(store, this.#service, `update rolled back ${cause}`)
    else pauseUpdate(store, this.#service, `update paused ${cause}`)
  }
}

/** At most one update of each service is under way. */
export class Updater {
  readonly #machinery: Machinery
  readonly #updates = new Map<string, Update>()

  constructor(machinery: Machinery) {
    this.#machinery = machinery
  }

  /** Brings the slots to what the service says now; goes on with what is under way to the same end. */
  update(service: ServiceRecord, slots: readonly Slot[]): void {
    const { store } = this.#machinery
    const running = this.#updates.get(service.ID)
    if (running) {
      if (isDeepStrictEqual(running.spec, service.Spec)) return
      running.stop()
    }
    const { UpdateStatus: status } = service
    if (status?.State === 'paused' || status?.State === 'rollback_paused') return
    const dirty = slots.filter(
      (slot) =>
        slot.length > 1 ||
        slot.some((task) => isDirty(service, task, store.nodes.get(task.NodeID ?? ''))),
    )
    if (dirty.length === 0) {
      if (status?.State === 'updating' || status?.State === 'rollback_started')
        completeUpdate(store, service)
      return
    }
    if (!status) startUpdate(store, service)
    const update = new Update(this.#machinery, service, dirty, () => {
      if (this.#updates.get(service.ID) === update) this.#updates.delete(service.ID)
    })
    this.#updates.set(service.ID, update)
    update.start()
  }

  isRunning(service: string): boolean {
    return this.#updates.has(service)
  }

  cancel(service: string): void {
    this.#updates.get(service)?.stop()
  }
}
