import type { Stamps } from './stamps.ts'

export interface SwarmEvent {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: 'swarm' | 'local'
  /** The node it happens on: an engine tells only what is local to it. */
  readonly node?: string | undefined
  readonly at: bigint
}

/** As many are kept for `since`, in memory, as the engine keeps. */
const KEPT = 256

/** What happens, told to those who listen. */
export class EventBus {
  readonly #listeners = new Set<(event: SwarmEvent) => void>()
  readonly #stamps: Stamps
  #recent: SwarmEvent[] = []

  constructor(stamps: Stamps) {
    this.#stamps = stamps
  }

  publish(event: Omit<SwarmEvent, 'at'>): void {
    const told = { ...event, at: this.#stamps.next() }
    this.#recent.push(told)
    if (this.#recent.length > KEPT) this.#recent = this.#recent.slice(-KEPT)
    for (const listener of [...this.#listeners]) listener(told)
  }

  get recent(): readonly SwarmEvent[] {
    return this.#recent
  }

  listen(listener: (event: SwarmEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
