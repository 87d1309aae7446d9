import { type Adapter, systemClock } from 'intermodal'
import type { VirtualTime } from './target.ts'

/** How far virtual time goes between two looks. */
const STEP = 250
/** How long to rest between two looks at a real engine. */
const REST = 100

/** Waits for things to happen, in virtual time or in real time, and gives up with a sentence. */
export class Pace {
  readonly #time: VirtualTime | undefined
  readonly #now: () => number
  readonly patience: number

  constructor(adapter: Adapter, time: VirtualTime | undefined, patience: number | undefined) {
    this.#time = time
    const clock = adapter.clock ?? systemClock
    this.#now = () => clock.now()
    this.patience = patience ?? (time ? 600_000 : 60_000)
  }

  now(): number {
    return this.#now()
  }

  /** What the promise gives, while time passes. */
  async settle<T>(promise: Promise<T>, what: string, limit = this.patience): Promise<T> {
    let settled = false
    const note = () => {
      settled = true
    }
    promise.then(note, note)
    const end = this.#now() + limit
    for (;;) {
      await turns()
      if (settled) return promise
      if (this.#now() >= end) throw new Error(`${what}: no answer within ${limit} ms`)
      await this.#rest(promise)
    }
  }

  /** The first value that is not `undefined` or `false`. */
  async until<T>(
    what: string | (() => string),
    look: () => Promise<T | undefined | false> | T | undefined | false,
    limit = this.patience,
  ): Promise<T> {
    const end = this.#now() + limit
    for (;;) {
      const value = await this.settle(
        Promise.resolve(look()),
        typeof what === 'string' ? what : 'a look',
      )
      if (value !== undefined && value !== false) return value
      if (this.#now() >= end) {
        throw new Error(`${typeof what === 'string' ? what : what()}: not within ${limit} ms`)
      }
      await this.#rest()
    }
  }

  /** Lets so much time pass. Only for what must *not* happen meanwhile; everything else is waited for. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now() + milliseconds
    while (this.#now() < end) {
      await this.#rest()
      await turns()
    }
  }

  async #rest(sooner?: Promise<unknown>): Promise<void> {
    if (this.#time) return this.#time.advance(STEP)
    const timer = Promise.withResolvers<void>()
    const handle = setTimeout(timer.resolve, REST)
    const wake = () => timer.resolve()
    sooner?.then(wake, wake)
    await timer.promise
    clearTimeout(handle)
  }
}

/** Lets everything that is ready to run do so. */
export async function turns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((done) => setImmediate(done))
}
