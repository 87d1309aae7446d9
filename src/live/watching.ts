import type { Adapter, Change, Selector } from '../adapter.ts'
import { formatDuration } from '../app/quantity.ts'
import { backoff } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import { IntermodalError, withContext } from '../errors.ts'

export interface WatchingOptions {
  readonly adapter: Pick<Adapter, 'watch' | 'kind'>
  readonly selector: Selector
  readonly cluster: string
  readonly clock: Clock
  readonly random: () => number
  /** A watch that says nothing for so long, not even `alive`, is taken for dead. Milliseconds. */
  readonly idle: number
  readonly signal: AbortSignal
}

/** A wrong address or a missing right does not mend itself before the first picture; later it may (a rotated token). */
const LASTING: ReadonlySet<string> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNSUPPORTED',
  'ADAPTER_INCOMPATIBLE',
  'APP_INVALID',
])

/**
 * An adapter's watch that never goes silent and never ends: when it throws, ends or says nothing for too long, that is
 * a `lost`, and it is opened again after a rest. Throws the signal's reason when aborted, and an error that will not
 * mend itself when there has been no picture yet.
 */
export async function* watching(options: WatchingOptions): AsyncGenerator<Change, never, void> {
  const { clock, random, signal } = options
  let failures = 0
  let everSynced = false
  let lost = false
  for (;;) {
    signal.throwIfAborted()
    const attempt = new AbortController()
    const changes = options.adapter
      .watch(options.selector, {
        signal: AbortSignal.any([signal, attempt.signal]),
        deadline: Number.POSITIVE_INFINITY,
      })
      [Symbol.asyncIterator]()
    const patience = new Patience(options)
    let error: IntermodalError
    try {
      for (;;) {
        const result = await patience.next(changes)
        if (result.done) {
          error = new IntermodalError(
            'PROTOCOL',
            `the ${options.adapter.kind} watch ended by itself`,
          )
          break
        }
        const change = result.value
        if (change.type === 'synced') {
          everSynced = true
          lost = false
          failures = 0
        } else if (change.type === 'lost') {
          if (!everSynced && LASTING.has(change.error.code)) throw change.error
          withContext(change.error, { cluster: options.cluster })
          if (lost) continue
          lost = true
        }
        yield change
      }
    } catch (thrown) {
      signal.throwIfAborted()
      error = IntermodalError.is(thrown)
        ? thrown
        : new IntermodalError('PROTOCOL', `the ${options.adapter.kind} watch failed`, {
            cause: thrown,
          })
      withContext(error, { cluster: options.cluster })
      if (!everSynced && LASTING.has(error.code)) throw error
    } finally {
      patience.end()
      attempt.abort()
      // Not awaited: a watch that hangs would hang its own closing too.
      changes.return?.(undefined)?.catch(() => {})
    }
    if (!lost) {
      lost = true
      yield { type: 'lost', error }
    }
    failures++
    await sleep(clock, Math.max(backoff(failures, random), error.retryAfter ?? 0), signal)
  }
}

/**
 * Waits for the next change, but not longer than the idle limit and not past an abort. One timer and one listener
 * serve the whole watch: a picture of 30,000 apps comes as 30,000 changes.
 */
class Patience {
  readonly #options: WatchingOptions
  /** Since when somebody waits for the next change; while nobody does, silence is the reader's own. */
  #waiting: number | undefined
  #giveUp: ((reason: unknown) => void) | undefined
  #cancelTimer: () => void = () => {}

  constructor(options: WatchingOptions) {
    this.#options = options
    options.signal.addEventListener('abort', this.#abort, { once: true })
    this.#arm(options.idle)
  }

  next(changes: AsyncIterator<Change>): Promise<IteratorResult<Change>> {
    return new Promise((resolve, reject) => {
      this.#waiting = this.#options.clock.now()
      this.#giveUp = reject
      changes.next().then((result) => {
        this.#waiting = undefined
        resolve(result)
      }, reject)
    })
  }

  end(): void {
    this.#cancelTimer()
    this.#options.signal.removeEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => this.#giveUp?.(this.#options.signal.reason)

  #arm(milliseconds: number): void {
    const { clock, idle, cluster } = this.#options
    this.#cancelTimer = clock.after(milliseconds, () => {
      const rest = (this.#waiting ?? clock.now()) + idle - clock.now()
      if (rest > 0) return this.#arm(rest)
      const message = `the stream of ${cluster} said nothing for ${formatDuration(idle)}`
      this.#giveUp?.(new IntermodalError('TIMEOUT', message, { cluster }))
    })
  }
}
