import type { Health, Instance, InstanceState, Reason } from 'intermodal'
import { timeOf } from './moments.ts'
import { podCause, terminatedCause, waitingCause, withTime } from './reasons.ts'
import { deathCauses, eventsSay, type PodEvents } from './status-events.ts'
import { unschedulableCause } from './unschedulable.ts'
import type { Container } from './wire.ts'
import type { ContainerStatus, Pod } from './workload.ts'

/** What an instance is judged with. */
export interface Judging {
  readonly revisionOf: (pod: Pod) => string
  readonly eventsOf: (pod: Pod) => PodEvents
  /** Nodes that are not heard of. */
  readonly lostNodes: ReadonlySet<string>
  readonly finite: boolean
  readonly now: number
}

export interface JudgedInstance {
  readonly instance: Instance
  /** What a crash loop came from, beside the loop itself. */
  readonly causes: readonly Reason[]
}

/** One pod in the model's words. */
export function instanceOf(pod: Pod, judging: Judging): JudgedInstance {
  const { metadata, spec, status } = pod
  const view = viewOf(pod)
  const lost = isLost(pod, judging)
  const state = lost ? 'lost' : stateOf(pod, view, judging.finite)
  const ready = state === 'running' && conditionOf(pod, 'Ready')?.status === 'True'
  const { reason, causes } = reasonsOf(pod, view, state, ready, judging)
  const ended = view.main?.state?.terminated
  const addresses =
    status?.podIPs?.flatMap(({ ip }) => ip ?? []) ?? (status?.podIP ? [status.podIP] : [])
  const startedAt = timeOf(
    view.main?.state?.running?.startedAt ?? ended?.startedAt ?? status?.startTime,
  )
  const finishedAt = timeOf(ended?.finishedAt)
  const exitCode = ended?.exitCode ?? view.main?.lastState?.terminated?.exitCode
  const slot = metadata.labels?.['apps.kubernetes.io/pod-index'] ?? ordinalOf(pod)
  return {
    causes,
    instance: {
      id: metadata.name ?? '',
      ...(slot === undefined ? {} : { slot }),
      state,
      nativeState: nativeState(pod, view),
      health: healthOf(pod, view, state, ready, judging),
      ready,
      revision: judging.revisionOf(pod),
      ...(spec?.nodeName ? { node: spec.nodeName } : {}),
      ...(addresses.length > 0 ? { addresses } : {}),
      restarts: view.statuses.reduce((sum, one) => sum + (one.restartCount ?? 0), 0),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(reason ? { reason } : {}),
    },
  }
}

/** The containers that have to be up, and the one that is in the way. */
interface View {
  readonly statuses: readonly ContainerStatus[]
  readonly init: readonly ContainerStatus[]
  readonly main: ContainerStatus | undefined
  /** What holds the pod up: waiting or ended. */
  readonly blocking: ContainerStatus | undefined
}

function viewOf(pod: Pod): View {
  const statuses = pod.status?.containerStatuses ?? []
  const lasting = new Set(
    pod.spec?.initContainers
      ?.filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  )
  const before = pod.status?.initContainerStatuses ?? []
  const init = before.filter(
    ({ name, state }) => !lasting.has(name) && state?.terminated?.exitCode !== 0,
  )
  const isUp = ({ state }: ContainerStatus): boolean => state?.running !== undefined
  const told = (one: ContainerStatus): boolean =>
    !/^(?:PodInitializing|ContainerCreating)?$/.test(one.state?.waiting?.reason ?? '')
  const all = [
    ...init.filter((one) => !isUp(one)),
    ...before.filter((one) => lasting.has(one.name) && !isUp(one)),
    ...statuses.filter((one) => !isUp(one)),
  ]
  const first = pod.spec?.containers[0]?.name
  return {
    statuses: [...statuses, ...before.filter(({ name }) => lasting.has(name))],
    init,
    main: statuses.find(({ name }) => name === first) ?? statuses[0],
    // The one that says why comes before those that merely wait for it.
    blocking: all.find(told) ?? all.find(({ state }) => state?.terminated !== undefined) ?? all[0],
  }
}

export function conditionOf(
  { status }: Pod,
  type: string,
): NonNullable<NonNullable<Pod['status']>['conditions']>[number] | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

function isLost({ spec, status, metadata }: Pod, { lostNodes }: Judging): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false
  if (status?.phase === 'Unknown' || status?.reason === 'NodeLost') return true
  // Deleted, and nobody on the node to confirm it: it may still be running.
  return spec?.nodeName !== undefined && lostNodes.has(spec.nodeName) && metadata.name !== undefined
}

function stateOf(pod: Pod, view: View, finite: boolean): InstanceState {
  const { status, spec, metadata } = pod
  const disrupted = conditionOf(pod, 'DisruptionTarget')?.status === 'True'
  if (status?.phase === 'Succeeded') return 'succeeded'
  if (status?.phase === 'Failed') {
    if (
      /^OutOf|^NodeAffinity$|^NodePorts$|^UnexpectedAdmissionError$|^AppArmor$/.test(
        status.reason ?? '',
      )
    )
      return 'rejected'
    return disrupted || /^Evict|^Preempt|^NodeShutdown$|^Terminated$/.test(status.reason ?? '')
      ? 'killed'
      : 'failed'
  }
  if (metadata.deletionTimestamp) return 'stopping'
  if (!spec?.nodeName) return 'pending'
  if (view.statuses.length === 0 && view.init.length === 0) return 'assigned'
  const { blocking } = view
  if (blocking?.state?.waiting) {
    const { reason = '' } = blocking.state.waiting
    return reason === 'CrashLoopBackOff' || blocking.restartCount ? 'starting' : 'preparing'
  }
  if (view.init.length > 0) return 'preparing'
  if (blocking?.state?.terminated) return endedState(blocking, view, finite)
  if (view.statuses.some(({ started }) => started === false)) return 'starting'
  return 'running'
}

/** One container of several may end well in a job while the others go on. */
function endedState(blocking: ContainerStatus, view: View, finite: boolean): InstanceState {
  const goesOn = view.statuses.some(({ state }) => state?.running !== undefined)
  return finite && goesOn && blocking.state?.terminated?.exitCode === 0 ? 'running' : 'starting'
}

function healthOf(
  pod: Pod,
  view: View,
  state: InstanceState,
  ready: boolean,
  judging: Judging,
): Health {
  if (state === 'lost') return 'unknown'
  const probes = (pod.spec?.containers ?? []).some(
    (one) => one.readinessProbe ?? one.livenessProbe ?? one.startupProbe,
  )
  if (!probes) return 'none'
  if (state === 'starting') return 'warmingUp'
  if (state !== 'running') return 'none'
  if (ready)
    return eventsSay(judging.eventsOf(pod), 'liveness', startOf(view)) ? 'unhealthy' : 'healthy'
  return isOverdue(pod, view, judging) ? 'unhealthy' : 'warmingUp'
}

function startOf({ main }: View): number {
  return timeOf(main?.state?.running?.startedAt) ?? 0
}

/** Not ready, and has either been so before, or has had the time that its check gives it. */
function isOverdue(pod: Pod, view: View, judging: Judging): boolean {
  const started = startOf(view)
  if (eventsSay(judging.eventsOf(pod), 'readiness', started)) return true
  const since = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ?? 0
  if (since > started + 1000) return true
  const given = Math.max(0, ...(pod.spec?.containers ?? []).map(allowance))
  return judging.now - started > given
}

function allowance({ readinessProbe: probe }: Container): number {
  if (!probe) return 0
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe
  return (initialDelaySeconds + periodSeconds * failureThreshold) * 1000
}

function reasonsOf(
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
  if (state === 'running' && !ready && isOverdue(pod, view, judging)) {
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

/** What kubectl prints. */
function nativeState(pod: Pod, { blocking, init }: View): string {
  const { status, metadata } = pod
  if (metadata.deletionTimestamp) return 'Terminating'
  const at = blocking?.state
  const word = at?.waiting?.reason ?? at?.terminated?.reason
  if (word) return blocking && init.includes(blocking) ? `Init:${word}` : word
  return status?.reason ?? status?.phase ?? 'Pending'
}

function ordinalOf({ metadata }: Pod): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  if (owner?.kind !== 'StatefulSet') return undefined
  return /-(\d+)$/.exec(metadata.name ?? '')?.[1]
}
