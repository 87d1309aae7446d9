import type { JsonObject } from '../json.ts'
import { CLAIMS, NODES, PODS } from '../kinds.ts'
import { isGoing, type KubeObject, time } from '../objects.ts'
import { type Controller, keyOf, splitKey, type Tools } from './controllers.ts'
import { fits, type Obstacle } from './fitting.ts'
import { conditionOf, isOver, observed } from './pods.ts'

const RETRY = 30_000

/** Finds a node for every pod, or says of each node why it will not do. */
export function scheduler({ cluster }: Tools): Controller {
  const { store, events } = cluster

  const unbound = (pod: KubeObject): string | undefined => {
    const volumes = (pod.spec?.volumes ?? []) as readonly JsonObject[]
    for (const { persistentVolumeClaim } of volumes) {
      const name = (persistentVolumeClaim as JsonObject | undefined)?.claimName
      if (typeof name !== 'string') continue
      const claim = store.get(CLAIMS, pod.metadata.namespace, name)
      if (!claim) return `persistentvolumeclaim "${name}" not found`
      if (claim.status?.phase !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims'
    }
    return undefined
  }

  const refuse = (pod: KubeObject, message: string, obstacles: readonly Obstacle[]) => {
    const told =
      obstacles.length === 0
        ? `${message} not found`
        : `${message} no new claims to deallocate, preemption: ${preemption(obstacles)}`
    const before = conditionOf(pod, 'PodScheduled')
    const lastTransitionTime =
      before?.status === 'False' ? before.lastTransitionTime : time(cluster.now)
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      ...observed(pod),
      lastProbeTime: null,
      lastTransitionTime,
      reason: 'Unschedulable',
      message: told,
    }
    cluster.change(
      PODS,
      pod,
      (one) => ({
        ...one,
        status: { ...one.status, conditions: [condition] as unknown as JsonObject[] },
      }),
      'kube-scheduler',
      'status',
    )
    events.tell(PODS, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: told,
      component: 'default-scheduler',
      action: 'Scheduling',
    })
  }

  const place = (pod: KubeObject): boolean => {
    const nodes = store.list(NODES)
    const claim = unbound(pod)
    if (claim !== undefined) {
      refuse(pod, `0/${nodes.length} nodes are available: ${claim}.`, [])
      return false
    }
    const all = [...store.all(PODS)].filter((one) => one.spec?.nodeName && !isOver(one))
    const placed = { all, on: Map.groupBy(all, ({ spec }) => String(spec?.nodeName)) }
    const judged = nodes.map((node) => ({ node, ...fits(cluster, pod, node, placed, nodes) }))
    const [best] = judged
      .filter(({ obstacle }) => obstacle === undefined)
      .sort((a, b) => b.score - a.score || (a.node.metadata.name < b.node.metadata.name ? -1 : 1))
    if (best) {
      const name = best.node.metadata.name
      cluster.bind(pod, name)
      events.tell(PODS, pod, {
        reason: 'Scheduled',
        message: `Successfully assigned ${keyOf(pod)} to ${name}`,
        component: 'default-scheduler',
        action: 'Binding',
      })
      return true
    }
    const obstacles = judged.flatMap(({ obstacle }) => obstacle ?? [])
    refuse(pod, `0/${nodes.length} nodes are available: ${funnel(obstacles)}.`, obstacles)
    return false
  }

  const waiting = () =>
    [...store.all(PODS)].filter(
      (pod) => !pod.spec?.nodeName && conditionOf(pod, 'PodScheduled')?.status === 'False',
    )

  return {
    name: 'scheduler',
    keysOf: ({ kind, object, previous, type }) => {
      if (kind === PODS && type === 'ADDED' && !object.spec?.nodeName) return [keyOf(object)]
      const freed =
        (kind === PODS &&
          (type === 'DELETED' || (isOver(object) && previous && !isOver(previous)))) ||
        (kind === NODES && previous?.spec !== object.spec) ||
        kind === CLAIMS
      return freed ? waiting().map(keyOf) : []
    },
    sync: (key) => {
      const pod = store.get(PODS, ...splitKey(key))
      if (!pod || isGoing(pod) || pod.spec?.nodeName) return undefined
      if (((pod.spec?.schedulingGates ?? []) as readonly unknown[]).length > 0) return undefined
      return place(pod) ? undefined : RETRY
    },
  }
}

/** `2 Insufficient cpu, 1 node(s) were unschedulable`, the commonest reasons as they sort. */
function funnel(obstacles: readonly Obstacle[]): string {
  const counts = new Map<string, number>()
  for (const { message } of obstacles) counts.set(message, (counts.get(message) ?? 0) + 1)
  return [...counts]
    .map(([message, count]) => `${count} ${message}`)
    .sort()
    .join(', ')
}

/** What sending others away would bring: nothing, for a node that would not do without them either. */
function preemption(obstacles: readonly Obstacle[]): string {
  const useless = obstacles.filter(({ hopeless }) => hopeless).length
  const others = obstacles.length - useless
  const parts = [
    ...(others > 0 ? [`${others} No preemption victims found for incoming pod`] : []),
    ...(useless > 0 ? [`${useless} Preemption is not helpful for scheduling`] : []),
  ]
  return `0/${obstacles.length} nodes are available: ${parts.join(', ')}.`
}
