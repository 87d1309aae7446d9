import {
  type AppStatus,
  type Call,
  type Change,
  type Clock,
  IntermodalError,
  matches,
  pollChanges,
  type Selector,
  sleep,
} from 'intermodal'
import type { Marathon } from './api.ts'
import { explainError } from './errors.ts'
import { EventHints } from './hints.ts'
import type { Observer } from './observer.ts'

export interface WatchOptions {
  /** Rest between two looks while something changes, milliseconds: back-off and offers make no events. */
  readonly busy: number
  /** The longest rest between two looks while the stream lives and nothing happens, milliseconds. */
  readonly quiet: number
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
}

/** Events come in bursts: so long they are collected before the next look, milliseconds. */
const SETTLE = 100
/** Heartbeats come every ten seconds: how often they are passed on, milliseconds. */
const PULSE = 10_000
const FIRST_RETRY = 500
const LAST_RETRY = 30_000
const SETTLED: ReadonlySet<AppStatus['state']> = new Set([
  'running',
  'suspended',
  'completed',
  'failed',
])

/**
 * Events make the next look come at once, a look tells how things are. While the stream is alive and quiet, what was seen last
 * still holds, and only now and then is everything looked at anew, for what events have missed.
 */
export async function* watchApps(
  marathon: Marathon,
  observer: Observer,
  options: WatchOptions,
  selector: Selector,
  call: Call,
): AsyncGenerator<Change, void, void> {
  const { clock, random } = options
  const around = (milliseconds: number) => milliseconds * (0.9 + 0.2 * random())
  const hints = new EventHints(marathon, clock, random)
  let seen: { readonly statuses: readonly AppStatus[]; readonly at: number } | undefined
  const look = async (signal: AbortSignal) => {
    const at = clock.now()
    hints.takeNews()
    seen = undefined
    const statuses = await lookAt(observer, selector, signal)
    seen = { statuses, at }
    return statuses
  }
  try {
    yield* pollChanges({
      call,
      clock,
      snapshot: async (signal) => {
        if (hints.takeBreak()) throw broken(marathon.at)
        const fresh = seen && clock.now() - seen.at < options.quiet && !seen.statuses.some(isMoving)
        if (seen && fresh && hints.alive && !hints.takeNews()) return seen.statuses
        return look(signal)
      },
      interval: (changed, statuses) =>
        around(changed || statuses.some(isMoving) ? options.busy : Math.min(PULSE, options.quiet)),
      backoff: (failures) => around(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1))),
      hint: async (signal) => {
        await hints.next(signal)
        await sleep(clock, SETTLE, signal)
      },
    })
  } finally {
    await hints.close()
  }
}

async function lookAt(
  observer: Observer,
  selector: Selector,
  signal: AbortSignal,
): Promise<readonly AppStatus[]> {
  try {
    const statuses = await observer.all('watch', signal)
    return statuses.filter((status) => matches(selector, status))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw explainError(error, 'list the apps')
  }
}

function broken(at: string): IntermodalError {
  return new IntermodalError('UNAVAILABLE', `the stream of events from ${at} broke`, {
    remedy: 'nothing: it is opened again, and everything is looked at anew',
  })
}

function isMoving({ state, counts }: AppStatus): boolean {
  return !SETTLED.has(state) || counts.pending > 0 || counts.stopping > 0
}
