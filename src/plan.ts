import type { Loss } from './adapter.ts'
import type { AppId } from './app/schema.ts'

/** What a change means for what runs, mildest first. */
export const EFFECTS = ['none', 'inPlace', 'rollingRestart', 'recreate', 'replace'] as const
export type Effect = (typeof EFFECTS)[number]

export interface PlanChange {
  /** JSON pointer into the app. */
  readonly path: string
  /** As in an app file: `"512Mi"`, not bytes. Absent: not there. */
  readonly before?: unknown
  readonly after?: unknown
  readonly effect: Effect
}

export interface Plan {
  readonly app: AppId
  readonly cluster: string
  readonly action: 'create' | 'update' | 'none'
  /** The strongest effect of all changes. `replace`: removed and made anew; `apply` wants `replace: true` for it. */
  readonly effect: Effect
  /** How many running instances are replaced. */
  readonly restarts: number
  /** At some moment nothing serves. */
  readonly downtime: boolean
  /** Volumes whose content will be gone, by name. */
  readonly dataLoss: readonly string[]
  readonly changes: readonly PlanChange[]
  readonly losses: readonly Loss[]
  /** Things that will probably not work: an update that can find no place. */
  readonly warnings: readonly string[]
  /** One sentence: `rolling restart of 3 instances`. */
  readonly summary: string
}
