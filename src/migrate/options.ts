import type { Material } from '../adapter.ts'
import { type Duration, milliseconds } from '../app/quantity.ts'
import type { App, AppInput } from '../app/schema.ts'
import type { CallOptions, Client } from '../client.ts'
import type { Clock } from '../clock.ts'
import { IntermodalError } from '../errors.ts'

/** How apps are moved. Every field has a default. */
export interface MigrateOptions extends CallOptions {
  /** `strict` refuses what reading or translating would drop, `lenient` only what cannot run at all. @default 'strict' */
  readonly losses?: 'strict' | 'lenient' | undefined
  /** In how many steps the old side is scaled down. @default 4 */
  readonly steps?: number | undefined
  /**
   * How long the new side has to stay ready before anything is taken from the old one, and again after each step: apps
   * without checks are ready as soon as they run, and may not run for long. @default '10s'
   */
  readonly hold?: Duration | undefined
  /**
   * What becomes of the old side: zero instances and the app kept, or removed; `keep` leaves it running beside the new
   * one, and takes nothing away. @default 'suspend'
   */
  readonly finish?: 'suspend' | 'remove' | 'keep' | undefined
  /** Whether a failure takes everything back, or leaves it for a person to look at. @default 'back' */
  readonly onFailure?: 'back' | 'stop' | undefined
  /** When it is not done by then it has failed. Going back has no such limit. @default '1h' */
  readonly deadline?: Duration | undefined
  /** How long a cluster may not answer, or a new side that was ready not be so, before it has failed. @default '2m' */
  readonly patience?: Duration | undefined
  /**
   * Take over apps that are on the new side under the same ids, and were not moved there from this old one. Going back rolls those
   * back to the revision they had, where that engine can, and removes none of them.
   */
  readonly force?: boolean | undefined
  /** Run jobs again on the new side that have completed on the old one. */
  readonly rerunJobs?: boolean | undefined
  /** Apps as they shall be on the new side, in place of what is read from the old one; counts are the old side's where absent. */
  readonly apps?: readonly (AppInput | App)[] | undefined
  /** Put on the new side before the apps, where their values cannot be read from the old one. */
  readonly secrets?: readonly Material[] | undefined
  readonly configs?: readonly Material[] | undefined
  /** What waits and deadlines are measured by. @default the new side's */
  readonly clock?: Clock | undefined
}

/** With every default filled in; milliseconds. */
export interface Settings {
  readonly losses: 'strict' | 'lenient'
  readonly steps: number
  readonly hold: number
  readonly finish: 'suspend' | 'remove' | 'keep'
  readonly onFailure: 'back' | 'stop'
  readonly deadline: Duration
  readonly patience: number
  readonly force: boolean
  readonly rerunJobs: boolean
  readonly secrets: readonly Material[]
  readonly configs: readonly Material[]
  readonly clock: Clock
  readonly timeout: Duration | undefined
}

const MOST_STEPS = 1000

/** Throws `APP_INVALID` for a duration or a number of steps that is none. */
export function settingsOf(options: MigrateOptions, to: Pick<Client, 'clock'>): Settings {
  const { steps = 4, deadline = '1h' } = options
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw new IntermodalError('APP_INVALID', `cannot move in ${steps} steps`, {
      remedy: `give a whole number from 1 to ${MOST_STEPS}`,
    })
  }
  milliseconds('deadline', deadline)
  return {
    losses: options.losses ?? 'strict',
    steps,
    hold: milliseconds('hold', options.hold ?? '10s'),
    finish: options.finish ?? 'suspend',
    onFailure: options.onFailure ?? 'back',
    deadline,
    patience: milliseconds('patience', options.patience ?? '2m'),
    force: options.force ?? false,
    rerunJobs: options.rerunJobs ?? false,
    secrets: options.secrets ?? [],
    configs: options.configs ?? [],
    clock: options.clock ?? to.clock,
    timeout: options.timeout,
  }
}
