import type { AppRecord, InstanceRecord } from '../../../../adapters/simulated/world/model.ts'
import { safePath } from '../normal/paths.ts'
import type { Dialect } from '../versions.ts'
import { uuidOf } from './ids.ts'
import type { PhaseName } from './tasks.ts'

/** What Marathon calls an instance of the world, and what was last told of it. */
export interface Entry {
  readonly instanceId: string
  readonly uuid: string
  /** How many tasks it has had, this one included, as far as the world's instance goes. */
  readonly incarnation: number
  /** When it was first seen to have a place. */
  stagedAt?: number
  /** Since when it is what it is. */
  since: number
  told?: PhaseName
  /** The names its tasks end with. */
  containers?: readonly string[]
  /** Tries to get its image that were told as tasks of their own. */
  attempts: number
  alive?: boolean | undefined
  firstSuccess?: number
  lastSuccess?: number
  lastFailure?: number
  ready?: boolean
}

/**
 * The names of things. In the world, what is started again after it ended is another instance; since 1.8 it keeps
 * Marathon's instance id, and only the number at the end of its task id grows.
 */
export class Book {
  readonly #entries = new Map<string, Entry>()
  /** The last entry of each slot and revision. */
  readonly #last = new Map<string, Entry>()
  /** Killed ones whose place nobody has taken yet, by app and revision. */
  readonly #killed = new Map<string, Entry[]>()
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  entry(record: AppRecord, instance: InstanceRecord, now: number): Entry {
    const known = this.#entries.get(instance.id)
    if (known) return known
    const slot = `${record.id} ${instance.slot} ${instance.revision}`
    const before =
      instance.restarts > 0 ? this.#last.get(slot) : this.#successorOf(record, instance)
    const again = before && this.#dialect.since('1.8')
    const uuid = again ? before.uuid : uuidOf(`${record.id} ${record.createdAt} ${instance.id}`)
    const entry: Entry = {
      uuid,
      instanceId: `${safePath(record.id)}.${this.#infix}${uuid}`,
      incarnation: again ? before.incarnation + before.attempts + 1 : 1,
      since: now,
      attempts: 0,
    }
    this.#entries.set(instance.id, entry)
    this.#last.set(slot, entry)
    return entry
  }

  /** Whoever comes next is its successor, and goes on under its instance id. */
  killed(record: AppRecord, instance: InstanceRecord, now: number): void {
    const key = `${record.id} ${instance.revision}`
    const entry = this.entry(record, instance, now)
    this.#killed.set(key, [...(this.#killed.get(key) ?? []), entry])
  }

  #successorOf(record: AppRecord, { revision }: InstanceRecord): Entry | undefined {
    return this.#killed.get(`${record.id} ${revision}`)?.shift()
  }

  /** Before 1.8 the instances of apps had the names of their only tasks. */
  get #infix(): string {
    return this.#dialect.since('1.8') ? 'instance-' : 'marathon-'
  }

  /** `container` is `_app` for apps, and the container's name for pods. */
  taskId(record: AppRecord, entry: Entry, container = '_app'): string {
    if (!this.#dialect.since('1.8') && container === '_app')
      return `${safePath(record.id)}.${entry.uuid}`
    const number = entry.incarnation + entry.attempts
    const suffix = this.#dialect.since('1.8') ? `.${number}` : ''
    return `${entry.instanceId}.${container}${suffix}`
  }

  forget(instance: string): void {
    this.#entries.delete(instance)
  }

  forgetApp(id: string): void {
    for (const map of [this.#last, this.#killed]) {
      for (const key of map.keys()) if (key.startsWith(`${id} `)) map.delete(key)
    }
  }
}
