import type { JsonObject } from '../json.ts'
import { BUDGETS, DEPLOYMENTS, PODS, REPLICA_SETS, STATEFUL_SETS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject, type OwnerReference } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import { allowance } from '../write/evict.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { isReady, share } from './pods.ts'

/** Says how many pods may be sent away at this moment. */
export function budgetController({ cluster }: Tools): Controller {
  const { store } = cluster

  /** Pods that were let go, and are not marked for it yet. */
  const stillDisrupted = (budget: KubeObject, pods: readonly KubeObject[]): JsonObject => {
    const disrupted = Object.entries((budget.status?.disruptedPods ?? {}) as JsonObject)
    const kept = disrupted.filter(([name, at]) => {
      const pod = pods.find(({ metadata }) => metadata.name === name)
      return pod && !isGoing(pod) && Date.parse(String(at)) + DELETION > cluster.now
    })
    return Object.fromEntries(kept)
  }

  /** How many pods there should be: a share is one of what the controllers of the pods are to keep. */
  const expectation = (
    { maxUnavailable, minAvailable }: JsonObject,
    pods: readonly KubeObject[],
  ): { readonly expected: number; readonly fault?: string } => {
    if (maxUnavailable === undefined && !String(minAvailable).endsWith('%'))
      return { expected: pods.length }
    const scales = new Map<string, number>()
    for (const pod of pods) {
      const owner = controllerOf(pod)
      if (!owner)
        return { expected: 0, fault: `found no controller ref for pod "${pod.metadata.name}"` }
      const scaled = scaleOf(pod, owner)
      if (!scaled)
        return { expected: 0, fault: `found no controllers for pod "${pod.metadata.name}"` }
      scales.set(scaled.metadata.uid, Number(scaled.spec?.replicas ?? 1))
    }
    return { expected: [...scales.values()].reduce((sum, one) => sum + one, 0) }
  }

  const scaleOf = (pod: KubeObject, { kind, name }: OwnerReference): KubeObject | undefined => {
    const { namespace } = pod.metadata
    if (kind === 'StatefulSet') return store.get(STATEFUL_SETS, namespace, name)
    const set = kind === 'ReplicaSet' ? store.get(REPLICA_SETS, namespace, name) : undefined
    const above = set && controllerOf(set)
    return above?.kind === 'Deployment' ? store.get(DEPLOYMENTS, namespace, above.name) : set
  }

  return {
    name: 'disruption-controller',
    keysOf: ({ kind, object }) => {
      if (kind === BUDGETS) return [keyOf(object)]
      if (kind !== PODS) return []
      const labels = object.metadata.labels ?? {}
      return store
        .list(BUDGETS, object.metadata.namespace)
        .filter(({ spec }) => objectSelector(spec?.selector as JsonObject)(labels))
        .map(keyOf)
    },
    sync: (key) => {
      const budget = store.get(BUDGETS, ...splitKey(key))
      if (!budget || isGoing(budget)) return undefined
      const { spec = {}, metadata } = budget
      const fits = objectSelector(spec.selector as JsonObject)
      const pods = store
        .list(PODS, metadata.namespace)
        .filter((pod) => fits(pod.metadata.labels ?? {}))
      const disrupted = stillDisrupted(budget, pods)
      const healthy = pods.filter(
        (pod) => !isGoing(pod) && isReady(pod) && disrupted[pod.metadata.name] === undefined,
      ).length
      const { expected, fault } = expectation(spec, pods)
      const desired =
        spec.maxUnavailable === undefined
          ? share(spec.minAvailable ?? 1, expected, 'up')
          : Math.max(0, expected - share(spec.maxUnavailable, expected, 'up'))
      const allowed = fault || expected === 0 ? 0 : Math.max(0, healthy - desired)
      const reason = fault ? 'SyncFailed' : allowed > 0 ? 'SufficientPods' : 'InsufficientPods'
      const status = {
        observedGeneration: metadata.generation ?? 1,
        disruptionsAllowed: allowed,
        currentHealthy: healthy,
        desiredHealthy: desired,
        expectedPods: expected,
        ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
        conditions: [allowance(cluster, budget, reason, fault ?? '')],
      }
      cluster.change(
        BUDGETS,
        budget,
        (one) => ({ ...one, status: status as JsonObject }),
        MANAGER,
        'status',
      )
      return Object.keys(disrupted).length > 0 ? DELETION : undefined
    },
  }
}

/** So long a pod that was let go may take to be marked, milliseconds. */
const DELETION = 120_000
