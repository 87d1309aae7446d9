import type { Health, Instance, InstanceState, Reason } from 'intermodal'
import { reasonsOf } from './instance-reasons.ts'
import { timeOf } from './moments.ts'
import { conditionOf, isOverdue, startOf, type View, viewOf } from './pod-view.ts'
import { eventsSay, type PodEvents } from './status-events.ts'
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
  return isOverdue(pod, view, judging.eventsOf(pod), judging.now) ? 'unhealthy' : 'warmingUp'
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
