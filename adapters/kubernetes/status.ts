import {
  type AppStatus,
  deriveStatus,
  type Instance,
  type Observed,
  type Reason,
  type StatusFacts,
} from 'intermodal'
import { foreign, templateOf } from './canonical.ts'
import { idOfObject, isManaged } from './labels.ts'
import { timeOf } from './moments.ts'
import { kindOf } from './read.ts'
import { creationCause, withTime } from './reasons.ts'
import { eventTime, NO_EVENTS, podEvents } from './status-events.ts'
import { instanceOf, type JudgedInstance } from './status-instance.ts'
import { cronFacts, jobFacts } from './status-job.ts'
import { revisionsOf } from './status-revision.ts'
import { progressOf } from './status-rollout.ts'
import type { KubernetesObject } from './wire.ts'
import type { CronJob, DaemonSet, Deployment, Job, KubernetesEvent, Pod } from './workload.ts'

/** Everything on the cluster that is about one app, whole or as `slim()` leaves it. */
export interface Snapshot {
  readonly workload: KubernetesObject
  /** Pods that the workload, its ReplicaSets or its Jobs control. */
  readonly pods: readonly Pod[]
  /** ReplicaSets of a Deployment, ControllerRevisions of a StatefulSet or DaemonSet, Jobs of a CronJob. */
  readonly history?: readonly KubernetesObject[] | undefined
  /** About the workload, what is in its history, and the pods. */
  readonly events?: readonly KubernetesEvent[] | undefined
  /** Names of nodes that are not ready. */
  readonly lostNodes?: ReadonlySet<string> | undefined
  readonly observed: Observed
}

/**
 * One app in the model's words, of ours or of anybody. Pure, but a matter of time too: a check that has not passed yet
 * becomes one that fails when the time it is given is over.
 */
export function statusOf(snapshot: Snapshot): AppStatus {
  const { workload, observed } = snapshot
  const { metadata } = workload
  const kind = kindOf(workload)
  const finite = kind === 'job' || kind === 'cron'
  const history = snapshot.history ?? []
  const revisions = revisionsOf(workload, finite ? [] : history)
  const judged = judgePods(snapshot, revisions.of, finite)
  const facts = factsOf(snapshot, kind, revisions.current, judged, history, revisions.restarting)
  const created = timeOf(metadata.creationTimestamp)
  return {
    id: idOfObject(workload),
    kind,
    image: imageOf(workload),
    ...deriveStatus(facts),
    revision: facts.revision,
    generation: facts.generation,
    ...(facts.rollout ? { rollout: facts.rollout } : {}),
    instances: facts.instances,
    labels: foreign(metadata.labels),
    ...(created === undefined ? {} : { createdAt: created }),
    managed: isManaged(workload),
    observed,
  }
}

function imageOf(workload: KubernetesObject): string {
  const containers = templateOf(workload)?.spec?.containers ?? []
  const own = idOfObject(workload).split('/').at(-1)
  return (containers.find(({ name }) => name === own) ?? containers[0])?.image ?? ''
}

function judgePods(
  { pods, events = [], lostNodes = new Set(), observed }: Snapshot,
  revisionOf: (pod: Pod) => string,
  finite: boolean,
): readonly JudgedInstance[] {
  const byPod = Map.groupBy(
    events,
    ({ involvedObject, regarding }) => (involvedObject ?? regarding)?.uid,
  )
  const now = observed.at
  const eventsOf = (pod: Pod) => {
    const own = byPod.get(pod.metadata.uid)
    return own ? podEvents(own) : NO_EVENTS
  }
  return [...pods]
    .sort(
      (a, b) =>
        createdAt(a) - createdAt(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
    )
    .map((pod) => instanceOf(pod, { revisionOf, eventsOf, lostNodes, finite, now }))
}

function createdAt({ metadata }: Pod): number {
  return timeOf(metadata.creationTimestamp) ?? 0
}

function factsOf(
  snapshot: Snapshot,
  kind: StatusFacts['kind'],
  revision: string,
  judged: readonly JudgedInstance[],
  history: readonly KubernetesObject[],
  restarting: boolean,
): StatusFacts {
  const { workload, observed } = snapshot
  const instances = evidence(judged, snapshot, kind, revision)
  const causes = judged.flatMap((one) => one.causes)
  const common = {
    kind,
    revision,
    generation: generationOf(workload, kind),
    instances,
    ...(workload.metadata.deletionTimestamp ? { deleting: true } : {}),
  }
  if (kind === 'job' || kind === 'cron') {
    const own =
      kind === 'job'
        ? jobFacts(workload as Job, revision, observed.at)
        : cronFacts(workload as CronJob, history as readonly Job[], observed.at)
    const known = new Set(instances.map(({ reason }) => reason?.code))
    const told = (own.reasons ?? []).filter(
      ({ code }) => !known.has(code) || code === 'DeadlineExceeded',
    )
    return { ...common, ...own, reasons: [...told, ...causes, ...refusals(snapshot)] }
  }
  const progress = progressOf(workload, revision, observed.at)
  const desired = desiredOf(workload)
  const activity = activityOf(progress.rollout?.state, instances, desired, restarting)
  const told = progress.reasons.length > 0 ? [] : refusals(snapshot)
  return {
    ...common,
    desired,
    rollout: progress.rollout,
    ...(activity ? { activity } : {}),
    reasons: [...progress.reasons, ...causes, ...told],
  }
}

/** Pods that ended and were replaced prove nothing, unless something is missing that they may tell of. */
function evidence(
  judged: readonly JudgedInstance[],
  { workload }: Snapshot,
  kind: StatusFacts['kind'],
  revision: string,
): readonly Instance[] {
  const all = judged.map(({ instance }) => instance)
  if (kind === 'job' || kind === 'cron') return all
  const lacking = all.filter(({ ready }) => ready).length < desiredOf(workload)
  const telling = all.filter(
    (one) => !ENDED.has(one.state) || (lacking && one.revision === revision),
  )
  // A filtered list has room for more, several times what one instance takes.
  return telling.length === all.length ? all : telling
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'killed', 'rejected', 'failed'])

function generationOf(
  workload: KubernetesObject,
  kind: StatusFacts['kind'],
): StatusFacts['generation'] {
  const desired = workload.metadata.generation ?? 0
  const { observedGeneration } = (workload.status ?? {}) as { readonly observedGeneration?: number }
  // Jobs and CronJobs do not tell.
  const observed = kind === 'job' || kind === 'cron' ? desired : (observedGeneration ?? 0)
  return { desired, observed: Math.min(observed, desired) }
}

function desiredOf(workload: KubernetesObject): number {
  if (workload.kind === 'DaemonSet')
    return (workload as DaemonSet).status?.desiredNumberScheduled ?? 0
  return (workload as Deployment).spec?.replicas ?? 1
}

function activityOf(
  rollout: string | undefined,
  instances: readonly Instance[],
  desired: number,
  restarting: boolean,
): StatusFacts['activity'] {
  if (rollout === 'running') return restarting ? 'restarting' : undefined
  if (rollout !== 'succeeded') return undefined
  const live = instances.filter(({ state }) => state !== 'stopping' && state !== 'lost')
  // The rollout is over, so instances that are merely on their way come of another count.
  const coming = live.some(
    ({ ready, reason, health }) => !ready && !reason && health !== 'unhealthy',
  )
  return coming || live.length !== desired ? 'scaling' : undefined
}

const REFUSED: ReadonlySet<string> = new Set(['FailedCreate', 'FailedCreatePodSandBox'])

/** Controllers other than that of Deployments tell only in events that they could not create a pod. */
function refusals({ workload, events = [], history = [], pods }: Snapshot): readonly Reason[] {
  const about = new Set([workload.metadata.uid, ...history.map(({ metadata }) => metadata.uid)])
  const newestPod = Math.max(0, ...pods.map(createdAt))
  const found = events.filter((event) => {
    const uid = (event.involvedObject ?? event.regarding)?.uid
    return REFUSED.has(event.reason ?? '') && about.has(uid) && eventTime(event) >= newestPod
  })
  const last = found.sort((a, b) => eventTime(b) - eventTime(a))[0]
  return last ? [withTime(creationCause(last.message ?? last.note ?? ''), eventTime(last))] : []
}
