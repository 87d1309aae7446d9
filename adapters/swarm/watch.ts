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
import type { Engine } from './client.ts'
import { explainError } from './errors.ts'
import { EventHints } from './hints.ts'
import type { Observer } from './picture.ts'

export interface WatchOptions {
  /** Rest between two looks while something changes, milliseconds. */
  readonly busy: number
  /** The same while nothing does. */
  readonly quiet: number
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
}

/** Events come in bursts: so long they are collected before the next look. */
const SETTLE = 100
const FIRST_RETRY = 500
const LAST_RETRY = 30_000
const SETTLED: ReadonlySet<AppStatus['state']> = new Set([
  'running',
  'suspended',
  'completed',
  'degraded',
  'failed',
  'paused',
])

/**
 * Swarm tells nothing of its tasks, so everything is listed again and again (three requests whatever the number of
 * apps) and compared; its events only make the next look come earlier.
 */
export async function* watchApps(
  engine: Engine,
  observer: Observer,
  options: WatchOptions,
  selector: Selector,
  call: Call,
): AsyncGenerator<Change, void, void> {
  const { clock, random } = options
  const around = (milliseconds: number) => milliseconds * (0.9 + 0.2 * random())
  const hints = new EventHints(engine, clock)
  try {
    yield* pollChanges({
      call,
      clock,
      snapshot: async (signal) => {
        if (hints.takeBreak()) throw broken(engine.at)
        return look(observer, selector, signal)
      },
      interval: (changed, statuses) =>
        around(changed || statuses.some(isMoving) ? options.busy : options.quiet),
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

async function look(
  observer: Observer,
  selector: Selector,
  signal: AbortSignal,
): Promise<readonly AppStatus[]> {
  try {
    const statuses = await observer.all('poll', signal)
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
