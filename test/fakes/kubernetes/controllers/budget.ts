import type { JsonObject } from '../json.ts'
import { BUDGETS, PODS } from '../kinds.ts'
import { isGoing, time } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import { conditionOf, isActive, isReady, share } from './pods.ts'

/** Says how many pods may be sent away at this moment. */
export function budgetController({ cluster }: Tools): Controller {
  const { store } = cluster
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
        .filter((pod) => isActive(pod) && fits(pod.metadata.labels ?? {}))
      const expected = pods.length
      const healthy = pods.filter(isReady).length
      const desired =
        spec.maxUnavailable === undefined
          ? share(spec.minAvailable ?? 1, expected, 'up')
          : Math.max(0, expected - share(spec.maxUnavailable, expected, 'up'))
      const allowed = Math.max(0, expected > 0 ? healthy - desired : 0)
      const before = conditionOf(budget, 'DisruptionAllowed')
      const holds = allowed > 0 ? 'True' : 'False'
      const condition = {
        type: 'DisruptionAllowed',
        status: holds,
        observedGeneration: metadata.generation ?? 1,
        lastTransitionTime:
          before?.status === holds ? before.lastTransitionTime : time(cluster.now),
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      }
      const status = {
        observedGeneration: metadata.generation ?? 1,
        disruptionsAllowed: allowed,
        currentHealthy: healthy,
        desiredHealthy: desired,
        expectedPods: expected,
        conditions: [condition] as unknown as JsonObject[],
      }
      cluster.change(BUDGETS, budget, (one) => ({ ...one, status }), MANAGER, 'status')
      return undefined
    },
  }
}
