import type { JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'

/** The status an object is born with. */
export function firstStatus({ kind }: Kind): JsonObject | undefined {
  return STATUSES[kind]
}

const STATUSES: Readonly<Record<string, JsonObject>> = {
  Namespace: { phase: 'Active' },
  Pod: { phase: 'Pending' },
  Service: { loadBalancer: {} },
  PersistentVolumeClaim: { phase: 'Pending' },
  PersistentVolume: { phase: 'Pending' },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  Job: {},
  CronJob: {},
  HorizontalPodAutoscaler: { desiredReplicas: 0, currentMetrics: null },
  PodDisruptionBudget: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
  Ingress: { loadBalancer: {} },
  ResourceQuota: {},
}

interface Amounts {
  readonly limits?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
}

/** How early a pod is killed when memory runs short. */
export function qosOf(spec: JsonObject): string {
  const containers = [spec.containers, spec.initContainers].flatMap(
    (list) => (list ?? []) as readonly JsonObject[],
  )
  const amounts = containers.map(({ resources }) => (resources ?? {}) as Amounts)
  const asked = amounts.flatMap(({ limits, requests }) => [
    ...Object.keys(limits ?? {}),
    ...Object.keys(requests ?? {}),
  ])
  if (!asked.some((what) => what === 'cpu' || what === 'memory')) return 'BestEffort'
  const guaranteed = amounts.every(({ limits, requests }) =>
    ['cpu', 'memory'].every(
      (what) => limits?.[what] !== undefined && limits[what] === (requests?.[what] ?? limits[what]),
    ),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
