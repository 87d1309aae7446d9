import type { Adapter, Change, Selector } from '../adapter.ts'
import { formatDuration } from '../app/quantity.ts'
import { backoff } from '../backoff.ts'
import { type Clock, sleep } from '../clock.ts'
import { IntermodalError, withContext } from '../errors.ts'
import { Mailbox } from '../stream.ts'

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
 * Follows an adapter's watch for ever and never goes silent: when the watch throws, ends or says nothing for too long,
 * that is told as `lost`, and it is opened again after a rest. Rejects with the signal's reason when aborted, and with
 * an error that will not mend itself when there has been no picture yet.
 *
 * Changes are told by a call, because a picture of 30,000 apps comes as 30,000 of them, and each hand-over between
 * iterables costs more than taking one in.
 */
export async function keepWatching(
  options: WatchingOptions,
  tell: (change: Change) => void,
): Promise<never> {
  const { clock, random, signal, cluster } = options
  let failures = 0
  let everSynced = false
  let lost = false
  const take = (change: Change): void => {
    if (change.type === 'synced') {
      everSynced = true
      lost = false
      failures = 0
    } else if (change.type === 'lost') {
      if (!everSynced && LASTING.has(change.error.code)) throw change.error
      withContext(change.error, { cluster })
      if (lost) return
      lost = true
    }
    tell(change)
  }
  for (;;) {
    signal.throwIfAborted()
    const error = await watchOnce(options, take)
    if (!everSynced && LASTING.has(error.code)) throw error
    take({ type: 'lost', error })
    failures++
    await sleep(clock, Math.max(backoff(failures, random), error.retryAfter ?? 0), signal)
  }
}

/** One watch until it is over. Resolves with why; rejects with the signal's reason. */
async function watchOnce(
  options: WatchingOptions,
  take: (change: Change) => void,
): Promise<IntermodalError> {
  const { adapter, selector, cluster, signal } = options
  const attempt = new AbortController()
  const call = {
    signal: AbortSignal.any([signal, attempt.signal]),
    deadline: Number.POSITIVE_INFINITY,
  }
  const changes = adapter.watch(selector, call)[Symbol.asyncIterator]()
  const patience = new Patience(options)
  const read = async (): Promise<never> => {
    for (;;) {
      const { done, value } = await changes.next()
      // What comes too late belongs to a watch that was given up.
      if (patience.over) throw patience.over.reason
      if (done) throw new IntermodalError('PROTOCOL', `the ${adapter.kind} watch ended by itself`)
      patience.heard()
      take(value)
    }
  }
  try {
    return await Promise.race([read(), patience.lost])
  } catch (thrown) {
    signal.throwIfAborted()
    const error = IntermodalError.is(thrown)
      ? thrown
      : new IntermodalError('PROTOCOL', `the ${adapter.kind} watch failed`, { cause: thrown })
    return withContext(error, { cluster })
  } finally {
    patience.end()
    attempt.abort()
    // Not awaited: a watch that hangs would hang its own closing too.
    changes.return?.(undefined)?.catch(() => {})
  }
}

/** The same as an iterable, for who follows one app. Throws the signal's reason. */
export async function* watching(options: WatchingOptions): AsyncGenerator<Change, void, void> {
  const leave = new AbortController()
  const signal = AbortSignal.any([options.signal, leave.signal])
  const mailbox = new Mailbox<Change>()
  keepWatching({ ...options, signal }, (change) => mailbox.put(change)).catch((reason: unknown) =>
    mailbox.fail(reason),
  )
  try {
    for await (const change of mailbox) {
      signal.throwIfAborted()
      yield change
    }
  } finally {
    leave.abort(new DOMException('nobody follows the watch any more', 'AbortError'))
  }
}

/** Rejects when a watch has said nothing for too long, or is not wanted any more. One timer serves the whole watch. */
class Patience {
  readonly lost: Promise<never>
  readonly #options: WatchingOptions
  readonly #lose: (reason: unknown) => void
  #over: { readonly reason: unknown } | undefined
  #heardAt: number
  #cancelTimer: () => void = () => {}

  constructor(options: WatchingOptions) {
    this.#options = options
    const { promise, reject } = Promise.withResolvers<never>()
    this.lost = promise
    this.#lose = (reason) => {
      this.#over ??= { reason }
      reject(reason)
    }
    this.#heardAt = options.clock.now()
    options.signal.addEventListener('abort', this.#abort, { once: true })
    this.#arm(options.idle)
  }

  get over(): { readonly reason: unknown } | undefined {
    return this.#over
  }

  heard(): void {
    this.#heardAt = this.#options.clock.now()
  }

  end(): void {
    this.#cancelTimer()
    this.#options.signal.removeEventListener('abort', this.#abort)
  }

  readonly #abort = (): void => this.#lose(this.#options.signal.reason)

  #arm(milliseconds: number): void {
    const { clock, idle, cluster } = this.#options
    this.#cancelTimer = clock.after(milliseconds, () => {
      const rest = this.#heardAt + idle - clock.now()
      if (rest > 0) return this.#arm(rest)
      const message = `the stream of ${cluster} said nothing for ${formatDuration(idle)}`
      this.#lose(new IntermodalError('TIMEOUT', message, { cluster }))
    })
  }
}
