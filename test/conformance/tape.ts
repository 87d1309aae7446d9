import type { Pace } from './pace.ts'

/** Everything an async iterable has given so far, read in the background. */
export class Tape<T> {
  readonly items: T[] = []
  readonly ended: Promise<void>
  readonly #abort: AbortController
  /** How it ended: nothing while it goes on. */
  outcome: { readonly error?: unknown } | undefined

  constructor(iterable: AsyncIterable<T>, abort: AbortController) {
    this.#abort = abort
    this.ended = this.#read(iterable)
  }

  async #read(iterable: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of iterable) this.items.push(item)
      this.outcome = {}
    } catch (error) {
      this.outcome = { error }
    }
  }

  /** The first item from `from` on that fits; throws at once when the iterable ends before. */
  async first<S extends T>(
    pace: Pace,
    what: string,
    fits: (item: T) => item is S,
    from?: number,
  ): Promise<S>
  async first(pace: Pace, what: string, fits: (item: T) => boolean, from?: number): Promise<T>
  async first(pace: Pace, what: string, fits: (item: T) => boolean, from = 0): Promise<T> {
    return pace.until(
      () => `${what} (the stream gave ${JSON.stringify(this.items.slice(from).map(brief))})`,
      () => {
        const found = this.items.slice(from).find(fits)
        if (found !== undefined) return found
        if (!this.outcome) return undefined
        throw new Error(`${what}: the stream ended before`, { cause: this.outcome.error })
      },
    )
  }

  /** Aborts what is read, and waits for the end of it. */
  async stop(pace: Pace, reason: unknown = new Error('the test has seen enough')): Promise<void> {
    this.#abort.abort(reason)
    await pace.settle(this.ended, 'an aborted stream ends')
  }
}

function brief(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  const { type, status, id, app } = item as Record<string, unknown>
  const state = (status as { state?: unknown } | undefined)?.state
  return [type, app ?? id ?? (status as { id?: unknown } | undefined)?.id, state]
    .filter(Boolean)
    .join(' ')
}
