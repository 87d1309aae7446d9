import { restartRules } from '../spec/policy.ts'
import { ASSIGNED, COMPLETE, isOver, rank, type TaskRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { Time } from '../time.ts'

/** How long tasks that can go are collected. */
const REST = 100

/** Deletes tasks that are to be removed and have ended, and the oldest where a slot has too much history. */
export class Reaper {
  readonly #store: Store
  readonly #time: Time
  readonly #retention: () => number
  readonly #touched = new Set<TaskRecord>()
  #due = false

  constructor(store: Store, time: Time, retention: () => number) {
    this.#store = store
    this.#time = time
    this.#retention = retention
  }

  look(task: TaskRecord): void {
    const begins = rank(task.Status.State) < ASSIGNED && task.Status.Err === undefined
    if (task.DesiredState !== 'remove' && !begins) return
    this.#touched.add(task)
    if (this.#due) return
    this.#due = true
    this.#time.after(REST, () => {
      this.#due = false
      this.#reap()
    })
  }

  /** Attempts are counted by what is left of them, so as many are kept where they are limited, and no more. */
  #limit(service: string): number {
    const template = this.#store.services.get(service)?.Spec.TaskTemplate
    const { maxAttempts } = template ? restartRules(template) : { maxAttempts: 0 }
    return maxAttempts > 0 ? maxAttempts + 1 : this.#retention()
  }

  #reap(): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    const slots = new Map<string, TaskRecord>()
    for (const task of touched) {
      if (this.#store.tasks.get(task.ID) !== task) continue
      if (task.DesiredState !== 'remove') slots.set(slotKey(task), task)
      else if (isOver(task) || task.NodeID === undefined) this.#store.deleteTask(task)
    }
    for (const [key, { ServiceID }] of slots) {
      const history = this.#store.tasksOf(ServiceID).filter((task) => slotKey(task) === key)
      const limit = this.#limit(ServiceID)
      if (limit < 0 || history.length <= limit) continue
      const old = history
        .filter((task) => isOver(task) && rank(task.DesiredState) > COMPLETE)
        .sort((a, b) => a.Version.Index - b.Version.Index && (a.CreatedAt < b.CreatedAt ? -1 : 1))
      for (const task of old.slice(0, history.length - limit)) this.#store.deleteTask(task)
    }
  }
}

function slotKey({ ServiceID, place, JobIteration }: TaskRecord): string {
  return `${ServiceID} ${place} ${JobIteration?.Index ?? 0}`
}
