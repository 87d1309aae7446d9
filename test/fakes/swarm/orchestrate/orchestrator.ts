import { isGlobal, isJob } from '../spec/policy.ts'
import {
  COMPLETE,
  isOver,
  type NodeObject,
  rank,
  type ServiceRecord,
  type TaskRecord,
} from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import { isUsable, reconcileGlobal } from './global.ts'
import { reconcileJob } from './jobs.ts'
import { Ledger } from './ledger.ts'
import type { Machinery } from './machinery.ts'
import { Reaper } from './reaper.ts'
import { reconcileReplicated, removeTask } from './replicated.ts'
import { Restarts } from './restarts.ts'
import { Scheduler } from './scheduler.ts'
import { Updater } from './updater.ts'

const ALLOCATION = 25
/** From the end of a task to the manager's doing something about it. */
const REACTION = 20

/** The manager's loops: services are compared with their tasks whenever one of both changes, within that moment. */
export class Orchestrator implements Machinery {
  readonly store: Store
  readonly time: Time
  readonly scheduler: Scheduler
  readonly restarts: Restarts
  readonly updater: Updater
  readonly #ledger = new Ledger()
  readonly #reaper: Reaper
  readonly #queued = new Set<string>()
  /** Those to be compared whole; of the others only tasks that ended are looked at. */
  readonly #whole = new Set<string>()
  readonly #over = new Set<TaskRecord>()
  readonly #stops: (() => void)[]

  constructor(store: Store, time: Time, retention: () => number) {
    this.store = store
    this.time = time
    this.scheduler = new Scheduler(store, this.#ledger, time)
    this.restarts = new Restarts(store, time)
    this.updater = new Updater(this)
    this.#reaper = new Reaper(store, time, retention)
    this.#stops = [
      store.onTask((task) => this.#onTask(task)),
      store.bus.listen(({ Type, Actor }) => {
        if (Type === 'service') this.queue(Actor.ID)
      }),
    ]
  }

  queue(service: string, whole = true): void {
    if (whole) this.#whole.add(service)
    if (this.#queued.has(service)) return
    this.#queued.add(service)
    this.time.after(whole ? 0 : REACTION, () => {
      this.#queued.delete(service)
      this.#reconcile(service)
    })
  }

  /** All tasks of a service that is gone. Those of a job stay for ever, as they do in 20.10. */
  serviceRemoved(service: ServiceRecord): void {
    this.updater.cancel(service.ID)
    this.restarts.forget(service.ID)
    if (isJob(service.Spec)) return
    for (const task of this.store.tasksOf(service.ID)) removeTask(this, task)
  }

  nodeChanged(node: NodeObject): void {
    if (!isUsable(node)) {
      for (const task of this.store.tasksOn(node.ID)) {
        const service = this.store.services.get(task.ServiceID)
        if (!service || rank(task.DesiredState) > COMPLETE || isOver(task)) continue
        if (!isGlobal(service.Spec)) this.restarts.restart(service, task)
      }
    }
    this.#evict(node)
    for (const service of this.store.services.values())
      if (isGlobal(service.Spec)) this.queue(service.ID)
    this.scheduler.wake()
  }

  /** A node that no longer fits a task's constraints: the task is rejected there, and another is made. */
  #evict(node: NodeObject): void {
    for (const task of this.store.tasksOn(node.ID)) {
      const service = this.store.services.get(task.ServiceID)
      if (!service || isOver(task) || rank(task.DesiredState) > COMPLETE) continue
      if (this.scheduler.mayStay(task, node)) continue
      this.store.setTask(task, {
        Status: {
          ...task.Status,
          Timestamp: this.store.stamps.text(),
          State: 'rejected',
          Message: 'task rejected by constraint enforcer',
          Err: 'assigned node no longer meets constraints',
        },
      })
    }
  }

  #onTask(task: TaskRecord): void {
    const gone = this.store.tasks.get(task.ID) !== task
    if (gone || isOver(task)) {
      if (this.#ledger.release(task)) this.scheduler.wake()
    }
    if (gone) return
    if (task.Status.State === 'new') this.#allocate(task)
    if (task.Status.State === 'pending') this.scheduler.enqueue(task)
    this.#reaper.look(task)
    if (!isOver(task) || rank(task.DesiredState) > COMPLETE) return
    this.#over.add(task)
    this.queue(task.ServiceID, task.JobIteration !== undefined)
  }

  /** Addresses are found at once here; the task says all the same that it waited for them. */
  #allocate(task: TaskRecord): void {
    this.time.after(ALLOCATION, () => {
      if (this.store.tasks.get(task.ID) !== task || task.Status.State !== 'new') return
      const Status = {
        Timestamp: this.store.stamps.text(),
        State: 'pending',
        Message: 'pending task scheduling',
        PortStatus: {},
      } as const
      this.store.setTask(task, { Status })
    })
  }

  #reconcile(id: string): void {
    const service = this.store.services.get(id)
    const over = [...this.#over].filter(({ ServiceID }) => ServiceID === id)
    for (const task of over) this.#over.delete(task)
    const whole = this.#whole.delete(id)
    if (!service) return
    for (const task of over) {
      const done = isJob(service.Spec) && task.Status.State === 'complete'
      if (isOver(task) && !done && this.store.tasks.get(task.ID) === task)
        this.restarts.restart(service, task)
    }
    // A slot whose policy wants no other task stays as it is, until something else happens to the service.
    if (!whole) return
    if (isJob(service.Spec)) reconcileJob(this, service)
    else if (isGlobal(service.Spec)) reconcileGlobal(this, service)
    else reconcileReplicated(this, service)
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }
}
