import type { Change } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import { type AppChange, diffStatus, type StreamChange } from '../events.ts'
import type { AppStatus } from '../status.ts'

/**
 * What is known of every app of one cluster, and what each change of it means as events. Pure state: no I/O, no clock.
 */
export class Picture {
  readonly #statuses = new Map<AppId, AppStatus>()
  /** Apps told since the connection was (re)made, while the full picture is still coming in. */
  #arrived: Set<AppId> | undefined = new Set()
  #everSynced = false
  #lostBecause: string | undefined
  /** The loss was told, and no connection since. */
  #lost = false

  /** The whole picture was delivered and the connection stands. */
  get synced(): boolean {
    return this.#arrived === undefined
  }

  get statuses(): ReadonlyMap<AppId, AppStatus> {
    return this.#statuses
  }

  /** Takes one change in and tells what it means. */
  take(change: Change): readonly (AppChange | StreamChange)[] {
    switch (change.type) {
      case 'app':
        return this.#arrive(change.status)
      case 'gone':
        return this.#remove(change.id)
      case 'synced':
        return [...this.#begin(), ...this.#finish()]
      case 'lost':
        return this.#lose(change)
      case 'alive':
        return []
    }
  }

  /** The watch was closed by us; what happens until the next one goes unseen. */
  pause(cause: string): void {
    this.#arrived = new Set()
    this.#lostBecause = cause
  }

  #arrive(status: AppStatus): readonly (AppChange | StreamChange)[] {
    const begun = this.#begin()
    const changes = this.#update(status)
    return begun.length > 0 ? [...begun, ...changes] : changes
  }

  #begin(): readonly StreamChange[] {
    if (!this.#arrived || (this.#everSynced && this.#lostBecause === undefined)) return []
    const cause = this.#lostBecause
    this.#lostBecause = undefined
    this.#lost = false
    if (!this.#everSynced) {
      if (this.#arrived.size > 0) return []
      return [{ type: 'cluster.connected' }]
    }
    return [{ type: 'cluster.connected' }, { type: 'stream.gap', cause: cause ?? 'reconnected' }]
  }

  #update(status: AppStatus): readonly AppChange[] {
    const before = this.#statuses.get(status.id)
    const changes = diffStatus(before, status)
    // The old object is kept when nothing differs, so that whoever holds it and the picture share memory.
    if (changes.length > 0) this.#statuses.set(status.id, status)
    this.#arrived?.add(status.id)
    return changes
  }

  #remove(id: AppId): readonly AppChange[] {
    const before = this.#statuses.get(id)
    this.#statuses.delete(id)
    this.#arrived?.delete(id)
    return diffStatus(before, undefined)
  }

  #finish(): readonly (AppChange | StreamChange)[] {
    const arrived = this.#arrived
    if (!arrived) return []
    const gone = [...this.#statuses.keys()].filter((id) => !arrived.has(id))
    this.#arrived = undefined
    this.#everSynced = true
    return [...gone.flatMap((id) => this.#remove(id)), { type: 'stream.synced' }]
  }

  #lose(change: Extract<Change, { type: 'lost' }>): readonly StreamChange[] {
    const already = this.#lost
    this.#lost = true
    this.#arrived = new Set()
    this.#lostBecause = change.error.message
    return already ? [] : [{ type: 'cluster.lost', error: change.error }]
  }
}
