import type { Group } from './app/group.ts'
import { type Duration, milliseconds } from './app/quantity.ts'
import type { AppId } from './app/schema.ts'
import type { Clock } from './clock.ts'
import { IntermodalError } from './errors.ts'
import { checkGroup } from './group/check.ts'
import { GroupRun } from './group/run.ts'
import { StepLog } from './group/step-log.ts'
import type { ApplyGroupOptions, GroupTarget } from './group/target.ts'
import {
  type Rollout,
  RolloutError,
  type RolloutResult,
  type RolloutStep,
  type WaitOptions,
} from './rollout.ts'
import { abortable } from './stream.ts'

/** One step of several apps rolling out: about one of them. */
export type GroupStep =
  | { readonly type: 'waiting'; readonly app: AppId; readonly on: readonly AppId[] }
  | { readonly type: 'applied'; readonly app: AppId; readonly rollout: Rollout }
  | { readonly type: 'step'; readonly app: AppId; readonly step: RolloutStep }
  /** Not applied, because something it depends on failed. */
  | { readonly type: 'skipped'; readonly app: AppId; readonly message: string }
  /** Could not be applied, or not be put back. */
  | { readonly type: 'failed'; readonly app: AppId; readonly error: IntermodalError }
  /** Put back to what it was before the group failed. */
  | { readonly type: 'undone'; readonly app: AppId; readonly message: string }

/** How several apps that were applied together ended. */
export interface GroupResult {
  /** `rolledBack`: an app failed, and every app is what it was before. `timedOut`: the waiting is over, nothing else. */
  readonly outcome: 'succeeded' | 'failed' | 'rolledBack' | 'timedOut'
  /** By app; `undefined` for one whose rollout has no outcome, or that was not applied. */
  readonly apps: Readonly<Record<AppId, RolloutResult | undefined>>
  /** Why apps could not be applied at all. */
  readonly errors: Readonly<Record<AppId, IntermodalError>>
  readonly message: string
}

/**
 * Several apps rolling out in the order of their dependencies. It goes on by itself, whether or not anybody reads; each
 * `for await` tells every step from the first.
 */
export interface GroupRollout extends AsyncIterable<GroupStep> {
  readonly apps: readonly AppId[]
  /**
   * Resolves when every app succeeded; otherwise throws the first failed app's `RolloutError`, or the error that kept
   * it from being applied. Throws `TIMEOUT` when the wait was too short. An abort rethrows the signal's reason.
   *
   * The timeout is an hour when absent: a group takes as long as its longest chain of dependencies.
   */
  done(options?: WaitOptions): Promise<GroupResult>
  /** The same without the throw: every outcome is a result. */
  result(options?: WaitOptions): Promise<GroupResult>
}

const DEFAULT_WAIT: Duration = '1h'

/**
 * Checks every app of the group, creates its secrets and configs, and begins to apply the apps in order. Nothing is
 * changed when one of them would be refused. An abort of `options.signal` ends the following; rollouts go on, and no
 * further app is begun.
 *
 * With `onFailure: 'rollback'`, apps that were applied are put back when one fails; secrets and configs stay, for their
 * former content cannot be read.
 */
export async function applyGroup(
  target: GroupTarget,
  group: Group,
  options: ApplyGroupOptions,
): Promise<GroupRollout> {
  const { signal: given, timeout, clock } = options
  given?.throwIfAborted()
  const before = await checkGroup(target, group, options)
  for (const secret of group.secrets) await target.putSecret(secret, { signal: given, timeout })
  for (const config of group.configs) await target.putConfig(config, { signal: given, timeout })

  const broken = new AbortController()
  const signal = given ? AbortSignal.any([given, broken.signal]) : broken.signal
  const log = new StepLog()
  const run = new GroupRun({ target, group, options, before, log, signal })
  const outcome = run.run().then(
    (result) => {
      log.end()
      return result
    },
    (reason: unknown) => {
      // One app's unforeseen error ends the following of all: nobody would look after the rest.
      broken.abort(reason)
      log.fail(reason)
      throw reason
    },
  )
  // Whoever reads the steps or waits for the result is told; without either there is nobody to tell.
  outcome.catch(() => {})

  const result = async (wait: WaitOptions = {}): Promise<GroupResult> => {
    const limit = wait.timeout ?? DEFAULT_WAIT
    return within(outcome, milliseconds('timeout', limit), clock, wait.signal, () => ({
      ...run.result(),
      outcome: 'timedOut',
      message: `the ${group.apps.length} apps are not done after ${limit}; they go on rolling out on ${target.cluster}`,
    }))
  }
  return {
    apps: group.apps.map(({ id }) => id),
    result,
    async done(wait) {
      const ended = await result(wait)
      if (ended.outcome === 'succeeded') return ended
      const failure = run.firstFailure
      if (ended.outcome === 'timedOut' || !failure) {
        throw new IntermodalError('TIMEOUT', ended.message, {
          cluster: target.cluster,
          remedy: 'wait for it again, or follow() the apps one by one',
        })
      }
      if ('error' in failure) throw failure.error
      throw failed(failure.result)
    },
    [Symbol.asyncIterator]: () => log.read(),
  }
}

function failed(result: RolloutResult): RolloutError {
  const { outcome } = result
  if (outcome === 'succeeded') throw new TypeError('a rollout that succeeded is no failure')
  return new RolloutError({ ...result, outcome })
}

/** The promise's value, or `late()` when it takes longer. */
async function within<T>(
  promise: Promise<T>,
  limit: number,
  clock: Clock,
  signal: AbortSignal | undefined,
  late: () => T,
): Promise<T> {
  const over = Promise.withResolvers<T>()
  const cancel = clock.after(limit, () => over.resolve(late()))
  try {
    const first = Promise.race([promise, over.promise])
    return await (signal ? abortable(first, signal) : first)
  } finally {
    cancel()
  }
}
