import { templateOf } from './canonical.ts'
import { APP, REVISION, TEMPLATE } from './marks.ts'
import { compact } from './patch.ts'
import { cut, head, picked, slimCondition, TEMPLATE_MARKS } from './slim-parts.ts'
import { slimPod } from './slim-pod.ts'
import { fingerprint, foreignEditors } from './template-revision.ts'
import type { Condition, Container, KubernetesObject, PodTemplate } from './wire.ts'
import type { Deployment, KubernetesEvent, Pod } from './workload.ts'

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
      return { ...head(object, HISTORY), spec: { template: slimTemplate(templateOf(object)) } }
    default:
      return slimWorkload(object)
  }
}

const HISTORY = ['deployment.kubernetes.io/revision'] as const
const WORKLOAD = [APP] as const
function slimStatus({ kind, status }: KubernetesObject): KubernetesObject['status'] {
  if (kind === 'Deployment') return slimDeploymentStatus(status as Deployment['status'])
  const { conditions } = (status ?? {}) as { readonly conditions?: readonly Condition[] }
  return status && compact({ ...status, conditions: conditions?.map(slimCondition) })
}

function slimDeploymentStatus(status: Deployment['status']): Deployment['status'] {
  if (!status) return undefined
  const { observedGeneration, replicas, updatedReplicas, availableReplicas, conditions } = status
  return compact({
    observedGeneration,
    replicas,
    updatedReplicas,
    availableReplicas,
    conditions: conditions?.filter(({ type }) => type !== 'Available').map(slimCondition),
  }) as Deployment['status']
}

function slimWorkload(object: KubernetesObject): KubernetesObject {
  const spec = (object.spec ?? {}) as Readonly<Record<string, unknown>>
  const template = templateOf(object)
  // Only what pods of ours are made from is looked at for others' hands.
  const own = template?.metadata?.annotations?.[REVISION] !== undefined
  const editors = own ? foreignEditors(object) : []
  const slimmed = template && slimTemplate(template, true)
  const kept: Record<string, unknown> =
    object.kind === 'CronJob'
      ? { jobTemplate: { spec: { template: slimmed } } }
      : { template: slimmed }
  for (const key of SPEC_KEYS) if (spec[key] !== undefined) kept[key] = spec[key]
  const { metadata, ...rest } = head(object, WORKLOAD, object.metadata.labels)
  return {
    ...rest,
    metadata: editors.length > 0 ? { ...metadata, managedFields: editors } : metadata,
    spec: kept,
    ...(object.status === undefined ? {} : { status: slimStatus(object) }),
  }
}

const SPEC_KEYS = [
  'replicas',
  'paused',
  'suspend',
  'updateStrategy',
  'completions',
  'progressDeadlineSeconds',
] as const

/** Enough to know the revision, and of a workload the image. */
function slimTemplate(template: PodTemplate | undefined, containers = false): PodTemplate {
  const marks = picked(template?.metadata?.annotations, TEMPLATE_MARKS)
  const annotations =
    marks?.[REVISION] === undefined
      ? { ...marks, [TEMPLATE]: marks?.[TEMPLATE] ?? fingerprint(template) }
      : marks
  return {
    metadata: { annotations },
    ...(containers
      ? { spec: { containers: (template?.spec?.containers ?? []).map(slimImage) } }
      : {}),
  } as PodTemplate
}

function slimImage({ name, image }: Container): Container {
  return { name, image } as Container
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
