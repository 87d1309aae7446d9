/**
 * Several streams as one, in the order in which they have something to say. Each waits with its next value until the
 * last one was taken, so a slow reader costs one value per stream and no stream shuts another out.
 */
export class Merge<T> implements AsyncIterableIterator<T> {
  readonly #streams: readonly AsyncIterable<T>[]
  readonly #close: () => void
  readonly #offers: { readonly value: T; readonly taken: () => void }[] = []
  #open: number
  #started = false
  #closed = false
  #failure: { readonly reason: unknown } | undefined
  #wake: (() => void) | undefined

  /** `close` makes the streams end or fail; it is called once, when the reader leaves or one of them fails. */
  constructor(streams: readonly AsyncIterable<T>[], close: () => void) {
    this.#streams = streams
    this.#close = close
    this.#open = streams.length
  }

  async next(): Promise<IteratorResult<T>> {
    this.#start()
    for (;;) {
      const offer = this.#offers.shift()
      if (offer) {
        offer.taken()
        return { done: false, value: offer.value }
      }
      if (this.#failure) throw this.#failure.reason
      if (this.#closed || this.#open === 0) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#shut()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Nothing is asked before somebody reads. */
  #start(): void {
    if (this.#started || this.#closed) return
    this.#started = true
    for (const stream of this.#streams) {
      this.#drain(stream).then(
        () => this.#ended(),
        (reason: unknown) => this.#failed(reason),
      )
    }
  }

  async #drain(stream: AsyncIterable<T>): Promise<void> {
    for await (const value of stream) {
      if (this.#closed) return
      await new Promise<void>((taken) => {
        this.#offers.push({ value, taken })
        this.#wake?.()
      })
      if (this.#closed) return
    }
  }

  #ended(): void {
    this.#open--
    this.#wake?.()
  }

  #failed(reason: unknown): void {
    // After the reader has left, streams fail because they were closed.
    if (!this.#closed) this.#failure ??= { reason }
    this.#shut()
  }

  #shut(): void {
    if (!this.#closed) {
      this.#closed = true
      this.#close()
    }
    for (const { taken } of this.#offers.splice(0)) taken()
    this.#wake?.()
  }
}
