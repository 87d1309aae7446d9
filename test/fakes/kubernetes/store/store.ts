import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'

/** One change of one object. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: Kind
  readonly revision: number
  readonly object: KubeObject
  /** As it was before. */
  readonly previous: KubeObject | undefined
}

/** How many changes are remembered at most, whatever their age. */
const LIMIT = 20_000

/** The objects of one kind in one namespace. Their order is kept until one comes or goes. */
class Shelf {
  readonly #objects = new Map<string, KubeObject>()
  #order: readonly string[] | undefined

  get isEmpty(): boolean {
    return this.#objects.size === 0
  }

  get(name: string): KubeObject | undefined {
    return this.#objects.get(name)
  }

  set(name: string, object: KubeObject): void {
    if (!this.#objects.has(name)) this.#order = undefined
    this.#objects.set(name, object)
  }

  delete(name: string): void {
    this.#objects.delete(name)
    this.#order = undefined
  }

  objects(): Iterable<KubeObject> {
    return this.#objects.values()
  }

  inOrder(): readonly KubeObject[] {
    this.#order ??= [...this.#objects.keys()].sort()
    return this.#order.map((name) => this.#objects.get(name) as KubeObject)
  }
}

/** What etcd is to the API server: objects, one number for every change, and the changes of late. */
export class Store {
  /** By kind, then by namespace; those that are in none under the empty one. */
  readonly #objects = new Map<string, Map<string, Shelf>>()
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  #history: StoreEvent[] = []
  #revision: number
  #compacted: number

  constructor(revision: number) {
    this.#revision = revision
    this.#compacted = revision
  }

  /** Of the newest change. */
  get revision(): number {
    return this.#revision
  }

  /** Changes up to this one are forgotten. */
  get compacted(): number {
    return this.#compacted
  }

  get(kind: Kind, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#shelves(kind).get(placeOf(kind, namespace))?.get(name)
  }

  /** In the order of their names, namespace by namespace. */
  list(kind: Kind, namespace?: string): readonly KubeObject[] {
    const shelves = this.#shelves(kind)
    if (namespace !== undefined || !kind.namespaced)
      return shelves.get(placeOf(kind, namespace))?.inOrder() ?? []
    // As the keys sort: `a-b/x` is before `a/x`.
    const order = [...shelves.keys()].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1))
    return order.flatMap((place) => shelves.get(place)?.inOrder() ?? [])
  }

  /** Unordered: for controllers, which look through all of a kind often. */
  *all(kind: Kind): Iterable<KubeObject> {
    for (const shelf of this.#shelves(kind).values()) yield* shelf.objects()
  }

  /** Writes it under the next number, and gives back what was written. */
  put(kind: Kind, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata
    const shelves = this.#shelves(kind)
    const place = placeOf(kind, namespace)
    const shelf = shelves.get(place) ?? new Shelf()
    shelves.set(place, shelf)
    const previous = shelf.get(name)
    const written = this.#numbered(object)
    shelf.set(name, written)
    this.#tell({
      type: previous ? 'MODIFIED' : 'ADDED',
      kind,
      revision: this.#revision,
      object: written,
      previous,
    })
    return written
  }

  delete(kind: Kind, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata
    const shelves = this.#shelves(kind)
    const place = placeOf(kind, namespace)
    const shelf = shelves.get(place)
    shelf?.delete(name)
    if (shelf?.isEmpty) shelves.delete(place)
    const last = this.#numbered(object)
    this.#tell({ type: 'DELETED', kind, revision: this.#revision, object: last, previous: object })
    return last
  }

  /** What happened to a kind after a change; `undefined` when that is not known any more. */
  since(kind: Kind, revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.#compacted) return undefined
    return this.#history.filter((event) => event.kind === kind && event.revision > revision)
  }

  /** A list as it was at an earlier change; `undefined` when that is not known any more. */
  at(
    kind: Kind,
    namespace: string | undefined,
    revision: number,
  ): readonly KubeObject[] | undefined {
    const events = this.since(kind, revision)
    if (!events) return undefined
    const objects = new Map(
      this.list(kind, namespace).map((one) => [
        keyOf(kind, one.metadata.namespace, one.metadata.name),
        one,
      ]),
    )
    for (const { object, previous, type } of events.toReversed()) {
      const { namespace: where, name } = object.metadata
      if (namespace !== undefined && where !== namespace) continue
      const key = keyOf(kind, where, name)
      if (type === 'ADDED' || !previous) objects.delete(key)
      else objects.set(key, previous)
    }
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  }

  /** Forgets all changes up to now, as etcd's compaction does: whoever has not heard of them gets a 410. */
  compact(revision = this.#revision): void {
    this.#compacted = Math.max(this.#compacted, revision)
    this.#history = this.#history.filter((event) => event.revision > this.#compacted)
  }

  onChange(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #shelves(kind: Kind): Map<string, Shelf> {
    const known = this.#objects.get(kind.plural)
    if (known) return known
    const made = new Map<string, Shelf>()
    this.#objects.set(kind.plural, made)
    return made
  }

  #numbered(object: KubeObject): KubeObject {
    this.#revision++
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } }
  }

  #tell(event: StoreEvent): void {
    this.#history.push(event)
    if (this.#history.length > LIMIT * 1.25)
      this.compact(this.#history.at(-LIMIT)?.revision ?? this.#revision)
    for (const listener of this.#listeners) listener(event)
  }
}

function keyOf({ namespaced }: Kind, namespace: string | undefined, name: string): string {
  return namespaced ? `${namespace}/${name}` : name
}

function placeOf({ namespaced }: Kind, namespace: string | undefined): string {
  return namespaced ? String(namespace) : ''
}
