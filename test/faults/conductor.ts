import type { World } from 'intermodal/simulated'

/** How far virtual time goes at once, milliseconds. */
const STEP = 500
/** So many turns of the event loop without a byte: everybody waits for time to pass. */
const CALM = 10

/**
 * Virtual time passes in no time, bytes on a socket do not. So time stands still as long as anything moves, and is the same
 * for everybody who waits: many cases run side by side.
 */
export class Conductor {
  readonly #worlds: readonly World[]
  #moves = 0

  constructor(...worlds: readonly World[]) {
    this.#worlds = worlds
  }

  /** Something moved. */
  readonly stir = (): void => {
    this.#moves++
  }

  now(): number {
    return Math.max(...this.#worlds.map(({ clock }) => clock.now()))
  }

  async calm(): Promise<void> {
    for (let quiet = 0, before = this.#moves; quiet < CALM; ) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.#moves === before ? quiet + 1 : 0
      before = this.#moves
    }
  }

  async pass(milliseconds: number): Promise<void> {
    for (const end = this.now() + milliseconds; this.now() < end; ) await this.#step()
  }

  /** What the promises give, while time passes. Throws when they have not settled after so much of it. */
  async settle<T>(promise: Promise<T>, what: string, limit: number): Promise<T> {
    let settled = false
    const note = () => {
      settled = true
    }
    promise.then(note, note)
    for (const end = this.now() + limit; ; await this.#step()) {
      await this.calm()
      if (settled) return promise
      if (this.now() >= end) throw new Error(`${what}: not within ${limit} virtual ms`)
    }
  }

  /** Whether it came true while so much time passed. */
  async until(fits: () => boolean, limit: number): Promise<boolean> {
    for (const end = this.now() + limit; this.now() < end && !fits(); ) await this.#step()
    return fits()
  }

  async #step(): Promise<void> {
    await this.calm()
    for (const world of this.#worlds) await world.advance(`${STEP}ms`)
    await this.calm()
  }
}
