import type { At, Report } from '../report.ts'
import { step } from '../text/node.ts'

/** `native.swarm`, as it grows: what Compose says, Swarm can be told and the model has no word for. */
export class SwarmPatch {
  readonly #report: Report
  readonly #patch: Record<string, unknown> = {}

  constructor(report: Report) {
    this.#report = report
  }

  /** Lists are added to, everything else is set. Says so: the other engines are not told. */
  keep(at: At, path: readonly string[], value: unknown): void {
    this.set(path, value)
    this.#report.loss(
      at,
      'approximated',
      `is kept in native.swarm${path.map(step).join('')}, where only Swarm sees it`,
    )
  }

  set(path: readonly string[], value: unknown): void {
    let place = this.#patch
    for (const key of path.slice(0, -1)) {
      place[key] ??= {}
      place = place[key] as Record<string, unknown>
    }
    const key = path.at(-1) ?? ''
    const before = place[key]
    place[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
  }

  result(): Record<string, unknown> | undefined {
    return Object.keys(this.#patch).length > 0 ? this.#patch : undefined
  }
}

export const CONTAINER = ['TaskTemplate', 'ContainerSpec'] as const
