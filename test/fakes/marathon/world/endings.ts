import type { PathId } from '../normal/paths.ts'
import type { Spec } from '../store/root.ts'
import type { Described } from './describe.ts'

/** How a task ended. */
export interface Ending {
  readonly described: Described
  readonly state: string
  readonly message: string
  readonly at: number
  readonly startedAt: number | undefined
  readonly exitCode: number | undefined
}

/** How many ended instances of a pod are remembered. */
const HISTORY = 10

/** What is remembered of tasks that have ended. */
export class Endings {
  readonly #failures = new Map<PathId, Ending>()
  readonly #histories = new Map<PathId, Ending[]>()

  /** Only what failed by itself is a failure: a task that was killed, or was done, is none. */
  note(id: PathId, ending: Ending, spec: Spec | undefined): void {
    if (ending.state === 'TASK_FAILED' || ending.state === 'TASK_ERROR')
      this.#failures.set(id, ending)
    if (spec?.kind !== 'pod') return
    this.#histories.set(id, [ending, ...(this.#histories.get(id) ?? [])].slice(0, HISTORY))
  }

  lastFailure(id: PathId): Ending | undefined {
    return this.#failures.get(id)
  }

  /** Newest first. */
  history(id: PathId): readonly Ending[] {
    return this.#histories.get(id) ?? []
  }

  forget(id: PathId): void {
    this.#failures.delete(id)
    this.#histories.delete(id)
  }
}
