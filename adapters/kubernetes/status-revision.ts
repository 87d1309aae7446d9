import { templateOf } from './canonical.ts'
import { RESTARTED_AT, REVISION } from './marks.ts'
import { isLeftAlone, isObserved } from './status-rollout.ts'
import { revisionOfTemplate, revisionOfWorkload } from './template-revision.ts'
import type { KubernetesObject } from './wire.ts'
import type { ControllerRevision, Pod, StatefulSet } from './workload.ts'

export interface Revisions {
  /** Of the app: what is wanted now. */
  readonly current: string
  readonly of: (pod: Pod) => string
  /** Whether the change in progress is a restart and nothing else. */
  readonly restarting: boolean
}

/** Which revision each pod is made from: by the hash its controller gave it, not by what anyone wrote on it. */
export function revisionsOf(
  workload: KubernetesObject,
  history: readonly KubernetesObject[],
): Revisions {
  const current = revisionOfWorkload(workload)
  const newest = newestHash(workload, history, current)
  const known = new Map(history.map((entry) => [hashOfHistory(entry), nameOf(entry)]))
  const of = (pod: Pod): string => {
    const hash = hashOfPod(pod)
    const own = pod.metadata.annotations?.[REVISION]
    const named =
      own === undefined ? known.get(hash) : revisionOfTemplate({ metadata: pod.metadata })
    if (isLeftAlone(workload, ordinalOf(pod))) return current
    if (newest !== undefined) return hash === newest ? current : other(named ?? hash, hash)
    return named ?? (hash === '' ? current : hash)
  }
  // The same name for what the controller takes for two: somebody changed the template by hand.
  const other = (named: string, hash: string): string =>
    named === current ? `${named}-${hash}` : named
  return { current, of, restarting: isRestart(workload, history, newest) }
}

function hashOfPod({ metadata }: Pod): string {
  const { labels } = metadata
  return labels?.['pod-template-hash'] ?? labels?.['controller-revision-hash'] ?? ''
}

function ordinalOf({ metadata }: Pod): string | undefined {
  return (
    metadata.labels?.['apps.kubernetes.io/pod-index'] ?? /-(\d+)$/.exec(metadata.name ?? '')?.[1]
  )
}

function hashOfHistory({ kind, metadata }: KubernetesObject): string {
  if (kind === 'ReplicaSet') return metadata.labels?.['pod-template-hash'] ?? metadata.name ?? ''
  return metadata.labels?.['controller-revision-hash'] ?? metadata.name ?? ''
}

/** What a remembered template is called, as `rollback` takes it. */
export function nameOf(entry: KubernetesObject): string {
  return revisionOfTemplate(templateOfHistory(entry))
}

export function templateOfHistory(entry: KubernetesObject): ReturnType<typeof templateOf> {
  if (entry.kind === 'ReplicaSet') return templateOf(entry)
  const template = (entry as ControllerRevision).data?.spec?.template as
    | (Readonly<Record<string, unknown>> & ReturnType<typeof templateOf>)
    | undefined
  if (!template) return undefined
  // A ControllerRevision is a patch, and says so.
  const { $patch: _, ...rest } = template
  return rest
}

/** The place of a remembered template in the history, the newest having the highest number. */
export function rankOf(entry: KubernetesObject): number {
  if (entry.kind !== 'ReplicaSet') return (entry as ControllerRevision).revision
  return Number(entry.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
}

/** The hash on pods of what is wanted now; `undefined` when no history is at hand. */
function newestHash(
  workload: KubernetesObject,
  history: readonly KubernetesObject[],
  current: string,
): string | undefined {
  const { updateRevision } = (workload as StatefulSet).status ?? {}
  if (workload.kind === 'StatefulSet' && updateRevision && isObserved(workload))
    return updateRevision
  const [newest] = [...history].sort((a, b) => rankOf(b) - rankOf(a))
  if (!newest) return undefined
  // The controller has not made the new one yet: what is there is all old.
  return isObserved(workload) || nameOf(newest) === current ? hashOfHistory(newest) : NONE
}

const NONE = 'none'

function isRestart(
  workload: KubernetesObject,
  history: readonly KubernetesObject[],
  newest: string | undefined,
): boolean {
  const { annotations } = templateOf(workload)?.metadata ?? {}
  if (annotations?.[RESTARTED_AT] === undefined) return false
  const before = [...history]
    .sort((a, b) => rankOf(b) - rankOf(a))
    .find((entry) => hashOfHistory(entry) !== newest)
  const old = before && templateOfHistory(before)?.metadata?.annotations
  return (
    old !== undefined &&
    old[REVISION] === annotations[REVISION] &&
    old[RESTARTED_AT] !== annotations[RESTARTED_AT]
  )
}
