import type { InstanceState, Reason } from 'intermodal'
import { timeOf } from './moments.ts'
import { conditionOf, isOverdue, type View } from './pod-view.ts'
import { podCause, terminatedCause, waitingCause, withTime } from './reasons.ts'
import { deathCauses } from './status-events.ts'
import type { Judging } from './status-instance.ts'
import { unschedulableCause } from './unschedulable.ts'
import type { ContainerStatus, Pod } from './workload.ts'

export function reasonsOf(
  pod: Pod,
  view: View,
  state: InstanceState,
  ready: boolean,
  judging: Judging,
): { readonly reason?: Reason; readonly causes: readonly Reason[] } {
  const since = sinceOf(pod, view)
  const taken = disruption(pod)
  if (state === 'lost') {
    const where = pod.spec?.nodeName ? `node ${pod.spec.nodeName}` : 'its node'
    return {
      reason: withTime({ code: 'NodeLost', message: `${where} is not heard of` }, since),
      causes: [],
    }
  }
  if (taken) return { reason: withTime(taken, since), causes: [] }
  if (state === 'pending') {
    const scheduled = conditionOf(pod, 'PodScheduled')
    if (scheduled?.status !== 'False' || scheduled.reason === 'SchedulingGated')
      return { causes: [] }
    const cause = unschedulableCause(scheduled.message ?? '')
    return { reason: withTime(cause, timeOf(scheduled.lastTransitionTime) ?? since), causes: [] }
  }
  if (state === 'failed' || state === 'rejected' || state === 'killed') {
    const ended = [...view.statuses, ...view.init].flatMap(({ state: at }) => at?.terminated ?? [])
    const cause = ended.map(terminatedCause).find((one) => one !== undefined)
    const fallback = { code: 'Unknown' as const, message: pod.status?.message ?? 'it failed' }
    return { reason: withTime(cause ?? fallback, since), causes: [] }
  }
  if (
    state === 'running' ||
    state === 'starting' ||
    state === 'preparing' ||
    state === 'assigned'
  ) {
    return startReasons(pod, view, state, ready, judging, since)
  }
  return { causes: [] }
}

function startReasons(
  pod: Pod,
  view: View,
  state: InstanceState,
  ready: boolean,
  judging: Judging,
  since: number,
): { readonly reason?: Reason; readonly causes: readonly Reason[] } {
  const events = judging.eventsOf(pod)
  const { blocking } = view
  const waiting = blocking?.state?.waiting
  const image =
    pod.spec?.containers.find(({ name }) => name === blocking?.name)?.image ?? 'the image'
  const cause = waiting && waitingCause(waiting, image, events.pull)
  const dead = blocking ?? view.statuses.find((one) => recentlyDied(one, judging.now))
  const deaths = dead ? deathCauses(dead, events, since) : []
  if (
    cause?.code === 'CrashLoop' ||
    (blocking?.state?.terminated && (blocking.restartCount ?? 0) > 1)
  ) {
    const message = loopMessage(blocking, deaths)
    return { reason: withTime({ code: 'CrashLoop', message }, since), causes: deaths }
  }
  if (cause) return { reason: withTime(cause, since), causes: [] }
  if (state !== 'running' && state !== 'starting' && events.mount) {
    return { reason: events.mount, causes: [] }
  }
  if (deaths[0]) return { reason: deaths[0], causes: [] }
  if (state === 'running' && !ready && isOverdue(pod, view, events, judging.now)) {
    const message = events.readiness ?? 'its readiness check does not pass'
    const at = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ?? since
    return { reason: withTime({ code: 'ReadinessFailed', message }, at), causes: [] }
  }
  return { causes: [] }
}

/** Up again, but not for long enough to have forgotten why it was not. */
function recentlyDied({ state, lastState }: ContainerStatus, now: number): boolean {
  const started = timeOf(state?.running?.startedAt)
  const ended = lastState?.terminated
  return (
    started !== undefined && ended !== undefined && ended.exitCode !== 0 && now - started < 60_000
  )
}

function loopMessage(blocking: ContainerStatus | undefined, deaths: readonly Reason[]): string {
  const times = blocking?.restartCount ?? 0
  const how = deaths[0]?.message ?? 'ended with exit code 0'
  return `was restarted ${times} ${times === 1 ? 'time' : 'times'} and ${how} again`
}

function disruption(pod: Pod): ReturnType<typeof podCause> {
  const { status } = pod
  const target = conditionOf(pod, 'DisruptionTarget')
  const own = status?.reason ? podCause(status.reason, status.message ?? '') : undefined
  if (own) return own
  return target?.status === 'True' ? podCause(target.reason ?? '', target.message ?? '') : undefined
}

function sinceOf(pod: Pod, { blocking }: View): number {
  const ended = blocking?.state?.terminated ?? blocking?.lastState?.terminated
  return (
    timeOf(ended?.finishedAt) ??
    timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ??
    timeOf(pod.status?.startTime ?? pod.metadata.creationTimestamp) ??
    0
  )
}
