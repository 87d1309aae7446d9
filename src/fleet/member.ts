import type { Selector } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { matches } from '../selector.ts'
import type { AppStatus } from '../status.ts'

/** One cluster of a fleet, and what was last seen on it. */
export class Member {
  readonly name: string
  readonly client: Client
  readonly #seen = new Map<AppId, AppStatus>()

  constructor(name: string, client: Client) {
    this.name = name
    this.client = client
  }

  remember(status: AppStatus): void {
    this.#seen.set(status.id, status)
  }

  /** Drops what a complete list did not contain. */
  forgetAllBut(ids: ReadonlySet<AppId>, selector: Selector): void {
    for (const status of this.#seen.values()) {
      if (matches(selector, status) && !ids.has(status.id)) this.#seen.delete(status.id)
    }
  }

  forget(id: AppId): void {
    this.#seen.delete(id)
  }

  /** What was last seen by any way, marked stale. */
  lastKnown(selector: Selector): readonly AppStatus[] {
    const newest = new Map(this.#seen)
    for (const status of this.client.lastKnown()) {
      const known = newest.get(status.id)
      if (!known || known.observed.at <= status.observed.at) newest.set(status.id, status)
    }
    return [...newest.values()]
      .filter((status) => matches(selector, status))
      .map((status) => ({ ...status, observed: { ...status.observed, stale: true } }))
  }
}
