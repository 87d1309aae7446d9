/** Rejects with the signal's reason as soon as it aborts; otherwise settles as the promise does. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {}) // Its failure has no reader any more: the caller is told the abort.
    return Promise.reject(signal.reason)
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/**
 * A hand-over from callbacks to one `for await`. Values wait until they are taken; with a key, a newer value takes
 * the place of the one waiting under the same key, so a slow reader costs memory by keys, not by values.
 */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #waiting = new Map<unknown, T>()
  #wake: (() => void) | undefined
  #ended = false
  #error: { readonly reason: unknown } | undefined
  #replaced = 0

  get size(): number {
    return this.#waiting.size
  }

  /** How many values were replaced before anyone read them, since the last time this was asked. */
  takeReplaced(): number {
    const replaced = this.#replaced
    this.#replaced = 0
    return replaced
  }

  put(value: T, key: unknown = Symbol('unkeyed')): void {
    if (this.#ended) return
    // Deleted first, so that the newer value also takes its place in the order.
    if (this.#waiting.delete(key)) this.#replaced++
    this.#waiting.set(key, value)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** What waits is still delivered, then the iteration throws. */
  fail(reason: unknown): void {
    if (this.#ended) return
    this.#error = { reason }
    this.end()
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const [entry] = this.#waiting
      if (entry) {
        this.#waiting.delete(entry[0])
        return { done: false, value: entry[1] }
      }
      if (this.#error) throw this.#error.reason
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#waiting.clear()
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
