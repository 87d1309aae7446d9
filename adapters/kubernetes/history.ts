import type { Api } from './api.ts'
import { CONTROLLER_REVISIONS, JOBS, REPLICA_SETS, type Resource } from './kinds.ts'
import type { KubernetesObject, LabelSelector } from './wire.ts'

/** What a workload's controller makes between it and its pods, or remembers of it. */
const HISTORY: Readonly<Record<string, Resource>> = {
  Deployment: REPLICA_SETS,
  StatefulSet: CONTROLLER_REVISIONS,
  DaemonSet: CONTROLLER_REVISIONS,
  CronJob: JOBS,
}

export function historyResource(workload: KubernetesObject): Resource | undefined {
  return HISTORY[workload.kind ?? '']
}

export async function historyOf(
  api: Api,
  workload: KubernetesObject,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const resource = historyResource(workload)
  if (!resource) return []
  const labelSelector = workload.kind === 'CronJob' ? undefined : selectorText(workload)
  const { items } = await api.list(resource, { labelSelector }, signal)
  return items
    .filter((object) => isControlledBy(object, workload))
    .map((object) => ({ ...object, kind: resource.kind }))
}

export function isControlledBy({ metadata }: KubernetesObject, owner: KubernetesObject): boolean {
  return controllerOf(metadata) === owner.metadata.uid
}

export function controllerOf({
  ownerReferences = [],
}: KubernetesObject['metadata']): string | undefined {
  return ownerReferences.find(({ controller }) => controller)?.uid
}

/** A selector as a query has it: `app=web,tier in (a,b)`. */
export function selectorText({ spec }: KubernetesObject): string | undefined {
  const { matchLabels = {}, matchExpressions = [] } =
    (spec as { readonly selector?: LabelSelector } | undefined)?.selector ?? {}
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key
      if (operator === 'DoesNotExist') return `!${key}`
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
    }),
  ]
  return parts.length > 0 ? parts.join(',') : undefined
}
