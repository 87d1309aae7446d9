/** A kind of object, and where the API has it. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

const of = (apiVersion: string, kind: string, plural: string, namespaced = true): Resource => ({
  apiVersion,
  kind,
  plural,
  namespaced,
})

export const DEPLOYMENTS = of('apps/v1', 'Deployment', 'deployments')
export const STATEFUL_SETS = of('apps/v1', 'StatefulSet', 'statefulsets')
export const DAEMON_SETS = of('apps/v1', 'DaemonSet', 'daemonsets')
export const REPLICA_SETS = of('apps/v1', 'ReplicaSet', 'replicasets')
export const CONTROLLER_REVISIONS = of('apps/v1', 'ControllerRevision', 'controllerrevisions')
export const JOBS = of('batch/v1', 'Job', 'jobs')
export const CRON_JOBS = of('batch/v1', 'CronJob', 'cronjobs')
export const PODS = of('v1', 'Pod', 'pods')
export const EVENTS = of('v1', 'Event', 'events')
export const NODES = of('v1', 'Node', 'nodes', false)
export const SECRETS = of('v1', 'Secret', 'secrets')
export const CONFIG_MAPS = of('v1', 'ConfigMap', 'configmaps')
export const SERVICES = of('v1', 'Service', 'services')
export const CLAIMS = of('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims')
export const INGRESSES = of('networking.k8s.io/v1', 'Ingress', 'ingresses')
export const AUTOSCALERS = of(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
)
export const BUDGETS = of('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets')

/** What runs an app, in the order that decides between two of one name. */
export const WORKLOADS: readonly Resource[] = [
  DEPLOYMENTS,
  STATEFUL_SETS,
  DAEMON_SETS,
  JOBS,
  CRON_JOBS,
]

/**
 * What is looked through for objects of an app that it does not render any more, in the order it is removed. Claims are
 * not: they are data.
 */
export const PARTS: readonly Resource[] = [AUTOSCALERS, BUDGETS, INGRESSES, SERVICES, CONFIG_MAPS]

export const KNOWN: readonly Resource[] = [
  ...WORKLOADS,
  ...PARTS,
  REPLICA_SETS,
  CONTROLLER_REVISIONS,
  PODS,
  EVENTS,
  NODES,
  SECRETS,
  CLAIMS,
  of('v1', 'Namespace', 'namespaces', false),
]

/** Where older servers, down to 1.20, have the same objects. */
export const OLDER: ReadonlyMap<Resource, string> = new Map([
  [CRON_JOBS, 'batch/v1beta1'],
  [BUDGETS, 'policy/v1beta1'],
  [AUTOSCALERS, 'autoscaling/v2beta2'],
])

const FIRST = [
  'Namespace',
  'ServiceAccount',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Service',
]
const LAST = ['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Ingress']

/** In which step an object is written: what others need comes first, what acts on the workload last. */
export function orderOf(kind: string): number {
  const first = FIRST.indexOf(kind)
  if (first >= 0) return first
  const workload = WORKLOADS.some((resource) => resource.kind === kind)
  const last = LAST.includes(kind)
  return FIRST.length + (last ? 2 : workload ? 1 : 0)
}

/** `deployments.apps`, as access rules and kubectl say it. */
export function qualified({ plural, apiVersion }: Resource, subresource?: string): string {
  const [group, version] = apiVersion.split('/')
  const name = version === undefined ? plural : `${plural}.${group}`
  return subresource ? `${name}/${subresource}` : name
}

export function pathOf(
  { apiVersion, plural, namespaced }: Resource,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  const parts = [
    apiVersion.includes('/') ? '/apis' : '/api',
    `/${apiVersion}`,
    namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '',
    `/${plural}`,
    name === undefined ? '' : `/${encodeURIComponent(name)}`,
    subresource === undefined ? '' : `/${subresource}`,
  ]
  return parts.join('')
}
