import { formatDuration } from '../app/quantity.ts'
import type { AppStatus } from '../status.ts'

/** `/shop/web is waiting: 1 of 3 instances has no place`. */
export function sentenceFor(status: AppStatus, since: number | undefined, now: number): string {
  const age = since === undefined || since >= now ? '' : `, for ${roughly(now - since)}`
  const stale = status.observed.stale
    ? ` (as last seen ${roughly(Math.max(0, now - status.observed.at))} ago: the cluster cannot be reached)`
    : ''
  return `${status.id} ${body(status)}${age}${stale}`
}

function body(status: AppStatus): string {
  const { counts, kind, rollout } = status
  const { desired } = counts
  const missing = Math.max(0, desired - counts.ready)
  const ofAll = (n: number, one: string, many: string) =>
    `${n} of ${desired} instance${desired === 1 ? '' : 's'} ${n === 1 ? one : many}`
  const ready = ofAll(counts.ready, 'is ready', 'are ready')
  const done = `${counts.updated} of ${desired} completion${desired === 1 ? '' : 's'} reached`
  switch (status.state) {
    case 'running':
      if (kind === 'job') return `is running: ${done}`
      return kind === 'cron' ? 'runs on its schedule' : `is running: ${ready}`
    case 'completed':
      return `has completed: ${done}`
    case 'suspended':
      return kind === 'cron'
        ? 'is suspended: its schedule is off on purpose; resume turns it on again'
        : 'is suspended: it has no instances on purpose; resume brings them back'
    case 'absent':
      return 'is not there'
    case 'scaling':
      return `is scaling: ${ofAll(counts.running, 'runs', 'run')}`
    case 'deploying':
      return kind === 'job'
        ? `is starting: ${done}`
        : `is deploying: ${ofAll(counts.ready, 'of the newest revision is ready', 'of the newest revision are ready')}`
    case 'restarting':
      return `is restarting: ${ready}`
    case 'deleting':
      return `is being removed: ${counts.running + counts.stopping} left`
    case 'paused':
      return `is paused: ${ofAll(counts.updated, 'is of the newest revision', 'are of the newest revision')}; resume goes on with it`
    case 'rollingBack':
      return `is rolling back${rollout?.message ? `: ${rollout.message}` : ''}`
    case 'waiting':
      return `is waiting: ${ofAll(Math.min(desired, counts.unscheduled), 'has no place', 'have no place')}`
    case 'delayed':
      return kind === 'job'
        ? `is delayed: it fails and is tried again, ${done}`
        : `is delayed: ${ofAll(missing, 'crashes and is restarted ever later', 'crash and are restarted ever later')}`
    case 'degraded':
      return kind === 'cron'
        ? 'is degraded: its last run failed'
        : `is degraded: ${ofAll(missing, 'is not ready', 'are not ready')}`
    case 'failed':
      return kind === 'job'
        ? `has failed: ${done}`
        : `has failed: ${ready}${rollout?.state === 'failed' && rollout.message ? `; ${rollout.message}` : ''}`
    case 'unknown':
      return 'is in a state that cannot be told'
  }
}

/** Two units are enough for a person: `3h20m`, not `3h20m11s4ms`. */
function roughly(milliseconds: number): string {
  const DAY = 86_400_000
  if (milliseconds >= 2 * DAY) return `${Math.floor(milliseconds / DAY)} days`
  const unit = milliseconds >= 3_600_000 ? 60_000 : milliseconds >= 1000 ? 1000 : 1
  return formatDuration(Math.floor(milliseconds / unit) * unit)
}
