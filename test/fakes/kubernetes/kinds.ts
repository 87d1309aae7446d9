import type { Named } from './errors.ts'

/** A kind of object the API has. */
export interface Kind extends Named {
  readonly version: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly Subresource[]
  /** What may be done with it. */
  readonly verbs: readonly string[]
  /** Its type in the schema. */
  readonly type: string
  /** Changes of `spec` are counted in `metadata.generation`. */
  readonly counted: boolean
  /** The same objects under another version. */
  readonly storedAs?: Kind | undefined
}

export type Subresource =
  | 'status'
  | 'scale'
  | 'log'
  | 'exec'
  | 'eviction'
  | 'binding'
  | 'finalize'
  | 'token'
  | 'attach'
  | 'portforward'

const EVERYTHING = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const
/** Of these there are none, and none can be made. */
const LOOKING = ['get', 'list', 'watch'] as const
/** Questions, which are answered and not kept. */
const ASKING = ['create'] as const

interface Options {
  readonly namespaced?: boolean
  readonly short?: readonly string[]
  readonly all?: boolean
  readonly sub?: readonly Subresource[]
  readonly type?: string
  readonly counted?: boolean
  readonly verbs?: readonly string[]
}

function kind(groupVersion: string, name: string, plural: string, options: Options = {}): Kind {
  const [first = '', second] = groupVersion.split('/')
  return {
    group: second === undefined ? '' : first,
    version: second ?? first,
    kind: name,
    plural,
    singular: name.toLowerCase(),
    namespaced: options.namespaced ?? true,
    shortNames: options.short ?? [],
    categories: options.all ? ['all'] : [],
    subresources: options.sub ?? [],
    verbs: options.verbs ?? EVERYTHING,
    type: options.type ?? name,
    counted: options.counted ?? false,
  }
}

const scaled = ['scale', 'status'] as const

export const NAMESPACES = kind('v1', 'Namespace', 'namespaces', {
  namespaced: false,
  short: ['ns'],
  sub: ['finalize', 'status'],
})
export const PODS = kind('v1', 'Pod', 'pods', {
  short: ['po'],
  all: true,
  sub: ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'status'],
  counted: true,
})
export const SERVICES = kind('v1', 'Service', 'services', {
  short: ['svc'],
  all: true,
  sub: ['status'],
})
export const CONFIG_MAPS = kind('v1', 'ConfigMap', 'configmaps', { short: ['cm'] })
export const SECRETS = kind('v1', 'Secret', 'secrets')
export const SERVICE_ACCOUNTS = kind('v1', 'ServiceAccount', 'serviceaccounts', {
  short: ['sa'],
  sub: ['token'],
})
export const CLAIMS = kind('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
  short: ['pvc'],
  sub: ['status'],
})
export const VOLUMES = kind('v1', 'PersistentVolume', 'persistentvolumes', {
  namespaced: false,
  short: ['pv'],
  sub: ['status'],
})
export const NODES = kind('v1', 'Node', 'nodes', {
  namespaced: false,
  short: ['no'],
  sub: ['status'],
})
export const EVENTS = kind('v1', 'Event', 'events', { short: ['ev'] })
export const QUOTAS = kind('v1', 'ResourceQuota', 'resourcequotas', {
  short: ['quota'],
  sub: ['status'],
})
export const LIMIT_RANGES = kind('v1', 'LimitRange', 'limitranges', { short: ['limits'] })
export const ENDPOINTS = kind('v1', 'Endpoints', 'endpoints', { short: ['ep'], verbs: LOOKING })
const REPLICATION_CONTROLLERS = kind('v1', 'ReplicationController', 'replicationcontrollers', {
  short: ['rc'],
  all: true,
  verbs: LOOKING,
})
export const DEPLOYMENTS = kind('apps/v1', 'Deployment', 'deployments', {
  short: ['deploy'],
  all: true,
  sub: scaled,
  counted: true,
})
export const REPLICA_SETS = kind('apps/v1', 'ReplicaSet', 'replicasets', {
  short: ['rs'],
  all: true,
  sub: scaled,
  counted: true,
})
export const STATEFUL_SETS = kind('apps/v1', 'StatefulSet', 'statefulsets', {
  short: ['sts'],
  all: true,
  sub: scaled,
  counted: true,
})
export const DAEMON_SETS = kind('apps/v1', 'DaemonSet', 'daemonsets', {
  short: ['ds'],
  all: true,
  sub: ['status'],
  counted: true,
})
export const CONTROLLER_REVISIONS = kind('apps/v1', 'ControllerRevision', 'controllerrevisions')
export const JOBS = kind('batch/v1', 'Job', 'jobs', { all: true, sub: ['status'], counted: true })
export const CRON_JOBS = kind('batch/v1', 'CronJob', 'cronjobs', {
  short: ['cj'],
  all: true,
  sub: ['status'],
  counted: true,
})
export const AUTOSCALERS = kind(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
  { short: ['hpa'], all: true, sub: ['status'] },
)
export const BUDGETS = kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
  short: ['pdb'],
  sub: ['status'],
  counted: true,
})
export const INGRESSES = kind('networking.k8s.io/v1', 'Ingress', 'ingresses', {
  short: ['ing'],
  sub: ['status'],
  counted: true,
})
export const NETWORK_POLICIES = kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', {
  short: ['netpol'],
  counted: true,
})
export const ENDPOINT_SLICES = kind('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', {
  counted: true,
})
export const LEASES = kind('coordination.k8s.io/v1', 'Lease', 'leases')
export const STORAGE_CLASSES = kind('storage.k8s.io/v1', 'StorageClass', 'storageclasses', {
  namespaced: false,
  short: ['sc'],
})
export const PRIORITY_CLASSES = kind('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', {
  namespaced: false,
  short: ['pc'],
  counted: true,
})
const ROLES = kind('rbac.authorization.k8s.io/v1', 'Role', 'roles')
const ROLE_BINDINGS = kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings')
const CLUSTER_ROLES = kind('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', {
  namespaced: false,
})
const CLUSTER_ROLE_BINDINGS = kind(
  'rbac.authorization.k8s.io/v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
  { namespaced: false },
)
const CUSTOM_RESOURCES = kind(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  { namespaced: false, short: ['crd', 'crds'], verbs: LOOKING },
)
const question = (group: string, name: string) =>
  kind(`${group}/v1`, name, `${name.toLowerCase()}s`, { namespaced: false, verbs: ASKING })
export const ACCESS_REVIEWS = question('authorization.k8s.io', 'SelfSubjectAccessReview')
export const RULES_REVIEWS = question('authorization.k8s.io', 'SelfSubjectRulesReview')
export const SELF_REVIEWS = question('authentication.k8s.io', 'SelfSubjectReview')
export const NEW_EVENTS: Kind = {
  ...kind('events.k8s.io/v1', 'Event', 'events', { short: ['ev'], type: 'events.Event' }),
  storedAs: EVENTS,
}

/** All there are, in the order discovery tells them. */
export const ALL_KINDS: readonly Kind[] = [
  CONFIG_MAPS,
  ENDPOINTS,
  EVENTS,
  LIMIT_RANGES,
  NAMESPACES,
  NODES,
  CLAIMS,
  VOLUMES,
  PODS,
  REPLICATION_CONTROLLERS,
  QUOTAS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  REPLICA_SETS,
  STATEFUL_SETS,
  AUTOSCALERS,
  CRON_JOBS,
  JOBS,
  LEASES,
  ENDPOINT_SLICES,
  NEW_EVENTS,
  INGRESSES,
  NETWORK_POLICIES,
  BUDGETS,
  STORAGE_CLASSES,
  CUSTOM_RESOURCES,
  SELF_REVIEWS,
  ACCESS_REVIEWS,
  RULES_REVIEWS,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ROLE_BINDINGS,
  ROLES,
  PRIORITY_CLASSES,
]

export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group ? `${group}/${version}` : version
}

export function findKind(apiVersion: string, name: string): Kind | undefined {
  return ALL_KINDS.find((one) => one.kind === name && apiVersionOf(one) === apiVersion)
}
