import { isGlobal, isJob, restartRules } from '../spec/policy.ts'
import {
  COMPLETE,
  isOver,
  READY,
  rank,
  type ServiceRecord,
  type TaskRecord,
} from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'
import { newTask } from './new-task.ts'

/** As long the old task of a slot is waited for before the new one starts all the same. */
const OLD_TASK_TIMEOUT = 60_000

interface Attempts {
  readonly specVersion: number
  total: number
  times: number[]
}

/** Makes tasks in the place of those that ended, after their delay; and starts those that wait for another's end. */
export class Restarts {
  readonly #store: Store
  readonly #time: Time
  readonly #attempts = new Map<string, Attempts>()
  /** By the id of the task that waits. */
  readonly #delayed = new Map<string, () => void>()

  constructor(store: Store, time: Time) {
    this.#store = store
    this.#time = time
  }

  /** The task is over, or its node is of no use any more: ends it, and makes the next one if the policy wants it. */
  restart(service: ServiceRecord, task: TaskRecord): void {
    // It waits for its turn: when that comes and it is over, the next one is made.
    if (this.#delayed.has(task.ID)) return
    if (rank(task.DesiredState) > COMPLETE) return
    this.#store.setTask(task, { DesiredState: 'shutdown' })
    if (!this.#shouldRestart(service, task)) return
    const { delay } = restartRules(task.Spec)
    const node = this.#store.nodes.get(task.NodeID ?? '')
    const next = newTask(this.#store, service, {
      slot: task.Slot,
      node: isGlobal(service.Spec) ? task.NodeID : undefined,
      desired: 'ready',
      iteration: isJob(service.Spec) ? (task.JobIteration?.Index ?? 0) : undefined,
    })
    this.#record(next)
    const noWait = isOver(task) || !node || node.Status.State === 'down'
    this.startAfter(next, delay, noWait ? undefined : task)
  }

  /** Wants the task to run once so much time has passed and the other has ended; `done` is told then. */
  startAfter(
    task: TaskRecord,
    delay: number,
    after: TaskRecord | undefined,
    done: () => void = () => {},
  ): void {
    let elapsed = false
    let ended = after === undefined || isOver(after)
    const stops: (() => void)[] = []
    const stop = () => {
      for (const one of stops) one()
      this.#delayed.delete(task.ID)
    }
    const check = () => {
      if (!elapsed || !ended) return
      stop()
      if (this.#store.tasks.get(task.ID) === task && rank(task.DesiredState) <= READY)
        this.#store.setTask(task, { DesiredState: task.JobIteration ? 'complete' : 'running' })
      done()
    }
    this.#delayed.set(task.ID, stop)
    stops.push(
      this.#time.after(delay, () => {
        elapsed = true
        check()
      }),
    )
    if (after && !ended) {
      const finish = () => {
        ended = true
        check()
      }
      stops.push(this.#time.after(OLD_TASK_TIMEOUT, finish))
      stops.push(
        this.#store.onTask((changed) => {
          if (changed === after && isOver(after)) this.#time.after(0, finish)
        }),
      )
    }
  }

  isDelayed(task: TaskRecord): boolean {
    return this.#delayed.has(task.ID)
  }

  cancel(task: TaskRecord): void {
    this.#delayed.get(task.ID)?.()
  }

  forget(service: string): void {
    for (const key of this.#attempts.keys())
      if (key.startsWith(`${service} `)) this.#attempts.delete(key)
  }

  #shouldRestart(service: ServiceRecord, task: TaskRecord): boolean {
    const { condition, maxAttempts, window } = restartRules(task.Spec)
    if (condition === 'none') return false
    // A job that is done is done, whatever its policy says.
    const failureOnly = condition === 'on-failure' || isJob(service.Spec)
    if (failureOnly && task.Status.State === 'complete') return false
    if (maxAttempts === 0) return true
    const attempts = this.#attempts.get(keyOf(task))
    if (attempts?.specVersion !== service.specVersion) return true
    if (window === 0) return attempts.total < maxAttempts
    const since = this.#time.now - window
    return attempts.times.filter((time) => time >= since).length < maxAttempts
  }

  #record(next: TaskRecord): void {
    if (restartRules(next.Spec).maxAttempts === 0) return
    const key = keyOf(next)
    const before = this.#attempts.get(key)
    const same = before?.specVersion === next.specVersion
    const attempts = same ? before : { specVersion: next.specVersion, total: 0, times: [] }
    attempts.total++
    attempts.times.push(this.#time.now)
    this.#attempts.set(key, attempts)
  }
}

function keyOf({ ServiceID, place }: TaskRecord): string {
  return `${ServiceID} ${place}`
}
