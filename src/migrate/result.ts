import type { AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'
import type { AppState, AppStatus } from '../status.ts'

/** How a migration ended. */
export const MIGRATION_OUTCOMES = ['moved', 'back', 'stopped', 'failed'] as const
/**
 * `moved`: every app is on the new side. `back`: every app is on the old side as it was, and nothing is left on the new
 * one but what was taken over there. `stopped`: it was cancelled and stands as `apps` tells. `failed`: it could be neither finished nor taken back, or
 * was not to be taken back; nothing was taken away that could not be replaced. The last two go on when it is begun again.
 */
export type MigrationOutcome = (typeof MIGRATION_OUTCOMES)[number]

/** One cluster's part of an app, when it was last seen. */
export interface MigrationSide {
  readonly state: AppState
  readonly desired: number
  readonly ready: number
}

/** How one app stands. */
export interface MigratedApp {
  /** The side that serves; `both` while it is shifted, or when both were to be kept. */
  readonly on: 'old' | 'new' | 'both' | 'neither'
  /** Absent: it is not there. `unreachable`: that cluster did not tell. */
  readonly old?: MigrationSide | 'unreachable' | undefined
  readonly new?: MigrationSide | 'unreachable' | undefined
}

/** How a migration ended, and how each app was found then. */
export interface MigrationResult {
  readonly outcome: MigrationOutcome
  readonly from: string
  readonly to: string
  /** How each app was found when all was over. */
  readonly apps: Readonly<Record<AppId, MigratedApp>>
  /** One sentence. */
  readonly message: string
  /** What made it go back or fail. */
  readonly cause?: IntermodalError | undefined
  /** What could not be taken back. */
  readonly problems: readonly IntermodalError[]
  /** Milliseconds. */
  readonly duration: number
}

export const MIGRATION_STEPS = [
  'waiting',
  'starting',
  'progress',
  'started',
  'shifting',
  'shifted',
  'finished',
  'skipped',
  'failed',
  'returning',
  'returned',
] as const

/** Something happened to one app. Holds both sides whole, so that missing one step is harmless. */
export interface MigrationStep {
  readonly type: (typeof MIGRATION_STEPS)[number]
  readonly app: AppId
  /** Milliseconds since the epoch. */
  readonly time: number
  /** One sentence: `2 of 3 ready on prod`. */
  readonly message: string
  readonly old?: MigrationSide | undefined
  readonly new?: MigrationSide | undefined
}

/** A migration that has not moved everything. `code` is that of the cause, `ROLLOUT_FAILED` where there is none. */
export class MigrationError extends IntermodalError {
  readonly outcome: MigrationOutcome
  readonly result: MigrationResult

  constructor(result: MigrationResult) {
    super(result.cause?.code ?? 'ROLLOUT_FAILED', result.message, {
      cluster: result.cause?.cluster,
      app: result.cause?.app,
      retryable: false,
      remedy: REMEDIES[result.outcome],
      cause: result.cause,
    })
    this.outcome = result.outcome
    this.result = result
  }
}

const REMEDIES: Readonly<Record<MigrationOutcome, string | undefined>> = {
  moved: undefined,
  back: 'mend what kept it from coming up on the new side, and begin again',
  stopped: 'begin again to go on, or take it back',
  failed: 'see to the cluster that failed, then begin again to go on, or take it back',
}

export function sideOf(status: AppStatus | undefined): MigrationSide | undefined {
  if (!status) return undefined
  const { state, counts } = status
  return { state, desired: counts.desired, ready: counts.ready }
}

/** Which side serves. An app at rest with no instances serves where it is not suspended. */
export function standingOf(old: MigratedApp['old'], now: MigratedApp['new']): MigratedApp {
  const serves = (side: MigratedApp['old']) =>
    side !== undefined &&
    (side === 'unreachable' || (side.state !== 'suspended' && side.state !== 'absent'))
  const [o, n] = [serves(old), serves(now)]
  const on = o && n ? 'both' : n ? 'new' : o ? 'old' : 'neither'
  return { on, ...(old ? { old } : {}), ...(now ? { new: now } : {}) }
}
