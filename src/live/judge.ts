import type { Revision } from '../adapter.ts'
import { formatDuration } from '../app/quantity.ts'
import { PLACEMENT_REASONS } from '../derive.ts'
import type { Outcome, RolloutStep } from '../rollout.ts'
import type { AppStatus, Instance, Reason, ReasonCode } from '../status.ts'

/** Reasons that waiting alone does not cure: somebody has to change the app or the cluster. */
export const HOPELESS: ReadonlySet<ReasonCode> = new Set([
  'ImageNotFound',
  'RegistryAuth',
  'ConfigMissing',
  'SecretMissing',
  'VolumeUnavailable',
  'AdmissionDenied',
  'QuotaExceeded',
])

/** Reasons worth a `stalled` step: it may go on, but somebody should look. */
const STALLING: ReadonlySet<ReasonCode> = new Set([
  ...HOPELESS,
  ...PLACEMENT_REASONS,
  'ImagePullFailed',
  'CrashLoop',
  'OomKilled',
  'StartFailed',
  'LivenessFailed',
  'StartupTimeout',
  'LockedByDeployment',
])

export interface Judgement {
  /** Absent: go on. */
  readonly outcome?: Outcome | undefined
  readonly step: Exclude<RolloutStep['type'], 'ended' | 'stale'>
  readonly message: string
  readonly reasons: readonly Reason[]
  /** The rollout is held on purpose: its deadline does not run. */
  readonly held?: boolean | undefined
}

export interface JudgeOptions {
  readonly failFast: ReadonlySet<ReasonCode>
  /** We asked for the way back ourselves: the previous revision running again means rolled back. */
  readonly goingBack?: Revision | undefined
}

/**
 * What one status says about one change. Pure. Only instances of the change's own revision are judged: old ones that
 * still serve prove nothing, and old failures are not its failures.
 */
export function judge(status: AppStatus, revision: Revision, options: JudgeOptions): Judgement {
  const { rollout, generation } = status
  if (options.goingBack) return judgeWayBack(status, options.goingBack)
  // Nothing is wanted of an app on its way out: that is no other change which took this one's place.
  if (status.state === 'deleting') return goOn('the app is being removed')
  if (generation.desired < revision.generation)
    return goOn('the engine has not shown the change yet')
  if (rollout?.revision === revision.id || status.revision === revision.id) {
    if (rollout?.state === 'rolledBack' && rollout.revision === revision.id) {
      return end(
        'rolledBack',
        rollout.message ?? 'the engine rolled it back',
        reasonsOf(status, revision),
      )
    }
    if (rollout?.state === 'cancelled' && rollout.revision === revision.id) {
      return end('cancelled', rollout.message ?? 'it was stopped half done', [])
    }
    if (rollout?.state === 'rollingBack' && rollout.revision === revision.id) {
      return {
        step: 'rollingBack',
        message: rollout.message ?? 'rolling back',
        reasons: reasonsOf(status, revision),
      }
    }
  }
  if (status.revision !== revision.id) {
    return generation.desired > revision.generation
      ? end('superseded', `revision ${status.revision} took its place`, [])
      : goOn('the engine has not shown the change yet')
  }
  const { replicas } = revision
  if (replicas !== undefined && status.counts.desired !== replicas) {
    return generation.desired > revision.generation
      ? end(
          'superseded',
          `${status.counts.desired} instances are wanted now, no longer ${replicas}`,
          [],
        )
      : goOn('the engine has not shown the change yet')
  }
  if (generation.observed < revision.generation)
    return goOn('the engine has not taken note of the change yet')
  return judgeState(status, revision, options)
}

function judgeState(status: AppStatus, revision: Revision, { failFast }: JudgeOptions): Judgement {
  const reasons = reasonsOf(status, revision)
  if (!revision.changed && isAtRest(status)) {
    return end('succeeded', `no change: it is ${status.state}, ${progressOf(status)}`, [])
  }
  switch (status.state) {
    case 'running':
      // A job at work is `running` too; it is done when it is `completed`.
      return status.kind === 'job'
        ? goOn(progressOf(status))
        : end('succeeded', doneMessage(status), [])
    case 'completed':
    case 'suspended':
      return end('succeeded', doneMessage(status), [])
    case 'failed':
      return end('failed', failedMessage(status, reasons), reasons)
    case 'paused':
      return status.reasons.some(({ code }) => code === 'PausedOnFailure')
        ? end('failed', failedMessage(status, reasons), reasons)
        : { step: 'paused', message: status.rollout?.message ?? 'paused', reasons, held: true }
  }
  const fatal = reasons.find(({ code }) => failFast.has(code))
  if (fatal)
    return end('failed', `${fatal.message} (${fatal.code}); not waiting for a change`, reasons)
  const stalling = reasons.filter(({ code }) => STALLING.has(code))
  return stalling.length > 0
    ? {
        step: 'stalled',
        message: `${progressOf(status)}: ${stalling[0]?.message}`,
        reasons: stalling,
      }
    : goOn(progressOf(status))
}

/** Nothing is going on that an unchanged app would have to wait for; how well it does is another question. */
function isAtRest({ state, rollout }: AppStatus): boolean {
  const settled = ['running', 'completed', 'suspended', 'degraded', 'waiting', 'delayed']
  return settled.includes(state) && rollout?.state !== 'running'
}

function judgeWayBack(status: AppStatus, back: Revision): Judgement {
  if (status.generation.desired < back.generation || status.generation.observed < back.generation) {
    return { step: 'rollingBack', message: 'going back to the previous revision', reasons: [] }
  }
  if (status.revision !== back.id) {
    return end(
      'superseded',
      `revision ${status.revision} took its place while it was going back`,
      [],
    )
  }
  if (status.state === 'running' || status.state === 'suspended' || status.state === 'completed') {
    return end('rolledBack', `rolled back to ${back.id}`, [])
  }
  return {
    step: 'rollingBack',
    message: `going back: ${progressOf(status)}`,
    reasons: status.reasons,
  }
}

/** `2 of 3 ready, 1 starting`. */
export function progressOf({ kind, counts }: AppStatus): string {
  if (kind === 'job')
    return `${counts.updated} of ${counts.desired} completed, ${counts.running} running`
  const parts = [`${counts.ready} of ${counts.desired} ready`]
  if (counts.pending > 0) parts.push(`${counts.pending} starting`)
  if (counts.stopping > 0) parts.push(`${counts.stopping} stopping`)
  if (counts.overCapacity > 0) parts.push(`${counts.overCapacity} too many`)
  return parts.join(', ')
}

/** What must move for a rollout to count as getting on; equal text means nothing moved. */
export function progressMark(status: AppStatus, revision: Revision): string {
  const { counts } = status
  const live = status.instances.filter(
    (instance) => instance.revision === revision.id && instance.reason === undefined,
  )
  const furthest = live.map(({ id, state, ready }) => `${id}:${state}:${ready}`).sort()
  return `${counts.updated}/${counts.ready}/${counts.stopping}/${counts.overCapacity}/${furthest.join()}`
}

export function isFailing(instance: Instance, revision: Revision): boolean {
  return instance.revision === revision.id && instance.reason !== undefined && !instance.ready
}

export function deadlineMessage(status: AppStatus, deadline: number): string {
  const cause = status.reasons[0]
  const found = cause ? `: ${cause.message}` : ''
  return `no progress for ${formatDuration(deadline)}, ${progressOf(status)}${found}`
}

function reasonsOf(status: AppStatus, revision: Revision): readonly Reason[] {
  const others = new Set(
    status.instances
      .filter((instance) => instance.revision !== revision.id)
      .flatMap(({ reason }) => (reason ? [reason.code] : [])),
  )
  const own = new Set(
    status.instances
      .filter((instance) => instance.revision === revision.id)
      .flatMap(({ reason }) => (reason ? [reason.code] : [])),
  )
  return status.reasons.filter(({ code }) => own.has(code) || !others.has(code))
}

function doneMessage(status: AppStatus): string {
  const { kind, counts } = status
  if (status.state === 'suspended') return 'suspended: no instances'
  if (kind === 'job') return `completed ${counts.updated} of ${counts.desired}`
  if (kind === 'cron') return 'scheduled'
  return `${counts.ready} of ${counts.desired} ready`
}

function failedMessage(status: AppStatus, reasons: readonly Reason[]): string {
  const cause = reasons.find(({ code }) => code !== 'PausedOnFailure') ?? reasons[0]
  const head = cause ? cause.message : (status.rollout?.message ?? 'it failed')
  return `${progressOf(status)}: ${head}`
}

function goOn(message: string): Judgement {
  return { step: 'progress', message, reasons: [] }
}

function end(outcome: Outcome, message: string, reasons: readonly Reason[]): Judgement {
  return { outcome, step: 'progress', message, reasons }
}
