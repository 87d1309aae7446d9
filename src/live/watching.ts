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
    let error: IntermodalError
    try {
      for (;;) {
        const result = await nextWithin(changes, options)
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

function nextWithin(
  changes: AsyncIterator<Change>,
  { clock, idle, signal, cluster }: WatchingOptions,
): Promise<IteratorResult<Change>> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      cancel()
      signal.removeEventListener('abort', abort)
    }
    const abort = () => {
      settle()
      reject(signal.reason)
    }
    const cancel = clock.after(idle, () => {
      settle()
      reject(
        new IntermodalError(
          'TIMEOUT',
          `the stream of ${cluster} said nothing for ${formatDuration(idle)}`,
          {
            cluster,
          },
        ),
      )
    })
    signal.addEventListener('abort', abort, { once: true })
    changes.next().then(
      (result) => {
        settle()
        resolve(result)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )
  })
}
