import { templateOf } from './canonical.ts'
import { MATERIAL, MEMO, RESTARTED_AT, REVISION, TEMPLATE } from './marks.ts'
import { compact } from './patch.ts'
import { fingerprint, foreignEditors } from './template-revision.ts'
import type {
  Condition,
  Container,
  KubernetesObject,
  Labels,
  ObjectMeta,
  PodTemplate,
} from './wire.ts'
import type { ContainerState, ContainerStatus, CronJob, KubernetesEvent, Pod } from './workload.ts'

/** Sentences of engines can hold whole logs. */
const MAX_TEXT = 1000

/**
 * What a status needs of an object and nothing else, in the object's own shape: `statusOf` says the same of slim objects
 * as of whole ones. Everything a watch keeps in memory goes through it.
 */
export function slim<T extends KubernetesObject>(object: T): T {
  return slimAny(object) as T
}

function slimAny(object: KubernetesObject): KubernetesObject {
  switch (object.kind) {
    case 'Pod':
      return slimPod(object as Pod)
    case 'Event':
      return slimEvent(object as KubernetesEvent)
    case 'ControllerRevision':
      return slimRevision(object)
    case 'ReplicaSet':
      return { ...head(object, HISTORY), spec: slimHistory(object), status: slimStatus(object) }
    default:
      return slimWorkload(object)
  }
}

const HISTORY: ReadonlySet<string> = new Set(['deployment.kubernetes.io/revision'])
const POD_LABELS = [
  'pod-template-hash',
  'controller-revision-hash',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-name',
  'job-name',
] as const

function head(
  object: KubernetesObject,
  annotations: ReadonlySet<string> | undefined,
): KubernetesObject {
  const { apiVersion, kind, metadata } = object
  return compact({
    apiVersion,
    kind,
    metadata: slimMeta(metadata, annotations),
  }) as KubernetesObject
}

function slimMeta(meta: ObjectMeta, annotations: ReadonlySet<string> | undefined): ObjectMeta {
  const kept = Object.entries(meta.annotations ?? {}).filter(([key]) =>
    annotations
      ? annotations.has(key)
      : key.length < 64 && key !== MEMO && !key.includes('last-applied'),
  )
  return compact({
    name: meta.name,
    namespace: meta.namespace,
    uid: meta.uid,
    resourceVersion: meta.resourceVersion,
    generation: meta.generation,
    creationTimestamp: meta.creationTimestamp ?? undefined,
    deletionTimestamp: meta.deletionTimestamp ?? undefined,
    labels: meta.labels,
    annotations: kept.length > 0 ? Object.fromEntries(kept) : undefined,
    ownerReferences: meta.ownerReferences?.filter(({ controller }) => controller),
  }) as ObjectMeta
}

function slimPod(pod: Pod): Pod {
  const { spec, status } = pod
  const labels = POD_LABELS.flatMap((key) => {
    const value = pod.metadata.labels?.[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return {
    ...head(
      { ...pod, metadata: { ...pod.metadata, labels: Object.fromEntries(labels) } },
      TEMPLATE_MARKS,
    ),
    spec: compact({
      nodeName: spec?.nodeName,
      restartPolicy: spec?.restartPolicy,
      containers: (spec?.containers ?? []).map(slimContainer),
      // A sidecar among the init containers never ends, and is no sign of waiting.
      initContainers: spec?.initContainers
        ?.filter(({ restartPolicy }) => restartPolicy === 'Always')
        .map(({ name, restartPolicy }) => compact({ name, restartPolicy }) as Container),
    }) as NonNullable<Pod['spec']>,
    status: compact({
      phase: status?.phase,
      reason: status?.reason,
      message: cut(status?.message),
      podIP: status?.podIP,
      podIPs: (status?.podIPs?.length ?? 0) > 1 ? status?.podIPs : undefined,
      startTime: status?.startTime ?? undefined,
      conditions: slimConditions(status?.conditions, POD_CONDITIONS),
      containerStatuses: status?.containerStatuses?.map(slimContainerStatus),
      initContainerStatuses: status?.initContainerStatuses
        ?.filter(({ state }) => state?.terminated?.exitCode !== 0)
        .map(slimContainerStatus),
    }) as NonNullable<Pod['status']>,
  }
}

const TEMPLATE_MARKS: ReadonlySet<string> = new Set([REVISION, MATERIAL, RESTARTED_AT, TEMPLATE])
const POD_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'DisruptionTarget'])

function slimContainer(container: Container): Container {
  const { name, image, readinessProbe, livenessProbe, startupProbe } = container
  const ready = readinessProbe && {
    initialDelaySeconds: readinessProbe.initialDelaySeconds,
    periodSeconds: readinessProbe.periodSeconds,
    failureThreshold: readinessProbe.failureThreshold,
  }
  return compact({
    name,
    image,
    readinessProbe: ready && compact(ready),
    livenessProbe: livenessProbe && {},
    startupProbe: startupProbe && {},
  }) as Container
}

function slimContainerStatus(status: ContainerStatus): ContainerStatus {
  const { name, ready, started, restartCount, state, lastState } = status
  return compact({
    name,
    ready,
    started: started ?? undefined,
    restartCount,
    state: state && slimState(state),
    lastState: lastState?.terminated && slimState(lastState),
  }) as ContainerStatus
}

function slimState({ waiting, running, terminated }: ContainerState): ContainerState {
  if (waiting) return { waiting: compact({ ...waiting, message: cut(waiting.message) }) as object }
  if (running) return { running }
  if (!terminated) return {}
  const { exitCode, signal, reason, message, startedAt, finishedAt } = terminated
  return {
    terminated: compact({
      exitCode,
      signal,
      reason,
      message: cut(message),
      startedAt,
      finishedAt,
    }) as object,
  }
}

function slimConditions(
  found: readonly Condition[] | undefined,
  types?: ReadonlySet<string>,
): readonly Condition[] | undefined {
  return found
    ?.filter(({ type }) => types?.has(type) ?? true)
    .map(
      ({ type, status, reason, message, lastTransitionTime }) =>
        compact({
          type,
          status,
          reason,
          message: cut(message),
          lastTransitionTime: lastTransitionTime ?? undefined,
        }) as Condition,
    )
}

function slimStatus(object: KubernetesObject): KubernetesObject['status'] {
  const status = object.status as { readonly conditions?: readonly Condition[] } | undefined
  return status && compact({ ...status, conditions: slimConditions(status.conditions) })
}

function slimWorkload(object: KubernetesObject): KubernetesObject {
  const spec = (object.spec ?? {}) as Readonly<Record<string, unknown>>
  const editors = foreignEditors(object)
  const template = templateOf(object)
  const kept = SPEC_KEYS.map((key) => [key, spec[key]] as const).filter(
    ([, value]) => value !== undefined,
  )
  const slimmed = template && slimTemplate(template)
  const around =
    object.kind === 'CronJob'
      ? {
          jobTemplate: {
            spec: {
              ...(object as CronJob).spec?.jobTemplate?.spec,
              selector: undefined,
              template: slimmed,
            },
          },
        }
      : { template: slimmed }
  const { metadata, ...rest } = head(object, undefined)
  return {
    ...rest,
    metadata: editors.length > 0 ? { ...metadata, managedFields: editors } : metadata,
    spec: compact({ ...Object.fromEntries(kept), ...around }),
    ...(object.status === undefined ? {} : { status: slimStatus(object) }),
  }
}

const SPEC_KEYS = [
  'replicas',
  'selector',
  'paused',
  'suspend',
  'strategy',
  'updateStrategy',
  'completions',
  'parallelism',
  'backoffLimit',
  'schedule',
  'minReadySeconds',
  'progressDeadlineSeconds',
] as const

/** Enough to know the revision, the image and which checks there are. */
function slimTemplate(template: PodTemplate): PodTemplate {
  const kept = Object.entries(template.metadata?.annotations ?? {}).filter(([key]) =>
    TEMPLATE_MARKS.has(key),
  )
  const marks: Labels = Object.fromEntries(kept)
  return {
    metadata: {
      annotations: {
        ...marks,
        ...(marks[REVISION] === undefined
          ? { [TEMPLATE]: marks[TEMPLATE] ?? fingerprint(template) }
          : {}),
      },
    },
    spec: { containers: (template.spec?.containers ?? []).map(slimContainer) },
  }
}

function slimHistory(object: KubernetesObject): object {
  const { replicas } = (object.spec ?? {}) as { readonly replicas?: number }
  const template = templateOf(object)
  return compact({ replicas, template: template && slimTemplate(template) })
}

function slimRevision(object: KubernetesObject): KubernetesObject {
  const data = object.data as { readonly spec?: { readonly template?: PodTemplate } } | undefined
  const template = data?.spec?.template
  return {
    ...head(object, HISTORY),
    revision: object.revision,
    ...(template ? { data: { spec: { template: slimTemplate(template) } } } : {}),
  }
}

function slimEvent(event: KubernetesEvent): KubernetesEvent {
  const { kind, metadata, type, reason, count, series } = event
  const about = event.involvedObject ?? event.regarding
  return compact({
    kind,
    metadata: compact({
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      creationTimestamp: metadata.creationTimestamp ?? undefined,
    }),
    type,
    reason,
    message: cut(event.message ?? event.note),
    involvedObject: about && compact({ kind: about.kind, name: about.name, uid: about.uid }),
    count,
    series,
    lastTimestamp: event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? undefined,
  }) as KubernetesEvent
}

function cut(text: string | undefined): string | undefined {
  return text !== undefined && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
