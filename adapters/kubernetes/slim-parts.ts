import { MATERIAL, RESTARTED_AT, REVISION, TEMPLATE } from './marks.ts'
import { compact } from './patch.ts'
import type { Condition, KubernetesObject, Labels, ObjectMeta, OwnerReference } from './wire.ts'

/** Sentences of engines can hold whole logs. */
const MAX_TEXT = 1000

/** Annotations on pods and templates that a revision is named by. */
export const TEMPLATE_MARKS = [REVISION, MATERIAL, RESTARTED_AT, TEMPLATE] as const

/** Labels by which controllers know what is theirs. */
const POD_LABELS = [
  'pod-template-hash',
  'controller-revision-hash',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-name',
  'job-name',
] as const

export function head(
  { kind, metadata }: KubernetesObject,
  annotations: readonly string[],
  labels: Labels | undefined = picked(metadata.labels, POD_LABELS),
): KubernetesObject {
  return {
    kind: kind ?? '',
    metadata: slimMeta(metadata, picked(metadata.annotations, annotations), labels),
  }
}

function slimMeta(
  meta: ObjectMeta,
  annotations: Labels | undefined,
  labels: Labels | undefined,
): ObjectMeta {
  return compact({
    name: meta.name,
    uid: meta.uid,
    generation: meta.generation,
    creationTimestamp: meta.creationTimestamp ?? undefined,
    deletionTimestamp: meta.deletionTimestamp ?? undefined,
    labels,
    annotations,
    ownerReferences: slimOwners(meta.ownerReferences),
  }) as ObjectMeta
}

/** Only a controller's kind and uid say anything. */
function slimOwners(owners: ObjectMeta['ownerReferences']): ObjectMeta['ownerReferences'] {
  const found = owners?.find(({ controller }) => controller)
  return found && [{ kind: found.kind, uid: found.uid, controller: true } as OwnerReference]
}

export function picked(entries: Labels | undefined, keys: readonly string[]): Labels | undefined {
  let kept: Record<string, string> | undefined
  for (const key of keys) {
    const value = entries?.[key]
    if (value === undefined) continue
    kept ??= {}
    kept[key] = value
  }
  return kept
}

export function slimCondition(condition: Condition): Condition {
  const { type, status, reason, message, lastTransitionTime } = condition
  // Of a Deployment that gets on the message names a ReplicaSet, and nobody is told of it.
  const idle = type === 'Progressing' && status === 'True'
  return compact({
    type,
    status,
    reason,
    message: idle ? undefined : cut(message),
    lastTransitionTime: lastTransitionTime ?? undefined,
  }) as Condition
}

export function cut(text: string | undefined): string | undefined {
  return text !== undefined && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
