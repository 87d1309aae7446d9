/** One event as it goes over the wire: `data` is its JSON. */
export interface Published {
  readonly type: string
  readonly data: string
  /** With the whole root group in its plan, before and after, as events were before there was a light form. */
  readonly heavy: () => string
}

/** Hands every event to all streams, in order. There is no history: who is not there misses it. */
export class Bus {
  readonly #listeners = new Set<(event: Published) => void>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** `heavy` makes the heavy form of the fields, for the streams that get it. */
  publish(eventType: string, fields: object, heavy: () => object = () => fields): void {
    if (this.#listeners.size === 0) return
    const tail = { eventType, timestamp: new Date(this.#now()).toISOString() }
    const event: Published = {
      type: eventType,
      data: JSON.stringify({ ...fields, ...tail }),
      heavy: () => JSON.stringify({ ...heavy(), ...tail }),
    }
    for (const listener of [...this.#listeners]) listener(event)
  }

  listen(listener: (event: Published) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
