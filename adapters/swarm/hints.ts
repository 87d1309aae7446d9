import type { IncomingMessage } from 'node:http'
import { abortable, type Clock, sleep } from 'intermodal'
import type { Engine } from './client.ts'

/** Silent for so long, the stream is checked by a ping on another connection. */
const IDLE = 15_000
const REOPEN = 1_000

/**
 * "Something happened", from the swarm's event stream. Its content is never read as truth: events are dropped under
 * load, replayed whole by a new manager, and there are none of tasks.
 *
 * The stream is read without pause: an engine whose events are not taken slows down for everyone. Silence and a hung
 * engine look alike on it, so silence is followed by a ping, and a failed ping by a new stream.
 */
export class EventHints {
  readonly #engine: Engine
  readonly #clock: Clock
  readonly #closed = new AbortController()
  #pending = false
  #broken = false
  #wake: (() => void) | undefined
  readonly #running: Promise<void>

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine
    this.#clock = clock
    this.#running = this.#run()
  }

  /** Resolves when something has happened since it last resolved. Never resolves without an event. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#pending) {
      await abortable(
        new Promise<void>((resolve) => {
          this.#wake = resolve
        }),
        signal,
      )
    }
    this.#pending = false
  }

  /**
   * Whether the stream broke since this was last asked: an engine that was restarted between two looks has lost
   * every connection, and the next look would not notice.
   */
  takeBreak(): boolean {
    const broken = this.#broken
    this.#broken = false
    return broken
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('closed'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      let opened = false
      try {
        const stream = await this.#engine.events(signal)
        opened = true
        await this.#read(stream)
      } catch {
        // Hints only save time: the poll that runs beside them meets the same failure and reports it.
      }
      if (opened) {
        this.#broken = true
        this.#signal()
      }
      await sleep(this.#clock, REOPEN, signal).catch(() => {})
    }
  }

  /** Until the stream ends, breaks, or turns out to be dead. */
  async #read(stream: IncomingMessage): Promise<void> {
    // Whatever happened while there was no stream is found by one early poll.
    this.#signal()
    let cancel = () => {}
    const watch = () => {
      cancel()
      cancel = this.#clock.after(IDLE, () => {
        this.#engine.ping(this.#closed.signal).then(watch, () => stream.destroy())
      })
    }
    watch()
    try {
      for await (const _ of stream) {
        watch()
        this.#signal()
      }
    } finally {
      cancel()
      stream.destroy()
    }
  }

  #signal(): void {
    this.#pending = true
    this.#wake?.()
  }
}
