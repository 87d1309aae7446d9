import type { JsonObject } from '../json.ts'
import { CLAIMS, PODS, STATEFUL_SETS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject } from '../objects.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { type History, hashLabel, historyOf, trimHistory } from './history.ts'
import { isOver, isReady, makePod, RETRY, type Template, untilAvailable } from './pods.ts'

const COMPONENT = 'statefulset-controller'

/** Pods with names and storage of their own, one after the other. */
export function statefulSetController({ cluster, owned }: Tools): Controller {
  const { store, events } = cluster

  const ordinalOf = (pod: KubeObject) => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1)

  const claims = (set: KubeObject, ordinal: number): readonly JsonObject[] =>
    ((set.spec?.volumeClaimTemplates ?? []) as readonly JsonObject[]).map((template) => {
      const { name, ...metadata } = (template.metadata ?? {}) as JsonObject
      const claimName = `${name}-${set.metadata.name}-${ordinal}`
      if (!store.get(CLAIMS, set.metadata.namespace, claimName)) {
        const { matchLabels } = (set.spec?.selector ?? {}) as JsonObject
        const labels = { ...(metadata.labels as object), ...(matchLabels as object) }
        cluster.make(
          CLAIMS,
          set.metadata.namespace,
          { metadata: { ...metadata, labels, name: claimName }, spec: template.spec },
          MANAGER,
        )
        const message = `create Claim ${claimName} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name} success`
        events.tell(STATEFUL_SETS, set, {
          reason: 'SuccessfulCreate',
          message,
          component: COMPONENT,
        })
      }
      return { name: name as string, persistentVolumeClaim: { claimName } }
    })

  const create = (set: KubeObject, revision: KubeObject, ordinal: number): boolean => {
    const { template } = (revision.data as { readonly spec: { readonly template: Template } }).spec
    const { $patch: _, ...clean } = template as Template & { readonly $patch?: string }
    const name = `${set.metadata.name}-${ordinal}`
    const volumes = claims(set, ordinal)
    const own = ((clean.spec?.volumes ?? []) as readonly JsonObject[]).filter(
      (one) => !volumes.some((other) => other.name === one.name),
    )
    const { pod } = makePod(cluster, STATEFUL_SETS, set, clean, {
      name,
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        'controller-revision-hash': revision.metadata.name,
        'statefulset.kubernetes.io/pod-name': name,
      },
      spec: {
        hostname: name,
        ...(set.spec?.serviceName ? { subdomain: set.spec.serviceName } : {}),
        ...(volumes.length + own.length > 0 ? { volumes: [...volumes, ...own] } : {}),
      },
    })
    if (!pod) return false
    const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`
    events.tell(STATEFUL_SETS, set, { reason: 'SuccessfulCreate', message, component: COMPONENT })
    return true
  }

  const remove = (set: KubeObject, pod: KubeObject) => {
    cluster.remove(PODS, pod)
    const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
    events.tell(STATEFUL_SETS, set, { reason: 'SuccessfulDelete', message, component: COMPONENT })
  }

  /** One step; gives back when the next may be due by itself. */
  const step = (set: KubeObject, history: History, previous: KubeObject): number | undefined => {
    const { spec = {} } = set
    const pods = new Map(owned.controlled(PODS, set).map((pod) => [ordinalOf(pod), pod]))
    const wanted = Number(spec.replicas ?? 1)
    const start = Number((spec.ordinals as JsonObject | undefined)?.start ?? 0)
    const ordered = spec.podManagementPolicy !== 'Parallel'
    const minReady = Number(spec.minReadySeconds ?? 0)
    const { type, rollingUpdate } = (spec.updateStrategy ?? {}) as JsonObject
    const partition = Number((rollingUpdate as JsonObject | undefined)?.partition ?? 0)
    const revisionFor = (ordinal: number) =>
      type === 'OnDelete' || ordinal >= partition ? history.current : previous
    for (let ordinal = start; ordinal < start + wanted; ordinal++) {
      const pod = pods.get(ordinal)
      if (pod && isOver(pod) && !isGoing(pod)) remove(set, pod)
      if (!pod && !create(set, revisionFor(ordinal), ordinal)) return RETRY
      if (!ordered) continue
      if (!pod || isGoing(pod) || isOver(pod)) return undefined
      const wait = untilAvailable(pod, minReady, cluster.now)
      if (wait !== 0) return wait
    }
    const extra = [...pods].filter(([ordinal]) => ordinal < start || ordinal >= start + wanted)
    const last = extra.sort(([a], [b]) => b - a)
    for (const [, pod] of last) {
      if (!isGoing(pod)) remove(set, pod)
      if (ordered) return undefined
    }
    if (type === 'OnDelete') return undefined
    for (let ordinal = start + wanted - 1; ordinal >= start + partition; ordinal--) {
      const pod = pods.get(ordinal)
      if (!pod) continue
      if (hashLabel(pod) !== history.current.metadata.name) {
        if (!isGoing(pod)) remove(set, pod)
        return undefined
      }
      const wait = untilAvailable(pod, minReady, cluster.now)
      if (isGoing(pod) || wait !== 0) return wait
    }
    return undefined
  }

  const report = (set: KubeObject, { current }: History, previous: KubeObject) => {
    const { spec = {} } = set
    const pods = owned.controlled(PODS, set).filter((pod) => !isOver(pod))
    const of = (revision: KubeObject) =>
      pods.filter((pod) => !isGoing(pod) && hashLabel(pod) === revision.metadata.name).length
    const wanted = Number(spec.replicas ?? 1)
    const updated = of(current)
    const ready = pods.filter(isReady)
    const available = ready.filter(
      (pod) => untilAvailable(pod, Number(spec.minReadySeconds ?? 0), cluster.now) === 0,
    ).length
    const rolled =
      updated === wanted &&
      pods.length === wanted &&
      ready.length === wanted &&
      (spec.updateStrategy as JsonObject | undefined)?.type !== 'OnDelete'
    const settled = rolled ? current : previous
    const count = settled === current ? updated : of(settled)
    const status = {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
      availableReplicas: available,
      ...(count > 0 ? { currentReplicas: count } : {}),
      ...(updated > 0 ? { updatedReplicas: updated } : {}),
      currentRevision: settled.metadata.name,
      updateRevision: current.metadata.name,
      collisionCount: 0,
    }
    cluster.change(STATEFUL_SETS, set, (one) => ({ ...one, status }), MANAGER, 'status')
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object }) => {
      if (kind === STATEFUL_SETS) return [keyOf(object)]
      const owner = kind === PODS ? controllerOf(object) : undefined
      return owner?.kind === 'StatefulSet' ? [`${object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const set = store.get(STATEFUL_SETS, ...splitKey(key))
      if (!set || isGoing(set)) return undefined
      const history = historyOf(cluster, owned, STATEFUL_SETS, set)
      const known = history.all.find(
        ({ metadata }) => metadata.name === set.status?.currentRevision,
      )
      const previous = known ?? history.current
      const again = step(set, history, previous)
      report(set, history, previous)
      const used = new Set(owned.controlled(PODS, set).map(hashLabel))
      used.add(previous.metadata.name)
      trimHistory(cluster, history, used, Number(set.spec?.revisionHistoryLimit ?? 10))
      return again
    },
  }
}
