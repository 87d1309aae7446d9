import type { JsonObject } from '../json.ts'
import { DAEMON_SETS, NODES, PODS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject } from '../objects.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { fits, type Placed } from './fitting.ts'
import { type History, hashLabel, historyOf, trimHistory } from './history.ts'
import { isOver, makePod, RETRY, share, type Template, untilAvailable } from './pods.ts'

const COMPONENT = 'daemonset-controller'
const NOBODY: Placed = { all: [], on: new Map() }

/** Conditions of nodes that a daemon lives with. */
const ENDURED = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
] as const

/** One pod on every node that will do. */
export function daemonSetController({ cluster, owned }: Tools): Controller {
  const { store, events } = cluster

  const nodeOf = (pod: KubeObject): string => {
    const bound = pod.spec?.nodeName
    if (typeof bound === 'string') return bound
    return String(
      /"metadata\.name".*?"values":\["([^"]+)"\]/.exec(
        JSON.stringify(pod.spec?.affinity ?? {}),
      )?.[1] ?? '',
    )
  }

  const forNode = (set: KubeObject, node: string): { template: Template; spec: JsonObject } => {
    const template = (set.spec?.template ?? {}) as Template
    const affinity = (template.spec?.affinity ?? {}) as JsonObject
    const nodeAffinity = (affinity.nodeAffinity ?? {}) as JsonObject
    const required = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution as
      | { readonly nodeSelectorTerms?: readonly JsonObject[] }
      | undefined
    const field = { key: 'metadata.name', operator: 'In', values: [node] }
    const terms = (required?.nodeSelectorTerms ?? [{}]).map((term) => ({
      ...term,
      matchFields: [field],
    }))
    const tolerations = ENDURED.map(([name, effect]) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect,
    }))
    return {
      template,
      spec: {
        affinity: {
          ...affinity,
          nodeAffinity: {
            ...nodeAffinity,
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
          },
        },
        tolerations: [...((template.spec?.tolerations ?? []) as JsonObject[]), ...tolerations],
      },
    }
  }

  const create = (set: KubeObject, history: History, node: string): boolean => {
    const { template, spec } = forNode(set, node)
    const { pod } = makePod(cluster, DAEMON_SETS, set, template, {
      spec,
      labels: {
        'controller-revision-hash': hashLabel(history.current),
        'pod-template-generation': String(set.metadata.generation ?? 1),
      },
    })
    if (!pod) return false
    const message = `Created pod: ${pod.metadata.name}`
    events.tell(DAEMON_SETS, set, { reason: 'SuccessfulCreate', message, component: COMPONENT })
    return true
  }

  const remove = (set: KubeObject, pod: KubeObject) => {
    cluster.remove(PODS, pod)
    const message = `Deleted pod: ${pod.metadata.name}`
    events.tell(DAEMON_SETS, set, { reason: 'SuccessfulDelete', message, component: COMPONENT })
  }

  /** Nodes a daemon belongs on: room is for the scheduler to find. */
  const eligible = (set: KubeObject): readonly KubeObject[] => {
    const { template, spec } = forNode(set, '')
    const wanted = { ...template.spec, ...spec, affinity: template.spec?.affinity, containers: [] }
    const probe = { metadata: set.metadata, spec: wanted } as unknown as KubeObject
    return store
      .list(NODES)
      .filter((node) => fits(cluster, probe, node, NOBODY, [node]).obstacle === undefined)
  }

  const sync = (set: KubeObject): number | undefined => {
    const { spec = {} } = set
    const history = historyOf(cluster, owned, DAEMON_SETS, set)
    const nodes = eligible(set)
    const pods = owned.controlled(PODS, set)
    const byNode = Map.groupBy(pods, nodeOf)
    const minReady = Number(spec.minReadySeconds ?? 0)
    const isNew = (pod: KubeObject) => hashLabel(pod) === hashLabel(history.current)
    const isAvailable = (pod: KubeObject) =>
      !isGoing(pod) && untilAvailable(pod, minReady, cluster.now) === 0
    const names = new Set(nodes.map(({ metadata }) => metadata.name))
    for (const pod of pods) {
      if (isGoing(pod)) continue
      if (!names.has(nodeOf(pod)) || isOver(pod)) remove(set, pod)
    }
    const { type, rollingUpdate } = (spec.updateStrategy ?? {}) as JsonObject
    const rolling = (rollingUpdate ?? {}) as JsonObject
    const maxSurge = share(rolling.maxSurge, nodes.length, 'up')
    const maxUnavailable =
      maxSurge > 0 ? 0 : Math.max(1, share(rolling.maxUnavailable, nodes.length, 'up'))
    let refused = false
    for (const name of names)
      if ((byNode.get(name) ?? []).length === 0 && !create(set, history, name)) refused = true
    if (type !== 'OnDelete') {
      const current = [...names].map((name) => ({ name, own: byNode.get(name) ?? [] }))
      let missing = current.filter(({ own }) => !own.some(isAvailable)).length
      let surging = current.filter(
        ({ own }) => own.some(isNew) && own.some((pod) => !isNew(pod)),
      ).length
      for (const { name, own } of current) {
        const old = own.filter((pod) => !isNew(pod) && !isGoing(pod))
        if (old.length === 0) continue
        const fresh = own.find((pod) => isNew(pod) && !isGoing(pod))
        if (maxSurge > 0) {
          if (fresh) {
            if (isAvailable(fresh)) for (const pod of old) remove(set, pod)
          } else if (surging < maxSurge || !old.some(isAvailable)) {
            if (!create(set, history, name)) refused = true
            surging++
          }
          continue
        }
        const up = old.some(isAvailable)
        if (up && missing >= maxUnavailable) continue
        for (const pod of old) remove(set, pod)
        if (up) missing++
      }
    }
    report(set, nodes, history)
    trimHistory(
      cluster,
      history,
      new Set(owned.controlled(PODS, set).map(hashLabel)),
      Number(spec.revisionHistoryLimit ?? 10),
    )
    const waits = [
      ...pods.flatMap((pod) => untilAvailable(pod, minReady, cluster.now) || []),
      ...(refused ? [RETRY] : []),
    ]
    return waits.length > 0 ? Math.min(...waits) : undefined
  }

  const report = (set: KubeObject, nodes: readonly KubeObject[], { current }: History) => {
    const minReady = Number(set.spec?.minReadySeconds ?? 0)
    const pods = Map.groupBy(
      owned.controlled(PODS, set).filter((pod) => !isGoing(pod)),
      nodeOf,
    )
    const on = nodes.map(({ metadata }) => pods.get(metadata.name) ?? [])
    const count = (test: (pod: KubeObject) => boolean) => on.filter((own) => own.some(test)).length
    const wait = (pod: KubeObject) => untilAvailable(pod, minReady, cluster.now)
    const available = count((pod) => wait(pod) === 0)
    const updated = count((pod) => hashLabel(pod) === hashLabel(current))
    const desired = nodes.length
    const status = {
      currentNumberScheduled: on.filter((own) => own.length > 0).length,
      numberMisscheduled: [...pods.keys()].filter(
        (name) => !nodes.some(({ metadata }) => metadata.name === name),
      ).length,
      desiredNumberScheduled: desired,
      numberReady: count((pod) => wait(pod) !== undefined),
      observedGeneration: set.metadata.generation ?? 1,
      ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      ...(available > 0 ? { numberAvailable: available } : {}),
      ...(desired > available ? { numberUnavailable: desired - available } : {}),
    }
    cluster.change(DAEMON_SETS, set, (one) => ({ ...one, status }), MANAGER, 'status')
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object, previous }) => {
      if (kind === DAEMON_SETS) return [keyOf(object)]
      if (kind === NODES && previous?.spec !== object.spec)
        return [...store.all(DAEMON_SETS)].map(keyOf)
      const owner = kind === PODS ? controllerOf(object) : undefined
      return owner?.kind === 'DaemonSet' ? [`${object.metadata.namespace}/${owner.name}`] : []
    },
    sync: (key) => {
      const set = store.get(DAEMON_SETS, ...splitKey(key))
      return set && !isGoing(set) ? sync(set) : undefined
    },
  }
}
