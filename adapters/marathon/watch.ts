import {
  type Call,
  type Change,
  type Clock,
  IntermodalError,
  pollChanges,
  type Selector,
  sleep,
} from 'intermodal'
import type { Marathon } from './api.ts'
import { EventHints } from './hints.ts'
import type { Observer } from './observer.ts'
import { isMoving, Sight } from './sight.ts'

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
/**
 * Events make the next look come at once and say which apps to look at; a look tells how they are. While the stream is alive
 * what was seen of the others still holds, and only now and then is everything looked at anew, for what events have missed.
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
  const sight = new Sight({ observer, selector, clock, quiet: options.quiet })
  try {
    yield* pollChanges({
      call,
      clock,
      snapshot: async (signal) => {
        if (hints.takeBreak()) throw broken(marathon.at)
        const news = hints.takeNews()
        return sight.look(hints.alive ? news : undefined, signal)
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

function broken(at: string): IntermodalError {
  return new IntermodalError('UNAVAILABLE', `the stream of events from ${at} broke`, {
    remedy: 'nothing: it is opened again, and everything is looked at anew',
  })
}
