import { canonicalPodSpec, without } from './canonical-pod.ts'
import { isEngineKey } from './labels.ts'
import { isMark, SUSPENDED } from './marks.ts'
import { POOL_LABEL } from './options.ts'
import { isObject, type Json } from './patch.ts'
import { canonicalQuantity } from './resources.ts'
import type {
  KubernetesObject,
  Labels,
  ObjectMeta,
  PodSpec,
  PodTemplate,
  Service,
  ServicePort,
} from './wire.ts'
import type { CronJob, DaemonSet, Deployment, Job, JobSpec, StatefulSet } from './workload.ts'

/**
 * An object without what the server, its controllers and we ourselves write into it, and without what has its default
 * anyway: two objects that mean the same have the same canonical form. Marks of ours are left out, except in selectors.
 */
export function canonical(object: KubernetesObject, pod?: PodSpec, poolLabel = POOL_LABEL): Json {
  const { apiVersion: _, kind, status: __, metadata, ...rest } = object
  const meta = canonicalMeta(metadata)
  const spec = canonicalSpec(object, pod, poolLabel)
  return {
    ...(Object.keys(meta).length > 0 ? { metadata: meta } : {}),
    ...rest,
    ...(spec === undefined ? {} : { spec }),
    kind,
  }
}

function canonicalSpec(
  object: KubernetesObject,
  pod: PodSpec | undefined,
  poolLabel: string,
): unknown {
  switch (object.kind) {
    case 'Deployment':
      return canonicalDeployment((object as Deployment).spec ?? {}, poolLabel)
    case 'StatefulSet':
      return canonicalStateful((object as StatefulSet).spec ?? {}, poolLabel)
    case 'DaemonSet':
      return canonicalDaemon((object as DaemonSet).spec ?? {}, poolLabel)
    case 'Job':
      return canonicalJob((object as Job).spec ?? {}, poolLabel)
    case 'CronJob':
      return canonicalCron(object as CronJob, poolLabel)
    case 'Service':
      return canonicalService((object as Service).spec ?? {}, pod)
    case 'HorizontalPodAutoscaler':
      return without((object.spec ?? {}) as Json, { minReplicas: 1 })
    default:
      return object.spec
  }
}

const SERVER_META: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'ownerReferences',
  'clusterName',
])

/** Labels that a Job's controller puts on its pods. */
const JOB_LABELS: ReadonlySet<string> = new Set([
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
])

export function canonicalMeta(meta: ObjectMeta = {}): Json {
  const { labels, annotations, ...rest } = meta
  const kept = Object.entries(rest).filter(([key, value]) => !SERVER_META.has(key) && value != null)
  const plainLabels = foreign(labels)
  const plainAnnotations = foreign(annotations)
  return {
    ...Object.fromEntries(kept),
    ...(Object.keys(plainLabels).length > 0 ? { labels: plainLabels } : {}),
    ...(Object.keys(plainAnnotations).length > 0 ? { annotations: plainAnnotations } : {}),
  }
}

/** What neither the engine nor we wrote. */
export function foreign(entries: Labels | undefined): Labels {
  return Object.fromEntries(
    Object.entries(entries ?? {}).filter(
      ([key]) => !isMark(key) && !isEngineKey(key) && !JOB_LABELS.has(key),
    ),
  )
}

function canonicalTemplate(template: PodTemplate | undefined, poolLabel: string): Json {
  const metadata = canonicalMeta(template?.metadata)
  return {
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    spec: canonicalPodSpec(template?.spec ?? { containers: [] }, poolLabel),
  }
}

function canonicalDeployment(spec: NonNullable<Deployment['spec']>, poolLabel: string): Json {
  const { type = 'RollingUpdate', rollingUpdate } = spec.strategy ?? {}
  const { maxSurge = '25%', maxUnavailable = '25%' } = rollingUpdate ?? {}
  return without(
    {
      ...spec,
      strategy:
        type === 'RollingUpdate' ? { type, rollingUpdate: { maxSurge, maxUnavailable } } : { type },
      template: canonicalTemplate(spec.template, poolLabel),
    },
    { minReadySeconds: 0, progressDeadlineSeconds: 600, revisionHistoryLimit: 10, paused: false },
  )
}

function canonicalStateful(spec: NonNullable<StatefulSet['spec']>, poolLabel: string): Json {
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {}
  const rolling = without(rollingUpdate ?? {}, { partition: 0 })
  return without(
    {
      ...spec,
      updateStrategy: {
        type,
        ...(Object.keys(rolling).length > 0 ? { rollingUpdate: rolling } : {}),
      },
      template: canonicalTemplate(spec.template, poolLabel),
      volumeClaimTemplates: (spec.volumeClaimTemplates ?? []).map(canonicalClaim),
    },
    {
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [],
    },
  )
}

function canonicalClaim(claim: KubernetesObject): Json {
  const spec = (claim.spec ?? {}) as Json
  const { requests } = (spec.resources ?? {}) as { requests?: Record<string, string> }
  const storage = requests?.storage
  return {
    metadata: { name: claim.metadata.name, ...canonicalMeta(claim.metadata) },
    spec: without(
      {
        ...spec,
        ...(storage === undefined
          ? {}
          : {
              resources: {
                ...(spec.resources as Json),
                requests: { ...requests, storage: canonicalQuantity('memory', storage) },
              },
            }),
      },
      { volumeMode: 'Filesystem' },
    ),
  }
}

function canonicalDaemon(spec: NonNullable<DaemonSet['spec']>, poolLabel: string): Json {
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {}
  const rolling = without({ maxUnavailable: 1, ...rollingUpdate }, { maxSurge: 0 })
  return without(
    {
      ...spec,
      updateStrategy: type === 'RollingUpdate' ? { type, rollingUpdate: rolling } : { type },
      template: canonicalTemplate(spec.template, poolLabel),
    },
    { minReadySeconds: 0, revisionHistoryLimit: 10 },
  )
}

function canonicalJob(spec: JobSpec, poolLabel: string): Json {
  const { selector, ...rest } = spec
  const once = (spec.parallelism ?? 1) === 1 && (spec.completions ?? 1) === 1
  return without(
    {
      ...rest,
      // Without a selector of its own a Job is given one that no other has.
      selector: spec.manualSelector ? selector : undefined,
      template: canonicalTemplate(spec.template, poolLabel),
    },
    {
      backoffLimit: 6,
      suspend: false,
      completionMode: 'NonIndexed',
      podReplacementPolicy: 'TerminatingOrFailed',
      manualSelector: false,
      ...(once ? { completions: 1, parallelism: 1 } : {}),
    },
  )
}

function canonicalCron({ spec = {}, metadata }: CronJob, poolLabel: string): Json {
  const { jobTemplate } = spec
  const meta = canonicalMeta(jobTemplate?.metadata)
  return without(
    {
      ...spec,
      jobTemplate: {
        ...(Object.keys(meta).length > 0 ? { metadata: meta } : {}),
        spec: canonicalJob(jobTemplate?.spec ?? {}, poolLabel),
      },
    },
    {
      concurrencyPolicy: 'Allow',
      suspend: metadata.annotations?.[SUSPENDED] !== undefined,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
  )
}

const SERVICE_DEFAULTS: Json = {
  type: 'ClusterIP',
  sessionAffinity: 'None',
  internalTrafficPolicy: 'Cluster',
  externalTrafficPolicy: 'Cluster',
  allocateLoadBalancerNodePorts: true,
  ipFamilyPolicy: 'SingleStack',
  publishNotReadyAddresses: false,
  ports: [],
}

function canonicalService(spec: NonNullable<Service['spec']>, pod: PodSpec | undefined): Json {
  const { clusterIP, clusterIPs: _, ipFamilies: __, healthCheckNodePort: ___, ...rest } = spec
  return without(
    {
      ...rest,
      clusterIP: clusterIP === 'None' ? clusterIP : undefined,
      ports: (spec.ports ?? []).map((port) => canonicalPort(port, pod)),
    },
    SERVICE_DEFAULTS,
  )
}

function canonicalPort({ nodePort: _, ...port }: ServicePort, pod: PodSpec | undefined): Json {
  const targetPort = targetOf(port, pod)
  return without({ ...port, targetPort }, { protocol: 'TCP', targetPort: port.port })
}

/** The container's port a Service's port leads to, by number where a name can be looked up. */
export function targetOf(
  { port, targetPort }: ServicePort,
  pod: PodSpec | undefined,
): number | string {
  if (typeof targetPort !== 'string') return targetPort ?? port
  const ports = pod?.containers.flatMap((container) => container.ports ?? []) ?? []
  return ports.find(({ name }) => name === targetPort)?.containerPort ?? targetPort
}

/** The pod template of a workload. */
export function templateOf(object: KubernetesObject): PodTemplate | undefined {
  const spec = isObject(object.spec) ? object.spec : {}
  if (object.kind === 'CronJob') return (object as CronJob).spec?.jobTemplate?.spec?.template
  return spec.template as PodTemplate | undefined
}
