import { setImmediate } from 'node:timers/promises'
import type { Clock } from 'intermodal'
import { type Timer, TimerHeap } from './heap.ts'

/**
 * Virtual time. By hand it moves only in `advance`; with a speed it runs by itself, so many virtual seconds in a real
 * one. This is the only place of the simulator that knows real time.
 *
 * What is due at the same moment runs in the order in which it was asked for; after each moment everything that was
 * waiting for a promise gets its turn. So a run depends on the seed and on what is done to the world, on nothing else.
 */
export class Timeline implements Clock {
  readonly #heap = new TimerHeap()
  readonly #speed: number | undefined
  #now: number
  #sequence = 0
  #externals = 0
  #realBase = performance.now()
  #virtualBase: number
  #timer: NodeJS.Timeout | undefined
  /** What the real timer is set for. */
  #armed: { readonly at: number; readonly external: boolean } | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #running = false
  #closed = false

  constructor(start: number, speed: number | undefined) {
    this.#now = start
    this.#virtualBase = start
    this.#speed = speed
  }

  get manual(): boolean {
    return this.#speed === undefined
  }

  now(): number {
    if (this.#speed === undefined || this.#running) return this.#now
    return Math.max(this.#now, this.#real())
  }

  #real(): number {
    return Math.floor(this.#virtualBase + (performance.now() - this.#realBase) * (this.#speed ?? 0))
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.#add(this.now() + Math.max(0, milliseconds), callback, true)
  }

  /** For the world's own events: they do not keep the process alive. */
  at(time: number, callback: () => void): () => void {
    return this.#add(time, callback, false)
  }

  #add(at: number, run: () => void, external: boolean): () => void {
    const timer: Timer = { at, sequence: this.#sequence++, run, external, cancelled: false }
    this.#heap.push(timer)
    if (external) this.#externals++
    this.#arm()
    return () => {
      if (timer.cancelled) return
      timer.cancelled = true
      if (external) this.#externals--
      this.#arm()
    }
  }

  /** By hand: runs everything due until then. With a speed: waits until then. */
  advance(milliseconds: number): Promise<void> {
    if (!this.manual) return new Promise((resolve) => this.after(milliseconds, resolve))
    return this.#exclusive(async () => {
      const end = this.#now + milliseconds
      await setImmediate()
      await this.#runUntil(end, () => false)
      this.#now = Math.max(this.#now, end)
    })
  }

  /** Advances until `done` says so, at most so long. Whether it was done in time. */
  async advanceUntil(done: () => boolean, limit: number): Promise<boolean> {
    if (!this.manual) {
      const end = this.now() + limit
      while (!done() && this.now() < end) await this.advance(500)
      return done()
    }
    return this.#exclusive(async () => {
      const end = this.#now + limit
      await setImmediate()
      await this.#runUntil(end, done)
      if (!done()) this.#now = Math.max(this.#now, end)
      return done()
    })
  }

  async #runUntil(end: number, done: () => boolean): Promise<void> {
    for (;;) {
      if (done()) return
      const next = this.#heap.peek()
      if (!next || next.at > end) return
      this.#runMoment(Math.max(this.#now, next.at))
      await setImmediate()
    }
  }

  #runMoment(moment: number): void {
    this.#now = moment
    const running = this.#running
    this.#running = true
    try {
      for (let next = this.#heap.peek(); next && next.at <= moment; next = this.#heap.peek()) {
        this.#heap.pop()
        next.cancelled = true
        if (next.external) this.#externals--
        next.run()
      }
    } finally {
      this.#running = running
    }
  }

  /** Two advances at once run one after the other. */
  #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run)
    this.#queue = turn.catch(() => {}) // Its own caller is told; the next one has nothing to do with it.
    return turn
  }

  /** With a speed: runs what is due by now, so that a call finds the world as it is at this moment. */
  catchUp(): void {
    if (this.manual || this.#running || this.#closed) return
    const until = this.#real()
    for (let next = this.#heap.peek(); next && next.at <= until; next = this.#heap.peek()) {
      this.#runMoment(Math.max(this.#now, next.at))
    }
    this.#now = Math.max(this.#now, until)
  }

  #arm(): void {
    if (this.#speed === undefined || this.#closed) return
    const next = this.#heap.peek()
    const external = this.#externals > 0
    if (next && this.#armed?.at === next.at && this.#armed.external === external) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#armed = undefined
    if (!next) return
    const wait = Math.max(0, (next.at - this.#real()) / this.#speed)
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.ceil(wait), 2 ** 31 - 1))
    this.#armed = { at: next.at, external }
    if (!external) this.#timer.unref()
  }

  #fire(): void {
    this.#armed = undefined
    const next = this.#heap.peek()
    if (next && next.at <= this.#real()) this.#runMoment(Math.max(this.#now, next.at))
    this.#arm()
  }

  /** Nothing happens by itself any more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
