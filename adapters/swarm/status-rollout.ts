import type { AppStatus, Instance, Reason, RolloutStatus } from 'intermodal'
import { monitorOf } from './crash-loop.ts'
import { withTime } from './reasons.ts'
import { timeOf } from './slots.ts'
import { revisionOfSpec } from './task-revision.ts'
import type { Service } from './wire.ts'

interface Rolling {
  readonly service: Service
  readonly revision: string
  readonly instances: readonly Instance[]
  /** Of every task there is, the newest first: ended ones may be all that is left of a revision. */
  readonly revisions: () => readonly string[]
  readonly desired: number
  readonly checked: boolean
  readonly now: number
  /** The status before this one, if any: Swarm does not remember that an update has been good. */
  readonly previous: AppStatus | undefined
}

/**
 * What Swarm says of the newest change, and what it leaves out: an update is `completed` when its last instance was
 * started and watched for a while, with every one of them crashing perhaps; a creation, a scale and a change of labels have no
 * state at all. Done is what is up, of the newest revision.
 */
export function rolloutOf(rolling: Rolling): RolloutStatus | undefined {
  const { service, revision } = rolling
  const { State, Message, StartedAt, CompletedAt } = service.UpdateStatus ?? {}
  const at = { ...(Message === undefined ? {} : { message: Message }), ...since(StartedAt) }
  switch (State) {
    case 'updating':
      return { state: 'running', revision, ...at }
    case 'paused':
    case 'rollback_paused':
      return { state: 'paused', revision, ...at }
    case 'rollback_started':
      return { state: 'rollingBack', revision: failedRevision(rolling), ...at }
    case 'rollback_completed':
      return {
        state: 'rolledBack',
        revision: failedRevision(rolling),
        ...at,
        ...since(CompletedAt),
      }
    case 'completed':
      return isUp(rolling) || wasUp(rolling)
        ? { state: 'succeeded', revision, ...at, ...since(CompletedAt) }
        : { state: 'running', revision, ...at, message: notYet(rolling) }
    default:
      return fromCounts(rolling)
  }
}

function fromCounts(rolling: Rolling): RolloutStatus | undefined {
  const { revision, service, instances } = rolling
  const up = { state: 'succeeded', revision, ...since(service.UpdatedAt) } as const
  if (wasUp(rolling)) return up
  if (isUp(rolling)) {
    return isStable(rolling)
      ? up
      : { state: 'running', revision, message: 'all are up, and watched for a moment' }
  }
  const outdated = instances.some(
    (instance) => instance.state === 'running' && instance.revision !== revision,
  )
  return outdated ? { state: 'running', revision } : undefined
}

function isUp({ instances, revision, desired }: Rolling): boolean {
  const ready = instances.filter((instance) => instance.ready)
  return (
    desired > 0 &&
    ready.every((instance) => instance.revision === revision) &&
    ready.length >= desired
  )
}

/** A health check has vouched for its instances; the others have to stay up for as long as Swarm itself would watch. */
function isStable({ checked, instances, service, now }: Rolling): boolean {
  const monitor = monitorOf(service.Spec)
  return (
    checked ||
    instances.every(({ ready, startedAt }) => !ready || now - (startedAt ?? now) >= monitor)
  )
}

/** What fails after the revision was once up is trouble of the app, no longer of the change. */
function wasUp({ previous, revision, service }: Rolling): boolean {
  const before = previous?.rollout
  const started = timeOf(service.UpdateStatus?.StartedAt)
  return (
    before?.state === 'succeeded' &&
    before.revision === revision &&
    (started === 0 || (before.since ?? 0) >= started)
  )
}

function notYet({ instances, revision, desired }: Rolling): string {
  const ready = instances.filter((instance) => instance.ready && instance.revision === revision)
  return `Swarm calls it completed, but ${ready.length} of ${desired} are ready`
}

/**
 * After a rollback by hand the spec before is the one that failed; after one by Swarm itself that is forgotten, and only
 * what was made from it still tells.
 */
function failedRevision({ service, revision, revisions, previous }: Rolling): string {
  const before = service.PreviousSpec && revisionOfSpec(service.PreviousSpec)
  const watched = previous?.rollout?.revision
  return (
    [before, watched, previous?.revision, ...revisions()].find(
      (found) => found !== undefined && found !== revision,
    ) ?? revision
  )
}

export function pauseReasons({ UpdateStatus }: Service): readonly Reason[] {
  const { State, Message = 'update paused', StartedAt } = UpdateStatus ?? {}
  if (State !== 'paused' && State !== 'rollback_paused') return []
  return [withTime({ code: 'PausedOnFailure', message: Message }, timeOf(StartedAt))]
}

function since(text: string | undefined): { readonly since?: number } {
  const time = timeOf(text)
  return time > 0 ? { since: time } : {}
}
