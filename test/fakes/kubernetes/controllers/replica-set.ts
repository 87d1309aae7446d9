import type { JsonObject } from '../json.ts'
import { PODS, REPLICA_SETS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject, time } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import {
  byWorth,
  type Condition,
  isActive,
  isReady,
  makePod,
  ownerOf,
  RETRY,
  type Template,
  untilAvailable,
} from './pods.ts'

const COMPONENT = 'replicaset-controller'

/** Keeps as many pods of a template as are wanted. */
export function replicaSetController({ cluster, owned }: Tools): Controller {
  const { store, events } = cluster

  const adopt = (set: KubeObject) => {
    const fits = objectSelector(set.spec?.selector as JsonObject)
    for (const pod of owned.free(PODS, set.metadata.namespace)) {
      if (!isActive(pod) || !fits(pod.metadata.labels ?? {})) continue
      cluster.change(
        PODS,
        pod,
        ({ metadata, ...rest }) => ({
          ...rest,
          metadata: {
            ...metadata,
            ownerReferences: [...(metadata.ownerReferences ?? []), ownerOf(REPLICA_SETS, set)],
          },
        }),
        MANAGER,
      )
    }
  }

  /** Why no pod can be made, when the API refuses one. */
  const create = (set: KubeObject, count: number): string | undefined => {
    const template = (set.spec?.template ?? {}) as Template
    for (let made = 0; made < count; made++) {
      const { pod, refusal } = makePod(cluster, REPLICA_SETS, set, template)
      if (!pod) return refusal
      const message = `Created pod: ${pod.metadata.name}`
      events.tell(REPLICA_SETS, set, { reason: 'SuccessfulCreate', message, component: COMPONENT })
    }
    return undefined
  }

  const shrink = (set: KubeObject, active: readonly KubeObject[], count: number) => {
    for (const pod of active.toSorted(byWorth).slice(0, count)) {
      cluster.remove(PODS, pod)
      const message = `Deleted pod: ${pod.metadata.name}`
      events.tell(REPLICA_SETS, set, { reason: 'SuccessfulDelete', message, component: COMPONENT })
    }
  }

  const report = (set: KubeObject, refusal: string | undefined): number | undefined => {
    const { now } = cluster
    const minReady = Number(set.spec?.minReadySeconds ?? 0)
    const labels = Object.entries(((set.spec?.template ?? {}) as Template).metadata?.labels ?? {})
    const pods = owned.controlled(PODS, set).filter(isActive)
    const waits = pods.map((pod) => untilAvailable(pod, minReady, now))
    const ready = pods.filter(isReady).length
    const available = waits.filter((wait) => wait === 0).length
    const full = pods.filter(({ metadata }) =>
      labels.every(([key, value]) => metadata.labels?.[key] === value),
    ).length
    const before = (set.status?.conditions ?? []) as unknown as readonly Condition[]
    const known = before.find(({ type }) => type === 'ReplicaFailure')
    const failure =
      refusal === undefined
        ? []
        : [
            {
              type: 'ReplicaFailure',
              status: 'True',
              lastTransitionTime: known?.lastTransitionTime ?? time(now),
              reason: 'FailedCreate',
              message: refusal,
            },
          ]
    const status = {
      replicas: pods.length,
      ...(full > 0 ? { fullyLabeledReplicas: full } : {}),
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(available > 0 ? { availableReplicas: available } : {}),
      observedGeneration: set.metadata.generation ?? 1,
      ...(failure.length > 0 ? { conditions: failure } : {}),
    }
    cluster.change(REPLICA_SETS, set, (one) => ({ ...one, status }), MANAGER, 'status')
    const next = waits.filter((wait) => wait !== undefined && wait > 0) as number[]
    return next.length > 0 ? Math.min(...next) : undefined
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object, previous }) => {
      if (kind === REPLICA_SETS) return [keyOf(object)]
      if (kind !== PODS) return []
      const owners = [controllerOf(object), previous && controllerOf(previous)]
      const keys = owners.flatMap((owner) =>
        owner?.kind === 'ReplicaSet' ? [`${object.metadata.namespace}/${owner.name}`] : [],
      )
      if (controllerOf(object)) return keys
      // Nobody's: whoever selects it may want it.
      return [...keys, ...store.list(REPLICA_SETS, object.metadata.namespace).map(keyOf)]
    },
    sync: (key) => {
      const set = store.get(REPLICA_SETS, ...splitKey(key))
      if (!set) return undefined
      let refusal: string | undefined
      if (!isGoing(set)) {
        adopt(set)
        const active = owned.controlled(PODS, set).filter(isActive)
        const missing = Number(set.spec?.replicas ?? 1) - active.length
        if (missing > 0) refusal = create(set, missing)
        if (missing < 0) shrink(set, active, -missing)
      }
      const again = report(set, refusal)
      return refusal === undefined ? again : Math.min(again ?? RETRY, RETRY)
    },
  }
}
