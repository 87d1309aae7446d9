import { ALL_KINDS, NAMESPACES } from '../kinds.ts'
import { isGoing } from '../objects.ts'
import type { Controller, Tools } from './controllers.ts'

/** Furnishes new namespaces, and empties those that go. */
export function namespaceController({ cluster }: Tools): Controller {
  const { store } = cluster
  return {
    name: 'namespace',
    keysOf: ({ kind, object, type }) => {
      if (kind === NAMESPACES) return [object.metadata.name]
      const { namespace } = object.metadata
      if (type !== 'DELETED' || namespace === undefined) return []
      const inside = store.get(NAMESPACES, undefined, namespace)
      return inside && isGoing(inside) ? [namespace] : []
    },
    sync: (name) => {
      const namespace = store.get(NAMESPACES, undefined, name)
      if (!namespace) return undefined
      if (!isGoing(namespace)) {
        cluster.furnish(name)
        return undefined
      }
      let left = 0
      for (const kind of ALL_KINDS) {
        if (!kind.namespaced || kind.storedAs) continue
        for (const object of store.list(kind, name)) {
          if (!isGoing(object)) cluster.remove(kind, object, { propagationPolicy: 'Background' })
        }
        left += store.list(kind, name).length
      }
      if (left === 0) store.delete(NAMESPACES, namespace)
      return undefined
    },
  }
}
