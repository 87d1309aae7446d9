import type { JsonObject } from '../json.ts'
import { CLAIMS, PODS, STORAGE_CLASSES, VOLUMES } from '../kinds.ts'
import { isGoing, type KubeObject } from '../objects.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { isOver } from './pods.ts'

const PROTECTION = 'kubernetes.io/pvc-protection'

/** Gives claims the volumes they ask for, and keeps those that pods use. */
export function claimController({ cluster }: Tools): Controller {
  const { store } = cluster

  const usedBy = (claim: KubeObject) =>
    store
      .list(PODS, claim.metadata.namespace)
      .some(
        (pod) =>
          !isOver(pod) &&
          ((pod.spec?.volumes ?? []) as readonly JsonObject[]).some(
            ({ persistentVolumeClaim }) =>
              (persistentVolumeClaim as JsonObject | undefined)?.claimName === claim.metadata.name,
          ),
      )

  const bind = (claim: KubeObject) => {
    const { spec = {}, metadata } = claim
    const name = `pvc-${metadata.uid}`
    const requests = (spec.resources as { readonly requests?: JsonObject } | undefined)?.requests
    const capacity = { storage: requests?.storage ?? '1Gi' }
    cluster.make(
      VOLUMES,
      undefined,
      {
        metadata: { name },
        spec: {
          capacity,
          accessModes: spec.accessModes,
          storageClassName: spec.storageClassName,
          persistentVolumeReclaimPolicy: 'Delete',
          volumeMode: spec.volumeMode ?? 'Filesystem',
          csi: { driver: 'intermodal.dev/simulated', volumeHandle: name },
          claimRef: {
            kind: 'PersistentVolumeClaim',
            apiVersion: 'v1',
            namespace: metadata.namespace,
            name: metadata.name,
            uid: metadata.uid,
          },
        },
      },
      MANAGER,
    )
    const volume = store.get(VOLUMES, undefined, name)
    if (volume) store.put(VOLUMES, { ...volume, status: { phase: 'Bound' } })
    const bound = cluster.change(
      CLAIMS,
      claim,
      ({ metadata: own, spec: wanted, ...rest }) => ({
        ...rest,
        metadata: {
          ...own,
          annotations: {
            ...own.annotations,
            'pv.kubernetes.io/bind-completed': 'yes',
            'pv.kubernetes.io/bound-by-controller': 'yes',
          },
        },
        spec: { ...wanted, volumeName: name },
      }),
      MANAGER,
    )
    if (!bound) return
    const status = { phase: 'Bound', accessModes: spec.accessModes, capacity }
    cluster.change(
      CLAIMS,
      bound,
      (one) => ({ ...one, status: status as JsonObject }),
      MANAGER,
      'status',
    )
  }

  const release = (claim: KubeObject) => {
    const volume = store.get(VOLUMES, undefined, String(claim.spec?.volumeName))
    cluster.change(
      CLAIMS,
      claim,
      ({ metadata, ...rest }) => ({
        ...rest,
        metadata: {
          ...metadata,
          finalizers: (metadata.finalizers ?? []).filter((one) => one !== PROTECTION),
        },
      }),
      MANAGER,
    )
    if (volume) cluster.remove(VOLUMES, volume)
  }

  return {
    name: 'persistentvolume-binder',
    keysOf: ({ kind, object, type }) => {
      if (kind === CLAIMS) return type === 'DELETED' ? [] : [keyOf(object)]
      if (kind !== PODS || (type !== 'DELETED' && !isOver(object))) return []
      return store.list(CLAIMS, object.metadata.namespace).filter(isGoing).map(keyOf)
    },
    sync: (key) => {
      const claim = store.get(CLAIMS, ...splitKey(key))
      if (!claim) return undefined
      if (isGoing(claim)) {
        if (claim.metadata.finalizers?.includes(PROTECTION) && !usedBy(claim)) release(claim)
        return undefined
      }
      const known = store.get(
        STORAGE_CLASSES,
        undefined,
        String(claim.spec?.storageClassName ?? ''),
      )
      if (claim.status?.phase !== 'Bound' && known && !claim.spec?.volumeName) bind(claim)
      return undefined
    },
  }
}
