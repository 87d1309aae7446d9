import { timeOf } from './moments.ts'
import { eventsSay, type PodEvents } from './status-events.ts'
import type { Container } from './wire.ts'
import type { ContainerStatus, Pod } from './workload.ts'

/** The containers that have to be up, and the one that is in the way. */
export interface View {
  readonly statuses: readonly ContainerStatus[]
  readonly init: readonly ContainerStatus[]
  readonly main: ContainerStatus | undefined
  /** What holds the pod up: waiting or ended. */
  readonly blocking: ContainerStatus | undefined
}

export function viewOf(pod: Pod): View {
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

export function startOf({ main }: View): number {
  return timeOf(main?.state?.running?.startedAt) ?? 0
}

/** Not ready, and has either been so before, or has had the time that its check gives it. */
export function isOverdue(pod: Pod, view: View, events: PodEvents, now: number): boolean {
  const started = startOf(view)
  if (eventsSay(events, 'readiness', started)) return true
  const since = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ?? 0
  if (since > started + 1000) return true
  const given = Math.max(0, ...(pod.spec?.containers ?? []).map(allowance))
  return now - started > given
}

function allowance({ readinessProbe: probe }: Container): number {
  if (!probe) return 0
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = probe
  return (initialDelaySeconds + periodSeconds * failureThreshold) * 1000
}
