import type { AppId } from '../app/schema.ts'
import type { Event } from '../events.ts'
import type { Subscription } from './subscription.ts'

/**
 * Everyone who reads the events. Those who asked for certain apps are found by the app: hundreds of rollouts may be
 * followed at once, and what happens to an app concerns one of them.
 */
export class Readers implements Iterable<Subscription> {
  readonly #all = new Set<Subscription>()
  readonly #ofAnyApp = new Set<Subscription>()
  readonly #byApp = new Map<AppId, Set<Subscription>>()

  get size(): number {
    return this.#all.size
  }

  add(reader: Subscription): void {
    this.#all.add(reader)
    if (!reader.ids) this.#ofAnyApp.add(reader)
    for (const id of reader.ids ?? []) {
      const known = this.#byApp.get(id)
      if (known) known.add(reader)
      else this.#byApp.set(id, new Set([reader]))
    }
  }

  delete(reader: Subscription): void {
    this.#all.delete(reader)
    this.#ofAnyApp.delete(reader)
    for (const id of reader.ids ?? []) {
      const known = this.#byApp.get(id)
      known?.delete(reader)
      if (known?.size === 0) this.#byApp.delete(id)
    }
  }

  clear(): void {
    this.#all.clear()
    this.#ofAnyApp.clear()
    this.#byApp.clear()
  }

  offer(event: Event): void {
    if (!('app' in event)) {
      for (const reader of this.#all) reader.offer(event)
      return
    }
    for (const reader of this.#ofAnyApp) reader.offer(event)
    for (const reader of this.#byApp.get(event.app) ?? []) reader.offer(event)
  }

  [Symbol.iterator](): Iterator<Subscription> {
    return this.#all.values()
  }
}
