import { ALL_KINDS, apiVersionOf, type Kind } from '../kinds.ts'
import { isGoing, type KubeObject, type OwnerReference } from '../objects.ts'
import { type Controller, MANAGER, type Tools } from './controllers.ts'

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

/** Removes what belongs to what is gone, and sees deletions through that wait for what belongs to them. */
export function garbageCollector({ cluster, owned }: Tools): Controller {
  const { store } = cluster
  const find = (key: string) => {
    const [plural = '', namespace = '', name = ''] = key.split(' ')
    const kind = ALL_KINDS.find((one) => one.plural === plural && !one.storedAs)
    const object = kind && store.get(kind, namespace || undefined, name)
    return kind && object ? { kind, object } : undefined
  }
  const nameOf = (kind: Kind, { metadata: { namespace = '', name } }: KubeObject) =>
    `${kind.plural} ${namespace} ${name}`

  const isThere = ({ apiVersion, kind, name, uid }: OwnerReference, namespace?: string) => {
    const found = ALL_KINDS.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion)
    if (!found) return true
    return store.get(found, found.namespaced ? namespace : undefined, name)?.metadata.uid === uid
  }

  const withoutFinalizer = (kind: Kind, object: KubeObject, finalizer: string) =>
    cluster.change(
      kind,
      object,
      ({ metadata, ...rest }) => ({
        ...rest,
        metadata: {
          ...metadata,
          finalizers: (metadata.finalizers ?? []).filter((one) => one !== finalizer),
        },
      }),
      MANAGER,
    )

  const orphan = (object: KubeObject) => {
    for (const { kind, object: below } of owned.of(object.metadata.uid))
      cluster.change(
        kind,
        below,
        ({ metadata, ...rest }) => ({
          ...rest,
          metadata: {
            ...metadata,
            ownerReferences: (metadata.ownerReferences ?? []).filter(
              ({ uid }) => uid !== object.metadata.uid,
            ),
          },
        }),
        MANAGER,
      )
  }

  const foreground = (kind: Kind, object: KubeObject) => {
    const below = owned.of(object.metadata.uid)
    const blocking = below.filter(({ object: one }) =>
      one.metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === object.metadata.uid && blockOwnerDeletion,
      ),
    )
    if (blocking.length === 0) withoutFinalizer(kind, object, FOREGROUND)
    for (const one of below)
      if (!isGoing(one.object))
        cluster.remove(one.kind, one.object, {
          propagationPolicy:
            owned.of(one.object.metadata.uid).length > 0 ? 'Foreground' : 'Background',
        })
  }

  return {
    name: 'garbage-collector',
    keysOf: ({ kind, object, type }) => {
      if (type === 'DELETED') {
        const owners = (object.metadata.ownerReferences ?? []).map(
          ({ kind: of, apiVersion, name }) => {
            const found = ALL_KINDS.find(
              (one) => one.kind === of && apiVersionOf(one) === apiVersion,
            )
            return found
              ? `${found.plural} ${found.namespaced ? object.metadata.namespace : ''} ${name}`
              : ''
          },
        )
        const below = owned.of(object.metadata.uid).map((one) => nameOf(one.kind, one.object))
        return [...owners.filter(Boolean), ...below]
      }
      const held = object.metadata.finalizers?.some((one) => one === FOREGROUND || one === ORPHAN)
      return (isGoing(object) && held) || object.metadata.ownerReferences
        ? [nameOf(kind, object)]
        : []
    },
    sync: (key) => {
      const found = find(key)
      if (!found) return undefined
      const { kind, object } = found
      const { finalizers = [], ownerReferences = [], namespace } = object.metadata
      if (isGoing(object)) {
        if (finalizers.includes(ORPHAN)) {
          orphan(object)
          withoutFinalizer(kind, object, ORPHAN)
        } else if (finalizers.includes(FOREGROUND)) foreground(kind, object)
        return undefined
      }
      if (ownerReferences.length > 0 && !ownerReferences.some((owner) => isThere(owner, namespace)))
        cluster.remove(kind, object, { propagationPolicy: 'Background' })
      return undefined
    },
  }
}
