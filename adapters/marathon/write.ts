import { type AppId, type Clock, IntermodalError, sleep } from 'intermodal'
import type { Accepted, Marathon } from './api.ts'
import { HttpError, isAmbiguous } from './http-error.ts'
import type { Deployment } from './wire-answers.ts'

export interface WriteContext {
  readonly marathon: Marathon
  readonly clock: Clock
  /** What to do when a deployment holds the app. */
  readonly whenLocked: 'refuse' | 'wait'
  /** With more deployments than this in its list Marathon is left in peace. */
  readonly maxDeployments: number
}

/** Rests between looks for a write nobody answered, milliseconds. */
const LOOKS = [250, 1000, 2000]
const FIRST_WAIT = 500
const LAST_WAIT = 5000

/** Marathon works through its deployments one list at a time, and refuses all when there are too many. */
export async function restrain(
  { marathon, maxDeployments }: WriteContext,
  id: AppId,
  signal: AbortSignal,
): Promise<readonly Deployment[]> {
  const deployments = await marathon.deployments(signal)
  if (deployments.length < maxDeployments) return deployments
  throw new IntermodalError(
    'THROTTLED',
    `${marathon.at} has ${deployments.length} deployments to work through`,
    {
      app: id,
      retryAfter: LAST_WAIT,
      remedy: 'wait until some have ended, end those that never will, or raise maxDeployments',
    },
  )
}

/**
 * One write. When nobody answers it is looked up, not repeated: `applied` says whether it is there.
 * Where the app is locked and we are to wait, `undefined` says that the lock is gone and all has to be looked at again.
 */
export async function writeOnce(
  context: WriteContext,
  run: () => Promise<Accepted>,
  applied: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Accepted | undefined> {
  try {
    return await run()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const holders = error instanceof HttpError ? error.deployments : undefined
    if (holders && context.whenLocked === 'wait') {
      await unlocked(context, holders, signal)
      return undefined
    }
    if (isAmbiguous(error) && (await found(context, applied, signal))) return {}
    throw error
  }
}

async function found(
  { clock }: WriteContext,
  applied: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const rest of LOOKS) {
    await sleep(clock, rest, signal)
    try {
      if (await applied()) return true
    } catch (error) {
      if (signal.aborted) throw signal.reason
      // Still nobody there to ask: the failure of the write is what the caller is told.
      if (!(error instanceof HttpError)) throw error
    }
  }
  return false
}

/** Resolves when none of these deployments is under way any more. */
export async function unlocked(
  { marathon, clock }: WriteContext,
  holders: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let rest = FIRST_WAIT; ; rest = Math.min(LAST_WAIT, rest * 2)) {
    await sleep(clock, rest, signal)
    const running = await marathon.deployments(signal)
    if (!running.some(({ id }) => holders.includes(id))) return
  }
}
