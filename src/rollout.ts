import type { Revision } from './adapter.ts'
import type { Duration } from './app/quantity.ts'
import type { AppId } from './app/schema.ts'
import { IntermodalError } from './errors.ts'
import type { AppStatus, Instance, Reason } from './status.ts'

/** How a change ended. Exactly one, always. */
export const OUTCOMES = [
  'succeeded',
  'failed',
  'rolledBack',
  'superseded',
  'cancelled',
  'timedOut',
] as const
/** How a change ended; only `succeeded` is a success. */
export type Outcome = (typeof OUTCOMES)[number]

/** One thing that happened on the way of a change. */
export interface RolloutStep {
  /**
   * `stalled`: it goes on, but for a reason that will not pass by waiting alone, see `reasons`. `ended` is the last.
   */
  readonly type: 'progress' | 'stalled' | 'paused' | 'rollingBack' | 'stale' | 'ended'
  readonly app: AppId
  readonly time: number
  /** One sentence: `2 of 3 ready`. */
  readonly message: string
  readonly reasons: readonly Reason[]
  /** Absent when the app is gone. */
  readonly status?: AppStatus | undefined
  /** With `ended`. */
  readonly outcome?: Outcome | undefined
}

/** How a change ended, and what was seen last. */
export interface RolloutResult {
  readonly outcome: Outcome
  readonly app: AppId
  readonly cluster: string
  readonly revision: Revision
  /** One sentence with the numbers in it. */
  readonly message: string
  readonly reasons: readonly Reason[]
  /** The last status seen. */
  readonly status?: AppStatus | undefined
  /** The instances that failed, with the tail of their logs where the engine still has them. */
  readonly failures: readonly FailedInstance[]
  /** Milliseconds from the first look to the outcome. */
  readonly duration: number
}

/** An instance that failed during a rollout. */
export interface FailedInstance {
  readonly instance: Instance
  readonly logs: readonly string[]
}

/** How long to wait for the end of a change. */
export interface WaitOptions {
  /** Give up following after this; the outcome is `timedOut` and the rollout goes on. @default '15m' */
  readonly timeout?: Duration | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One accepted change, followed to its one outcome. Each `for await` tells every step from the beginning; leaving it
 * stops nothing on the cluster.
 */
export interface Rollout extends AsyncIterable<RolloutStep> {
  readonly app: AppId
  readonly cluster: string
  readonly revision: Revision
  /** Resolves when it succeeded; otherwise throws a `RolloutError`. An abort rethrows the signal's reason. */
  done(options?: WaitOptions): Promise<RolloutResult>
  /** The same without the throw: every outcome is a result. */
  result(options?: WaitOptions): Promise<RolloutResult>
}

/** A change that did not succeed. `code` is `ROLLOUT_FAILED`; `outcome` tells how it ended. */
export class RolloutError extends IntermodalError {
  readonly outcome: Exclude<Outcome, 'succeeded'>
  readonly result: RolloutResult

  constructor(result: RolloutResult & { readonly outcome: Exclude<Outcome, 'succeeded'> }) {
    super('ROLLOUT_FAILED', `${result.app} on ${result.cluster}: ${result.message}`, {
      cluster: result.cluster,
      app: result.app,
      retryable: false,
      remedy: REMEDIES[result.outcome],
    })
    this.outcome = result.outcome
    this.result = result
  }
}

const REMEDIES: Readonly<Record<Exclude<Outcome, 'succeeded'>, string>> = {
  failed: 'ask explain() for what to try, then apply a mended app or rollback()',
  rolledBack: 'the previous revision serves again; mend the app and apply it',
  superseded: 'someone applied a newer revision; follow that one',
  cancelled: 'the app was removed or the change taken back while it was rolling out',
  timedOut: 'it still goes on; follow() it again, or rollback()',
}
