import { type Kind, PODS, REPLICA_SETS } from '../kinds.ts'
import { controllerOf, type KubeObject } from '../objects.ts'
import type { Store } from '../store/store.ts'

interface Entry {
  readonly kind: Kind
  readonly object: KubeObject
}

/** What belongs to what: the objects that name another one as their owner. */
export class Owned {
  readonly #byOwner = new Map<string, Map<string, Entry>>()
  /** Pods and replica sets nobody controls, by kind and namespace: there are few, and they are looked for often. */
  readonly #free = new Map<string, Map<string, KubeObject>>()

  constructor(store: Store) {
    store.onChange(({ kind, object, previous, type }) => {
      const { uid } = object.metadata
      if (kind === PODS || kind === REPLICA_SETS) {
        const place = placeOf(kind, object.metadata.namespace)
        const free = this.#free.get(place) ?? new Map<string, KubeObject>()
        if (type === 'DELETED' || controllerOf(object)) free.delete(uid)
        else free.set(uid, object)
        if (free.size > 0) this.#free.set(place, free)
        else this.#free.delete(place)
      }
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

  /** Those that whoever selects them may take. */
  free(
    kind: typeof PODS | typeof REPLICA_SETS,
    namespace: string | undefined,
  ): readonly KubeObject[] {
    return [...(this.#free.get(placeOf(kind, namespace))?.values() ?? [])]
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

function placeOf({ plural }: Kind, namespace: string | undefined): string {
  return `${plural} ${namespace}`
}
