import { compact } from './patch.ts'
import { cut, head, slimCondition, TEMPLATE_MARKS } from './slim-parts.ts'
import type { Condition, Container } from './wire.ts'
import type { ContainerState, ContainerStatus, Pod } from './workload.ts'

/** What statuses need of a pod. */
export function slimPod(pod: Pod): Pod {
  const { spec, status } = pod
  return {
    ...head(pod, TEMPLATE_MARKS),
    spec: compact({
      nodeName: spec?.nodeName,
      restartPolicy: spec?.restartPolicy,
      containers: (spec?.containers ?? []).map(slimContainer),
      // A sidecar among the init containers never ends, and is no sign of waiting.
      initContainers: spec?.initContainers
        ?.filter(({ restartPolicy }) => restartPolicy === 'Always')
        .map(({ name, restartPolicy }) => compact({ name, restartPolicy }) as Container),
    }) as NonNullable<Pod['spec']>,
    status: compact({
      phase: status?.phase,
      reason: status?.reason,
      message: cut(status?.message),
      podIP: status?.podIP,
      podIPs: (status?.podIPs?.length ?? 0) > 1 ? status?.podIPs : undefined,
      startTime: status?.startTime ?? undefined,
      conditions: status?.conditions?.filter(isTelling).map(slimPodCondition),
      containerStatuses: status?.containerStatuses?.map(slimContainerStatus),
      initContainerStatuses: status?.initContainerStatuses
        ?.filter(({ state }) => state?.terminated?.exitCode !== 0)
        .map(slimContainerStatus),
    }) as NonNullable<Pod['status']>,
  }
}

/** That a pod has a node, and is not to lose it, goes without saying. */
function isTelling({ type, status }: Condition): boolean {
  if (type === 'PodScheduled') return status === 'False'
  return type === 'Ready' || (type === 'DisruptionTarget' && status === 'True')
}

function slimPodCondition(condition: Condition): Condition {
  const { type, status, lastTransitionTime } = condition
  if (type !== 'Ready') return slimCondition(condition)
  return lastTransitionTime ? { type, status, lastTransitionTime } : { type, status }
}

function slimContainer(container: Container): Container {
  const { name, image, readinessProbe, livenessProbe, startupProbe } = container
  const ready = readinessProbe && {
    initialDelaySeconds: readinessProbe.initialDelaySeconds,
    periodSeconds: readinessProbe.periodSeconds,
    failureThreshold: readinessProbe.failureThreshold,
  }
  return compact({
    name,
    image,
    readinessProbe: ready && compact(ready),
    livenessProbe: livenessProbe && {},
    startupProbe: startupProbe && {},
  }) as Container
}

function slimContainerStatus(status: ContainerStatus): ContainerStatus {
  const { name, ready, started, restartCount, state, lastState } = status
  return compact({
    name,
    ready,
    started: started ?? undefined,
    restartCount,
    state: state && slimState(state),
    lastState: lastState?.terminated && slimState(lastState),
  }) as ContainerStatus
}

function slimState({ waiting, running, terminated }: ContainerState): ContainerState {
  if (waiting) return { waiting: compact({ ...waiting, message: cut(waiting.message) }) as object }
  if (running) return { running }
  if (!terminated) return {}
  const { exitCode, signal, reason, message, startedAt, finishedAt } = terminated
  return {
    terminated: compact({
      exitCode,
      signal,
      reason,
      message: cut(message),
      startedAt,
      finishedAt,
    }) as object,
  }
}
