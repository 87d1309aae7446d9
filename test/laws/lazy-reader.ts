import type { Client, Event } from 'intermodal'
import { turns } from './turns.ts'
import { View } from './view.ts'

/** Reads nothing for a long time, then everything that waits: what is told in one piece has to come to the same. */
export class LazyReader {
  readonly view = new View()
  readonly #events: AsyncIterableIterator<Event>
  #next: Promise<void> | undefined
  #ended = false
  #got = 0
  /** How often it was told that it was too slow. */
  gaps = 0

  constructor(client: Client) {
    this.#events = client.events()
  }

  async catchUp(): Promise<void> {
    for (let before = -1; before !== this.#got && !this.#ended; ) {
      before = this.#got
      this.#next ??= this.#take()
      await Promise.race([this.#next, turns()])
    }
  }

  async #take(): Promise<void> {
    const { done, value } = await this.#events.next()
    this.#next = undefined
    if (done) {
      this.#ended = true
      return
    }
    this.#got++
    if (value.type === 'stream.gap' && value.cause.startsWith('the reader was slow')) this.gaps++
    this.view.take(value)
  }

  async leave(): Promise<void> {
    await this.#events.return?.()
    await this.#next
  }
}
