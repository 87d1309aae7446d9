import type { Reason, StatusFacts } from 'intermodal'
import { timeOf } from './moments.ts'
import { withTime } from './reasons.ts'
import type { CronJob, Job } from './workload.ts'

type JobFacts = Pick<StatusFacts, 'desired' | 'completions' | 'exhausted' | 'rollout' | 'reasons'>

/** A Job is done when it says so. */
export function jobFacts(job: Job, revision: string, now: number): JobFacts {
  const { spec, status = {} } = job
  const on = (type: string) =>
    status.conditions?.find((condition) => condition.type === type && condition.status === 'True')
  const failed = on('Failed') ?? on('FailureTarget')
  const complete = on('Complete') ?? on('SuccessCriteriaMet')
  const desired = spec?.completions ?? Math.max(1, complete ? (status.succeeded ?? 1) : 1)
  const reasons: Reason[] = failed
    ? [
        failureReason(
          failed.reason,
          failed.message,
          status.failed,
          timeOf(failed.lastTransitionTime) ?? now,
        ),
      ]
    : []
  if (spec?.suspend && !failed && !complete) {
    const since = timeOf(on('Suspended')?.lastTransitionTime) ?? now
    const message = 'the job is suspended'
    return {
      desired,
      rollout: { state: 'paused', revision, message, since },
      reasons: [withTime({ code: 'PausedByUser', message }, since)],
    }
  }
  return {
    desired,
    completions: complete ? desired : Math.min(status.succeeded ?? 0, desired - (failed ? 1 : 0)),
    ...(failed ? { exhausted: true } : {}),
    reasons,
  }
}

function failureReason(reason = '', message = '', failures = 0, since: number): Reason {
  const count = Math.max(1, failures)
  if (reason === 'DeadlineExceeded') {
    return withTime(
      { code: 'DeadlineExceeded', message: message || 'the job ran longer than it may' },
      since,
    )
  }
  const told = message || 'the job has failed'
  const times = failures > 0 ? `${told} (${failures} failed)` : told
  // The instances that failed say why; they may be gone by now.
  return withTime({ code: 'ExitNonZero', message: times }, since, count)
}

/** A CronJob has no rollout: it is as well as its last run. */
export function cronFacts({ spec }: CronJob, runs: readonly Job[], now: number): JobFacts {
  const desired = spec?.suspend ? 0 : 1
  const last = [...runs]
    .sort((a, b) => startOf(b) - startOf(a))
    .find(({ status }) =>
      status?.conditions?.some(
        ({ type, status: on }) => on === 'True' && (type === 'Failed' || type === 'Complete'),
      ),
    )
  const facts = last ? jobFacts(last, '', now) : undefined
  return {
    desired,
    ...(facts?.exhausted && desired > 0 ? { exhausted: true, reasons: facts.reasons ?? [] } : {}),
  }
}

function startOf({ metadata, status }: Job): number {
  return timeOf(status?.startTime ?? metadata.creationTimestamp) ?? 0
}
