import { observed } from '../controllers/pods.ts'
import type { JsonObject } from '../json.ts'
import { time } from '../objects.ts'
import { type ContainerLife, isOver, isSidecar, type PodLife } from './life.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly lastProbeTime?: null
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

/** The status a kubelet writes. */
export function statusOf(life: PodLife, now: number, hostIP: string): JsonObject {
  const { pod, containers, ip } = life
  const before = pod.status ?? {}
  const [init, main] = [containers.filter((one) => one.init), containers.filter((one) => !one.init)]
  const phase = phaseOf(life)
  const done = phase === 'Succeeded' || phase === 'Failed'
  const pending = init.filter(
    (one) => !isSidecar(one) && !(one.phase === 'ended' && one.end?.code === 0),
  )
  const initialized =
    pending.length === 0 && init.filter(isSidecar).every((one) => one.started || done)
  const unready = [...init.filter(isSidecar), ...main].filter(({ ready }) => !ready)
  const old = (before.conditions ?? []) as unknown as readonly Condition[]
  const condition = (type: string, holds: boolean, more: object = {}): Condition => {
    const known = old.find((one) => one.type === type)
    const status = holds ? 'True' : 'False'
    const lastTransitionTime =
      known?.status === status ? (known.lastTransitionTime ?? time(now)) : time(now)
    return { type, status, ...observed(pod), lastProbeTime: null, lastTransitionTime, ...more }
  }
  const why =
    phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : phase === 'Failed'
        ? { reason: 'PodFailed' }
        : {
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.map(({ spec }) => spec.name).join(' ')}]`,
          }
  const ready = initialized && unready.length === 0 && !done
  const incomplete = {
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${pending.map(({ spec }) => spec.name).join(' ')}]`,
  }
  // Others write these.
  const others = old.filter(({ type }) => type === 'PodScheduled' || type === 'DisruptionTarget')
  const alive = containers.some(({ phase: one }) => one !== 'waiting' || done)
  const id = (one: ContainerLife) => containerStatus(life, one, initialized)
  return {
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: [
      condition('PodReadyToStartContainers', alive && !done),
      condition(
        'Initialized',
        initialized,
        phase === 'Succeeded' ? { reason: 'PodCompleted' } : initialized ? {} : incomplete,
      ),
      condition('Ready', ready, ready ? {} : why),
      condition('ContainersReady', ready, ready ? {} : why),
      ...others,
    ] as unknown as JsonObject[],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(alive ? { podIP: ip, podIPs: [{ ip }] } : {}),
    startTime: time(life.startTime),
    ...(init.length > 0 ? { initContainerStatuses: init.map(id) } : {}),
    containerStatuses: main.map(id),
    ...(before.qosClass === undefined ? {} : { qosClass: before.qosClass }),
    ...(before.reason === undefined ? {} : { reason: before.reason, message: before.message }),
  }
}

export function phaseOf({ pod, containers }: PodLife): string {
  const main = containers.filter(({ init }) => !init)
  const broken = containers.some(
    (one) => one.init && !isSidecar(one) && isOver(pod, one) && one.end?.code !== 0,
  )
  if (broken) return 'Failed'
  if (main.every((one) => isOver(pod, one)))
    return main.every(({ end }) => end?.code === 0) ? 'Succeeded' : 'Failed'
  return main.some(
    ({ phase, restarts }) =>
      phase === 'running' || phase === 'ended' || phase === 'backOff' || restarts > 0,
  )
    ? 'Running'
    : 'Pending'
}

function containerStatus(life: PodLife, one: ContainerLife, initialized: boolean): JsonObject {
  const { spec, restarts, started, ready, phase, end, last } = one
  const known = phase === 'running' || phase === 'ended' || phase === 'backOff'
  const id = known ? idOf(life, one) : ''
  const earlier = phase === 'ended' ? last : (end ?? last)
  return {
    name: spec.name,
    state: stateOf(life, one, initialized),
    lastState: earlier ? { terminated: terminated(earlier) } : {},
    ready: ready || (one.init && !isSidecar(one) && phase === 'ended' && end?.code === 0),
    restartCount: restarts,
    image: spec.image,
    imageID: known ? `docker.io/${spec.image}@sha256:${'0'.repeat(64)}` : '',
    ...(id ? { containerID: phase === 'backOff' ? (end?.id ?? id) : id } : {}),
    started,
  }
}

export function idOf({ pod }: PodLife, { spec, restarts }: ContainerLife): string {
  return `containerd://${pod.metadata.uid.replaceAll('-', '')}${Buffer.from(`${spec.name}${restarts}`).toString('hex').padEnd(32, '0').slice(0, 32)}`
}

function terminated({
  code,
  reason,
  message,
  startedAt,
  at,
  id,
}: NonNullable<ContainerLife['end']>): JsonObject {
  return {
    exitCode: code,
    reason,
    ...(message === undefined ? {} : { message }),
    startedAt: time(startedAt),
    finishedAt: time(at),
    containerID: id,
  }
}

function stateOf(life: PodLife, one: ContainerLife, initialized: boolean): JsonObject {
  const { phase, message, since, end } = one
  const waiting = (reason: string) => ({ waiting: { reason, ...(message ? { message } : {}) } })
  const first = life.containers.find(({ init }) => init) !== undefined
  switch (phase) {
    case 'pullFailed':
      return waiting('ErrImagePull')
    case 'pullBackOff':
      return waiting('ImagePullBackOff')
    case 'misconfigured':
      return waiting('CreateContainerConfigError')
    case 'running':
      return { running: { startedAt: time(since) } }
    case 'ended':
      return end ? { terminated: terminated(end) } : {}
    case 'backOff':
      return waiting('CrashLoopBackOff')
    default:
      return {
        waiting: { reason: first && !initialized ? 'PodInitializing' : 'ContainerCreating' },
      }
  }
}
