import type { App } from 'intermodal'

const DELAY = 10_000
const FACTOR = 2
const MAX_DELAY = 300_000
/** An instance that ran for so long before it crashed starts the count again, where the app gives no window. */
const STABLE = 600_000

export interface Restart {
  /** The crashes that count, this one included, oldest first. */
  readonly crashes: readonly number[]
  /** Milliseconds to wait; `undefined`: it is not started again. */
  readonly delay: number | undefined
}

/**
 * Whether and when an ended instance is started again. The defaults are Kubernetes': 10 s, twice as long each time, at
 * most 5 minutes, and no end of attempts. `maxAttempts` counts restarts, `window` forgets older crashes.
 */
export function restartAfter(
  policy: App['restart'],
  ended: { readonly failed: boolean; readonly ranFor: number; readonly crashes: readonly number[] },
  now: number,
): Restart {
  const { window } = policy
  const counting =
    window === undefined
      ? ended.ranFor >= STABLE
        ? []
        : ended.crashes
      : ended.crashes.filter((at) => at > now - window)
  const crashes = [...counting, now].slice(-50)
  const wanted = policy.condition === 'always' || (policy.condition === 'onFailure' && ended.failed)
  if (!wanted || crashes.length > (policy.maxAttempts ?? Number.POSITIVE_INFINITY)) {
    return { crashes, delay: undefined }
  }
  const delay = (policy.delay ?? DELAY) * (policy.factor ?? FACTOR) ** (crashes.length - 1)
  return {
    crashes,
    delay: Math.min(delay, Math.max(policy.maxDelay ?? MAX_DELAY, policy.delay ?? 0)),
  }
}
