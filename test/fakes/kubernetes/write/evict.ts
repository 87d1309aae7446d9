import type { Cluster } from '../cluster.ts'
import { conditionOf, conditionsOf, isReady, observed } from '../controllers/pods.ts'
import { badRequest, failure } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { BUDGETS, PODS } from '../kinds.ts'
import { isGoing, type KubeObject, time } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import type { DeleteOptions } from './remove.ts'

/** A deletion that asks the budgets first. Throws the 429 when one of them has nothing to spare. */
export function evict(cluster: Cluster, pod: KubeObject, options: DeleteOptions = {}): void {
  if (!isFree(pod)) take(cluster, pod, options.dryRun === true)
  const marked = options.dryRun
    ? pod
    : cluster.change(PODS, pod, withTarget(cluster), 'kube-apiserver', 'status')
  if (marked) cluster.remove(PODS, marked, options)
}

/** What does not run is missed by no budget. */
function isFree(pod: KubeObject): boolean {
  const phase = String(pod.status?.phase)
  return isGoing(pod) || ['Succeeded', 'Failed', 'Pending'].includes(phase)
}

function take(cluster: Cluster, pod: KubeObject, dryRun: boolean): void {
  const { namespace, labels = {}, name } = pod.metadata
  const budgets = cluster.store
    .list(BUDGETS, namespace)
    .filter(({ spec = {} }) => objectSelector(spec.selector as JsonObject)(labels))
  if (budgets.length > 1)
    throw failure(
      500,
      undefined,
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  const [budget] = budgets
  if (!budget) return
  const { spec = {}, status = {}, metadata } = budget
  const [healthy, desired] = [
    Number(status.currentHealthy ?? 0),
    Number(status.desiredHealthy ?? 0),
  ]
  if (!isReady(pod)) {
    if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return
    if (healthy >= desired && desired > 0) return
  }
  if (Number(status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw tooMany(
      `The disruption budget ${metadata.name} is still being processed by the server.`,
      10,
    )
  const left = Number(status.disruptionsAllowed ?? 0) - 1
  if (left < 0)
    throw tooMany(
      `The disruption budget ${metadata.name} needs ${desired} healthy pods and has ${healthy} currently`,
    )
  if (dryRun) return
  const disrupted = { ...(status.disruptedPods as JsonObject), [name]: time(cluster.now) }
  const conditions =
    left > 0 ? status.conditions : [allowance(cluster, budget, 'InsufficientPods', '')]
  const next = { ...status, disruptionsAllowed: left, disruptedPods: disrupted, conditions }
  cluster.change(
    BUDGETS,
    budget,
    (one) => ({ ...one, status: next as JsonObject }),
    'kube-apiserver',
    'status',
  )
}

function tooMany(message: string, retryAfterSeconds?: number) {
  return failure(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  )
}

/** Whether a budget lets pods go, as its condition. */
export function allowance(
  { now }: Cluster,
  budget: KubeObject,
  reason: string,
  message: string,
): JsonObject {
  const status = reason === 'SufficientPods' ? 'True' : 'False'
  const before = conditionOf(budget, 'DisruptionAllowed')
  return {
    type: 'DisruptionAllowed',
    status,
    observedGeneration: budget.metadata.generation ?? 1,
    lastTransitionTime:
      before?.status === status && before.lastTransitionTime
        ? before.lastTransitionTime
        : time(now),
    reason,
    message,
  }
}

function withTarget({ now }: Cluster) {
  return (pod: KubeObject): KubeObject => {
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      ...observed(pod),
      lastProbeTime: null,
      lastTransitionTime: time(now),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    }
    const others = conditionsOf(pod).filter(({ type }) => type !== 'DisruptionTarget')
    const conditions = [...others, target] as unknown as JsonObject[]
    return { ...pod, status: { ...pod.status, conditions } }
  }
}

/** Throws the 400 for an eviction of another pod than the path's. */
export function checkEviction(name: string, eviction: JsonObject): void {
  const { name: given } = (eviction.metadata ?? {}) as JsonObject
  if (given !== name) throw badRequest('name in URL does not match name in Eviction object')
}
