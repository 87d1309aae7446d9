import type { Selector } from './adapter.ts'
import { milliseconds } from './app/quantity.ts'
import type { AppId } from './app/schema.ts'
import type { Client } from './client.ts'
import { IntermodalError } from './errors.ts'
import { MigrationLog } from './migrate/log.ts'
import type { MigrateOptions } from './migrate/options.ts'
import type { MigrationPlan } from './migrate/plan.ts'
import { check, type Prepared, prepare } from './migrate/prepare.ts'
import {
  MigrationError,
  type MigrationOutcome,
  type MigrationResult,
  type MigrationStep,
} from './migrate/result.ts'
import { Cancelled, MigrationRun } from './migrate/run.ts'
import type { Sides } from './migrate/survey.ts'
import { abortable } from './stream.ts'

/**
 * Apps on their way from one cluster to another. It goes on by itself, whether or not anybody reads; each `for await` tells
 * every step from the first. Unlike a rollout it is this process that does the work: leaving an `await using` block stops it
 * where it stands.
 */
export interface Migration extends AsyncIterable<MigrationStep>, AsyncDisposable {
  readonly from: string
  readonly to: string
  /** In the order in which they are started. */
  readonly apps: readonly AppId[]
  readonly plan: MigrationPlan
  /**
   * Resolves when everything is as it was asked for; otherwise throws a `MigrationError`. An abort of the migration's signal, or of
   * this one, rethrows the signal's reason.
   */
  done(options?: { readonly signal?: AbortSignal | undefined }): Promise<MigrationResult>
  /** The same without the throw: every outcome is a result. */
  result(options?: { readonly signal?: AbortSignal | undefined }): Promise<MigrationResult>
  /**
   * Stops after the call in flight; the outcome is `stopped`, and tells how every app stands. With `back` it takes back
   * what was done instead. Once it goes back, only a cancel without `back` stops that too.
   */
  cancel(options?: { readonly back?: boolean | undefined }): void
}

/**
 * What a migration would do, app by app: what is carried over, approximated and dropped, and what is left to do by hand.
 * Changes nothing. Throws what makes it impossible: `APP_NOT_FOUND`, `CONFLICT`, `APP_INVALID`.
 */
export async function planMigration(
  from: Client,
  to: Client,
  which: readonly AppId[] | Selector,
  options: MigrateOptions = {},
): Promise<MigrationPlan> {
  return (await prepare({ from, to }, which, options)).plan
}

/**
 * Moves apps from one cluster to another without a gap: all are started on the new side in the order of their dependencies,
 * and when all are ready the old side is scaled down in steps, dependents first, each step taken only while the new side is
 * ready. Whatever goes wrong before the old side is removed takes everything back: first the old side as it was, then the
 * new side empty.
 *
 * Begun again after a crash, at any point, it goes on from what it finds on both sides: apps on the new side carry where they
 * came from and how many instances there were. When all is done it changes nothing.
 *
 * Throws before anything is changed: `APP_NOT_FOUND`; `APP_INVALID` when both sides are one cluster; `CONFLICT` when an app is on
 * the new side and was not moved there from this old one, unless forced; `UNSUPPORTED` with the losses it would take.
 */
export async function migrate(
  from: Client,
  to: Client,
  which: readonly AppId[] | Selector,
  options: MigrateOptions = {},
): Promise<Migration> {
  const sides = { from, to }
  const prepared = await prepare(sides, which, options)
  check(prepared, sides)
  return begin(sides, prepared, options, 'moved')
}

/**
 * Takes a migration back, finished or not: the old side as it was, then the new side empty. Where the old side was removed
 * there is nothing to go back to: the outcome is `failed`, and migrating the other way round is the way.
 */
export async function migrateBack(
  from: Client,
  to: Client,
  which: readonly AppId[] | Selector,
  options: Pick<MigrateOptions, 'signal' | 'timeout' | 'patience' | 'clock'> = {},
): Promise<Migration> {
  const sides = { from, to }
  // What the new side would lose does not matter any more.
  const prepared = await prepare(sides, which, {
    ...options,
    // What was not moved there is not ours to take back.
    force: false,
    losses: 'lenient',
    rerunJobs: true,
  })
  return begin(sides, prepared, options, 'back')
}

function begin(
  sides: Sides,
  { moves, plan, settings }: Prepared,
  { signal: given }: MigrateOptions,
  wanted: MigrationOutcome & ('moved' | 'back'),
): Migration {
  const { clock, deadline } = settings
  const signal = given ?? new AbortController().signal
  const there = new AbortController()
  const back = new AbortController()
  const log = new MigrationLog()
  const run = new MigrationRun({ ...sides, moves, settings, log, signal })
  const forward = AbortSignal.any([signal, there.signal])
  const homeward = AbortSignal.any([signal, back.signal])
  const late = clock.after(milliseconds('deadline', deadline), () =>
    there.abort(
      new IntermodalError('TIMEOUT', `the apps were not moved within ${deadline}`, {
        cluster: plan.to,
        remedy: 'give it longer, or fewer apps at a time',
      }),
    ),
  )
  const outcome = (wanted === 'moved' ? run.run(forward, homeward) : run.back(homeward)).finally(
    () => {
      late()
      log.end()
    },
  )
  // Whoever waits is told; without anybody there is nobody to tell.
  outcome.catch(() => {})

  const result: Migration['result'] = ({ signal: own } = {}) =>
    own ? abortable(outcome, own) : outcome
  const cancel: Migration['cancel'] = (options = {}) => {
    const cancelled = new Cancelled(options.back ?? false)
    there.abort(cancelled)
    if (!cancelled.back) back.abort(cancelled)
  }
  return {
    from: plan.from,
    to: plan.to,
    apps: moves.map(({ id }) => id),
    plan,
    result,
    cancel,
    async done(options) {
      const ended = await result(options)
      if (ended.outcome === wanted) return ended
      throw new MigrationError(ended)
    },
    [Symbol.asyncIterator]: () => log.read(),
    async [Symbol.asyncDispose]() {
      cancel()
      await outcome.catch(() => {}) // Whoever waits for the result is told its failure.
    },
  }
}
