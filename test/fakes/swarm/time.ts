import type { Timeline } from '../../../adapters/simulated/world/clock.ts'

/** The world's time, for what happens by itself in a swarm. */
export class Time {
  readonly #timeline: Timeline
  #closed = false

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  get now(): number {
    return this.#timeline.now()
  }

  /** Returns the function that calls it off. */
  after(milliseconds: number, run: () => void): () => void {
    return this.#timeline.at(this.now + Math.max(0, milliseconds), () => {
      if (!this.#closed) run()
    })
  }

  close(): void {
    this.#closed = true
  }
}
