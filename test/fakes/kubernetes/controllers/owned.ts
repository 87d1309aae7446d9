import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { Store } from '../store/store.ts'

interface Entry {
  readonly kind: Kind
  readonly object: KubeObject
}

/** What belongs to what: the objects that name another one as their owner. */
export class Owned {
  readonly #byOwner = new Map<string, Map<string, Entry>>()

  constructor(store: Store) {
    store.onChange(({ kind, object, previous, type }) => {
      const { uid } = object.metadata
      for (const owner of previous?.metadata.ownerReferences ?? [])
        this.#byOwner.get(owner.uid)?.delete(uid)
      if (type === 'DELETED') return
      for (const owner of object.metadata.ownerReferences ?? []) {
        const known = this.#byOwner.get(owner.uid) ?? new Map<string, Entry>()
        known.set(uid, { kind, object })
        this.#byOwner.set(owner.uid, known)
      }
    })
  }

  of(uid: string): readonly Entry[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])]
  }

  /** Those of a kind that it controls, in the order of their creation. */
  controlled(kind: Kind, { metadata: { uid } }: KubeObject): readonly KubeObject[] {
    return this.of(uid)
      .filter(
        ({ kind: one, object }) =>
          one === kind &&
          object.metadata.ownerReferences?.some((each) => each.uid === uid && each.controller),
      )
      .map(({ object }) => object)
  }
}
