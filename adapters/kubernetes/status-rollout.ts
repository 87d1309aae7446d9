import type { Reason, RolloutStatus } from 'intermodal'
import { timeOf } from './moments.ts'
import { creationCause, withTime } from './reasons.ts'
import type { Condition, KubernetesObject } from './wire.ts'
import type { DaemonSet, Deployment, StatefulSet } from './workload.ts'

export interface Progress {
  readonly rollout?: RolloutStatus | undefined
  readonly reasons: readonly Reason[]
}

/** How far a workload's newest change has got, by the rules of `kubectl rollout status` and kstatus. */
export function progressOf(workload: KubernetesObject, revision: string, now: number): Progress {
  switch (workload.kind) {
    case 'Deployment':
      return deploymentProgress(workload as Deployment, revision, now)
    case 'StatefulSet':
      return { rollout: statefulRollout(workload as StatefulSet, revision), reasons: [] }
    case 'DaemonSet':
      return { rollout: daemonRollout(workload as DaemonSet, revision), reasons: [] }
    default:
      return { reasons: [] }
  }
}

/** Nothing in a status counts before the engine has taken note of the object as it is. */
export function isObserved({ metadata, status }: KubernetesObject): boolean {
  const observed = (status as { readonly observedGeneration?: number } | undefined)
    ?.observedGeneration
  return (observed ?? 0) >= (metadata.generation ?? 0)
}

function deploymentProgress(deployment: Deployment, revision: string, now: number): Progress {
  const { spec, status = {} } = deployment
  const conditions = status.conditions ?? []
  const progressing = conditions.find(({ type }) => type === 'Progressing')
  const refused = conditions.find(
    ({ type, status: on }) => type === 'ReplicaFailure' && on === 'True',
  )
  const reasons = refused
    ? [withTime(creationCause(refused.message ?? ''), timeOf(refused.lastTransitionTime) ?? now)]
    : []
  if (!isObserved(deployment)) return { rollout: { state: 'running', revision }, reasons }
  if (spec?.paused) {
    const since = timeOf(
      conditions.find(({ reason }) => reason === 'DeploymentPaused')?.lastTransitionTime,
    )
    const message = 'the rollout is paused'
    return {
      rollout: { state: 'paused', revision, message, ...(since === undefined ? {} : { since }) },
      reasons: [withTime({ code: 'PausedByUser', message }, since ?? now), ...reasons],
    }
  }
  if (isOverdue(progressing)) {
    const since = timeOf(progressing?.lastTransitionTime) ?? now
    const { progressDeadlineSeconds } = spec ?? {}
    const told = progressing?.message ?? 'the rollout made no progress in time'
    const limit =
      progressDeadlineSeconds === undefined ? '' : ` (deadline ${progressDeadlineSeconds} s)`
    const message = `${told}${limit}`
    return {
      rollout: { state: 'failed', revision, message, since },
      reasons: [...reasons, withTime({ code: 'DeadlineExceeded', message }, since)],
    }
  }
  return { rollout: deploymentRollout(deployment, revision, progressing), reasons }
}

function isOverdue(progressing: Condition | undefined): boolean {
  return progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded'
}

function deploymentRollout(
  { spec, status = {} }: Deployment,
  revision: string,
  progressing: Condition | undefined,
): RolloutStatus {
  const desired = spec?.replicas ?? 1
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  // Once complete, instances that fail later do not make it a rollout again.
  const complete = progressing?.reason === 'NewReplicaSetAvailable'
  const since = timeOf(progressing?.lastTransitionTime)
  const at = since === undefined ? {} : { since }
  if (replicas > updatedReplicas) {
    return {
      state: 'running',
      revision,
      ...at,
      message: `${replicas - updatedReplicas} old ${plural(replicas - updatedReplicas)} to go`,
    }
  }
  if (complete) return { state: 'succeeded', revision, ...at }
  if (updatedReplicas < desired) {
    return {
      state: 'running',
      revision,
      ...at,
      message: `${updatedReplicas} of ${desired} updated`,
    }
  }
  if (availableReplicas < updatedReplicas) {
    return {
      state: 'running',
      revision,
      ...at,
      message: `${availableReplicas} of ${updatedReplicas} available`,
    }
  }
  return { state: 'succeeded', revision, ...at }
}

function plural(count: number): string {
  return count === 1 ? 'instance' : 'instances'
}

/** An update goes in order, one by one, down to the partition; with `OnDelete` nothing goes by itself. */
function statefulRollout(stateful: StatefulSet, revision: string): RolloutStatus | undefined {
  const { spec, status = {} } = stateful
  if (!isObserved(stateful)) return { state: 'running', revision }
  if (spec?.updateStrategy?.type === 'OnDelete') return { state: 'succeeded', revision }
  const desired = spec?.replicas ?? 1
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  const { updatedReplicas = 0, readyReplicas = 0, availableReplicas = readyReplicas } = status
  const wanted = Math.max(0, desired - partition)
  const settled =
    status.updateRevision === undefined || status.updateRevision === status.currentRevision
  if (!settled && updatedReplicas < wanted) {
    return { state: 'running', revision, message: `${updatedReplicas} of ${wanted} updated` }
  }
  if (availableReplicas >= desired) return { state: 'succeeded', revision }
  // Between a first start and an instance that failed later the status makes no difference.
  return settled
    ? undefined
    : { state: 'running', revision, message: `${availableReplicas} of ${desired} available` }
}

function daemonRollout(daemon: DaemonSet, revision: string): RolloutStatus | undefined {
  const { spec, status = {} } = daemon
  if (!isObserved(daemon)) return { state: 'running', revision }
  const onDelete = spec?.updateStrategy?.type === 'OnDelete'
  const {
    desiredNumberScheduled: desired = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = status
  if (!onDelete && updatedNumberScheduled < desired) {
    return {
      state: 'running',
      revision,
      message: `${updatedNumberScheduled} of ${desired} updated`,
    }
  }
  return numberAvailable >= desired ? { state: 'succeeded', revision } : undefined
}

/** Instances that an update leaves as they are on purpose: they count as being of the newest revision. */
export function isLeftAlone(workload: KubernetesObject, ordinal: string | undefined): boolean {
  const { updateStrategy } = (workload as StatefulSet).spec ?? {}
  if (updateStrategy?.type === 'OnDelete') return true
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0
  return workload.kind === 'StatefulSet' && ordinal !== undefined && Number(ordinal) < partition
}
