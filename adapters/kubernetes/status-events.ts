import type { Reason } from 'intermodal'
import { timeOf } from './moments.ts'
import { mountCause, terminatedCause, withTime } from './reasons.ts'
import type { ContainerStatus, KubernetesEvent } from './workload.ts'

/** What the events of one pod say that its own status does not. */
export interface PodEvents {
  /** The registry's answer. */
  readonly pull?: string
  readonly mount?: Reason
  readonly readiness?: string
  /** When a check failed last, milliseconds since the epoch. */
  readonly readinessAt?: number
  readonly livenessAt?: number
  /** When a container was last ended for it. */
  readonly livenessKillAt?: number
  readonly startupKillAt?: number
}

export const NO_EVENTS: PodEvents = {}

export function eventTime({
  lastTimestamp,
  eventTime: at,
  firstTimestamp,
  series,
  metadata,
}: KubernetesEvent): number {
  return (
    timeOf(
      series?.lastObservedTime ??
        lastTimestamp ??
        at ??
        firstTimestamp ??
        metadata.creationTimestamp,
    ) ?? 0
  )
}

export function podEvents(events: readonly KubernetesEvent[]): PodEvents {
  const said: { -readonly [K in keyof PodEvents]: PodEvents[K] } = {}
  for (const event of [...events].sort((a, b) => eventTime(a) - eventTime(b))) {
    const text = event.message ?? event.note ?? ''
    const at = eventTime(event)
    switch (event.reason) {
      case 'Failed':
        if (/pull image/i.test(text)) said.pull = text
        break
      case 'FailedMount':
      case 'FailedAttachVolume':
        said.mount = withTime(mountCause(text), at)
        break
      case 'SuccessfulMountVolume':
      case 'Pulling':
      case 'Pulled':
        // Images are pulled after every volume is there.
        delete said.mount
        break
      case 'Unhealthy':
        if (/^readiness/i.test(text)) {
          said.readiness = text
          said.readinessAt = at
        } else if (/^liveness/i.test(text)) said.livenessAt = at
        break
      case 'Killing':
        if (/failed liveness probe/i.test(text)) said.livenessKillAt = at
        if (/failed startup probe/i.test(text)) said.startupKillAt = at
        break
    }
  }
  return said
}

/** Whether a check has failed since the container was started. */
export function eventsSay(
  { readinessAt, livenessAt, livenessKillAt }: PodEvents,
  check: 'readiness' | 'liveness',
  since: number,
): boolean {
  // Events have whole seconds.
  if (check === 'readiness') return readinessAt !== undefined && readinessAt >= since - 1000
  return (
    livenessAt !== undefined && livenessAt >= since - 1000 && livenessAt > (livenessKillAt ?? 0)
  )
}

/** Why the container ended: a check that ended it counts for more than the exit code that came of it. */
export function deathCauses(
  { state, lastState }: ContainerStatus,
  { livenessKillAt, startupKillAt }: PodEvents,
  since: number,
): readonly Reason[] {
  const ended = state?.terminated ?? lastState?.terminated
  if (!ended) return []
  const started = timeOf(ended.startedAt) ?? 0
  const at = timeOf(ended.finishedAt) ?? since
  if (startupKillAt !== undefined && startupKillAt >= started) {
    return [
      withTime(
        { code: 'StartupTimeout', message: 'was killed: its startup check did not pass in time' },
        at,
      ),
    ]
  }
  if (livenessKillAt !== undefined && livenessKillAt >= started) {
    return [
      withTime({ code: 'LivenessFailed', message: 'was killed: its liveness check failed' }, at),
    ]
  }
  const cause = terminatedCause(ended)
  return cause ? [withTime(cause, at)] : []
}
