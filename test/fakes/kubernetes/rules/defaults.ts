import { isList, isObject, type Json, type JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { Schema, Schemas } from '../schema/schema.ts'

type Values = Readonly<Record<string, Json | undefined>>
type Default = Values | ((value: JsonObject) => Values)

const ROLLING = { maxUnavailable: '25%', maxSurge: '25%' }

const rollingUpdate = (fallback: string, rolling: JsonObject) => (value: JsonObject) => {
  const type = value.type ?? fallback
  const given = isObject(value.rollingUpdate) ? value.rollingUpdate : {}
  return type === 'RollingUpdate' ? { type, rollingUpdate: { ...rolling, ...given } } : { type }
}

/** What the API fills in, by the type it fills it into. What is given stays. */
const DEFAULTS: Readonly<Record<string, Default>> = {
  PodSpec: (pod) => ({
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...(pod.serviceAccountName ? { serviceAccount: pod.serviceAccountName } : {}),
    ...(pod.serviceAccount ? { serviceAccountName: pod.serviceAccount } : {}),
  }),
  Container: (container) => ({
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(String(container.image ?? '')) ? 'Always' : 'IfNotPresent',
  }),
  ContainerPort: { protocol: 'TCP' },
  Probe: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  HTTPGetAction: { path: '/', scheme: 'HTTP' },
  GRPCAction: { service: '' },
  ObjectFieldSelector: { apiVersion: 'v1' },
  ResourceRequirements: (resources) =>
    isObject(resources.limits)
      ? { requests: { ...resources.limits, ...(resources.requests as JsonObject) } }
      : {},
  Volume: (volume) => (Object.keys(volume).length === 1 ? { emptyDir: {} } : {}),
  SecretVolumeSource: { defaultMode: 420 },
  ConfigMapVolumeSource: { defaultMode: 420 },
  DownwardAPIVolumeSource: { defaultMode: 420 },
  ProjectedVolumeSource: { defaultMode: 420 },
  HostPathVolumeSource: { type: '' },
  ServiceAccountTokenProjection: { expirationSeconds: 3600 },
  DeploymentSpec: {
    replicas: 1,
    strategy: {},
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  DeploymentStrategy: rollingUpdate('RollingUpdate', ROLLING),
  ReplicaSetSpec: { replicas: 1 },
  StatefulSetSpec: {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: {},
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
  StatefulSetUpdateStrategy: rollingUpdate('RollingUpdate', { partition: 0 }),
  DaemonSetSpec: { updateStrategy: {}, revisionHistoryLimit: 10 },
  DaemonSetUpdateStrategy: rollingUpdate('RollingUpdate', { maxUnavailable: 1, maxSurge: 0 }),
  JobSpec: (job) => ({
    ...(job.completions === undefined && job.parallelism === undefined ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: job.backoffLimitPerIndex === undefined ? 6 : 2147483647,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  }),
  CronJobSpec: {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  PersistentVolumeClaim: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  PersistentVolumeClaimSpec: { volumeMode: 'Filesystem' },
  ServiceSpec: (service) => ({
    sessionAffinity: 'None',
    type: 'ClusterIP',
    ...(service.type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(service.type === 'NodePort' || service.type === 'LoadBalancer'
      ? { externalTrafficPolicy: 'Cluster' }
      : {}),
    ...(service.type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    ...(service.sessionAffinity === 'ClientIP'
      ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }
      : {}),
  }),
  ServicePort: (port) => ({ protocol: 'TCP', targetPort: port.port }),
  HorizontalPodAutoscalerSpec: (autoscaler) => ({
    minReplicas: 1,
    ...(autoscaler.metrics === undefined ? { metrics: [CPU] } : {}),
  }),
  LimitRangeItem: (item) => {
    if (item.type !== 'Container') return {}
    const limits = { ...(item.max as JsonObject), ...(item.default as JsonObject) }
    const requests = {
      ...(item.min as JsonObject),
      ...limits,
      ...(item.defaultRequest as JsonObject),
    }
    return { default: limits, defaultRequest: requests }
  },
  HPAScalingRules: { selectPolicy: 'Max' },
  NetworkPolicySpec: (policy) => ({
    policyTypes: ['Ingress', ...(policy.egress === undefined ? [] : ['Egress'])],
  }),
  NetworkPolicyPort: { protocol: 'TCP' },
  PriorityClass: { preemptionPolicy: 'PreemptLowerPriority' },
  StorageClass: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  Secret: { type: 'Opaque' },
  NamespaceSpec: { finalizers: ['kubernetes'] },
  PodCondition: { lastProbeTime: null },
  Event: {
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
}

const CPU = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

/** What only pods on their own get, and not their templates. */
const POD: Values = { enableServiceLinks: true }

export function isLatest(image: string): boolean {
  if (image.includes('@')) return false
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest'
}

/** Fills in what the API does, and the structs that Go has whether they are given or not. */
export function withDefaults(schemas: Schemas, kind: Kind, object: JsonObject): JsonObject {
  const fill = (value: Json, schema: Schema): Json => {
    if (schema.type === 'list' && isList(value)) return value.map((item) => fill(item, schema.item))
    if (schema.type === 'map' && isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, item && fill(item, schema.item)]),
      )
    return schema.type === 'struct' && isObject(value) ? struct(value, schema.name) : value
  }
  const struct = (value: JsonObject, name: string): JsonObject => {
    const rule = ruleFor(kind, name)
    const values = typeof rule === 'function' ? rule(value) : (rule ?? {})
    const given = Object.entries(value).filter(([, item]) => item !== undefined && item !== null)
    const whole: Record<string, Json | undefined> = { ...values, ...Object.fromEntries(given) }
    if (rule && OVERRIDING.has(name)) Object.assign(whole, values)
    const { fields, inner } = schemas.struct(name)
    for (const key of inner) if (key !== 'status') whole[key] ??= {}
    const filled: Record<string, Json> = {}
    for (const [key, item] of Object.entries(whole)) {
      const field = fields.get(key)
      if (item !== undefined && field) filled[key] = fill(item, field.schema)
    }
    return filled
  }
  const filled = struct(object, kind.type)
  if (kind.kind === 'Pod' && isObject(filled.spec))
    return hostPorts({ ...filled, spec: { ...POD, ...filled.spec } })
  return filled
}

function ruleFor({ kind }: Kind, type: string): Default | undefined {
  if (type === 'EphemeralContainer') return DEFAULTS.Container
  // A template says what it says: only pods ask for what they are limited to.
  if (type === 'ResourceRequirements' && kind !== 'Pod') return undefined
  // What a cron job will make has its defaults when it is made.
  return type === 'JobSpec' && kind !== 'Job' ? undefined : DEFAULTS[type]
}

/** Their rule already holds what was given. */
const OVERRIDING: ReadonlySet<string> = new Set([
  'DeploymentStrategy',
  'StatefulSetUpdateStrategy',
  'DaemonSetUpdateStrategy',
  'ResourceRequirements',
  'LimitRangeItem',
])

/** On the host's own network a port is the host's. */
function hostPorts(object: JsonObject): JsonObject {
  const spec = object.spec as JsonObject
  if (spec.hostNetwork !== true || !isList(spec.containers)) return object
  const containers = spec.containers.map((container) => {
    if (!isObject(container) || !isList(container.ports)) return container
    const ports = container.ports.map((port) =>
      isObject(port) ? { ...port, hostPort: port.hostPort ?? port.containerPort } : port,
    )
    return { ...container, ports }
  })
  return { ...object, spec: { ...spec, containers } }
}
