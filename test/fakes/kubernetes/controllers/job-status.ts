import type { JsonObject } from '../json.ts'
import { JOBS, PODS } from '../kinds.ts'
import { isGoing, type KubeObject, time } from '../objects.ts'
import { MANAGER, type Tools } from './controllers.ts'
import { isActive, isReady } from './pods.ts'

export const COMPONENT = 'job-controller'
export const INDEX = 'batch.kubernetes.io/job-completion-index'

export interface Ending {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

/** How far a job has come. */
export interface Outcome {
  readonly succeeded: number
  readonly failed: number
  readonly ending: Ending | undefined
  readonly suspended: boolean
  readonly startTime: string | undefined
  readonly indexed: boolean
}

/** Writes it into the status, and tells of the end. */
export function reportJob({ cluster, owned }: Tools, job: KubeObject, outcome: Outcome): void {
  const { events } = cluster
  const { succeeded, failed, ending, suspended, startTime, indexed } = outcome
  const now = time(cluster.now)
  const pods = owned.controlled(PODS, job)
  const active = pods.filter(isActive)
  const terminating = pods.filter(
    (pod) => isGoing(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed',
  )
  const condition = (type: string, reason: string, message: string, status = 'True') => ({
    type,
    status,
    lastProbeTime: now,
    lastTransitionTime: now,
    ...(reason ? { reason, message } : {}),
  })
  const first = ending?.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const before = (job.status?.conditions ?? []) as readonly JsonObject[]
  const wasSuspended = before.find(({ type }) => type === 'Suspended')
  const paused =
    suspended && wasSuspended?.status !== 'True'
      ? [condition('Suspended', 'JobSuspended', 'Job suspended')]
      : !suspended && wasSuspended?.status === 'True'
        ? [condition('Suspended', 'JobResumed', 'Job resumed', 'False')]
        : wasSuspended
          ? [wasSuspended]
          : []
  const ends = ending
    ? [
        condition(first, ending.reason, ending.message),
        ...(terminating.length === 0
          ? [condition(ending.type, ending.reason, ending.message)]
          : []),
      ]
    : []
  const conditions = [...paused, ...ends]
  const indexes = pods
    .filter(({ status }) => status?.phase === 'Succeeded')
    .map(({ metadata }) => Number(metadata.annotations?.[INDEX]))
    .sort((a, b) => a - b)
  const status = {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(suspended ? {} : { startTime: startTime ?? now }),
    ...(ending?.type === 'Complete' && terminating.length === 0 ? { completionTime: now } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ...(indexed && indexes.length > 0 ? { completedIndexes: indexes.join(',') } : {}),
    uncountedTerminatedPods: {},
    terminating: terminating.length,
    ready: active.filter(isReady).length,
  }
  cluster.change(
    JOBS,
    job,
    (one) => ({ ...one, status: status as unknown as JsonObject }),
    MANAGER,
    'status',
  )
  if (!ending || terminating.length > 0) return
  if (ending.type === 'Complete')
    events.tell(JOBS, job, {
      reason: 'Completed',
      message: 'Job completed',
      component: COMPONENT,
    })
  else
    events.tell(JOBS, job, {
      type: 'Warning',
      reason: ending.reason,
      message: ending.message,
      component: COMPONENT,
    })
}
