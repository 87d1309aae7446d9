import { type ContainerLife, isOver, type PodLife } from './life.ts'
import type { Condition, Container, Pod } from './objects.ts'

/** The status a kubelet would write for a pod. Pure: the same life at the same time gives the same status. */
export function report(pod: Pod, life: PodLife, podIP: string) {
  const { containers, initContainers = [], restartPolicy = 'Always' } = pod.spec
  const phase = phaseOf(pod, life)
  const over = life.main.every((state) => isOver(state, restartPolicy))
  const initialized = life.init.every(
    (state, index) =>
      (initContainers[index]?.restartPolicy === 'Always' && (state.started || over)) ||
      isOver(state, 'OnFailure'),
  )
  const unready = [
    ...life.init.flatMap((state, index) =>
      initContainers[index]?.restartPolicy === 'Always' && !state.ready
        ? [initContainers[index].name]
        : [],
    ),
    ...life.main.flatMap((state, index) => (state.ready ? [] : [containers[index]?.name])),
  ]
  const done = phase === 'Succeeded' || phase === 'Failed'
  const ready = initialized && unready.length === 0
  const completed = phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}
  const because =
    phase === 'Succeeded'
      ? completed
      : phase === 'Failed'
        ? { reason: 'PodFailed' }
        : {
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          }
  const changes = [...life.init, ...life.main].map(({ since }) => since)
  const now = time(Math.max(...changes))
  const kept = (pod.status?.conditions ?? []).filter(({ type }) => type === 'PodScheduled')
  const condition = (type: string, holds: boolean, more: object = {}): Condition => {
    const before = pod.status?.conditions?.find((one) => one.type === type)
    const status = holds ? 'True' : 'False'
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now
    return { type, status, lastTransitionTime, ...more }
  }
  return {
    phase,
    hostIP: '127.0.0.1',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: pod.status?.startTime ?? time(Math.min(...changes)),
    observedGeneration: pod.metadata.generation,
    conditions: [
      ...kept,
      condition('PodReadyToStartContainers', !done),
      condition(
        'Initialized',
        initialized,
        initialized ? completed : { reason: 'ContainersNotInitialized' },
      ),
      condition('ContainersReady', ready, ready ? {} : because),
      condition('Ready', ready, ready ? {} : because),
    ],
    initContainerStatuses: life.init.map((state, index) =>
      containerStatus(initContainers[index] as Container, state, restartPolicy, index > 0),
    ),
    containerStatuses: life.main.map((state, index) =>
      containerStatus(containers[index] as Container, state, restartPolicy, !initialized),
    ),
  }
}

export function phaseOf(pod: Pod, life: PodLife): string {
  const { restartPolicy = 'Always', initContainers = [] } = pod.spec
  const lost = life.init.some(
    (state, index) =>
      initContainers[index]?.restartPolicy !== 'Always' &&
      restartPolicy === 'Never' &&
      state.phase === 'ended' &&
      state.end?.code !== 0,
  )
  if (lost) return 'Failed'
  if (life.main.every((state) => isOver(state, restartPolicy)))
    return life.main.some(({ end }) => end?.code !== 0) ? 'Failed' : 'Succeeded'
  return life.main.some(({ phase }) => phase !== 'waiting' && phase !== 'unpullable')
    ? 'Running'
    : 'Pending'
}

function containerStatus(container: Container, life: ContainerLife, policy: string, held: boolean) {
  const over = isOver(life, policy)
  const terminated = life.end && {
    exitCode: life.end.code,
    reason: life.end.code === 0 ? 'Completed' : 'Error',
    startedAt: time(life.end.startedAt),
    finishedAt: time(life.end.at),
    containerID: `stand-in://${container.name}-${over ? life.restarts : Math.max(0, life.restarts - 1)}`,
  }
  const last = life.phase !== 'ended' && terminated ? { terminated } : {}
  return {
    name: container.name,
    image: container.image,
    imageID: life.phase === 'waiting' || life.phase === 'unpullable' ? '' : container.image,
    containerID: life.phase === 'waiting' ? '' : `stand-in://${container.name}-${life.restarts}`,
    restartCount: life.restarts,
    started: life.started,
    ready: life.ready || (life.phase === 'ended' && over && life.end?.code === 0 && held),
    state: stateOf(container, life, terminated, held),
    lastState: last,
  }
}

function stateOf(
  container: Container,
  life: ContainerLife,
  terminated: object | undefined,
  held: boolean,
): object {
  switch (life.phase) {
    case 'waiting':
      return { waiting: { reason: held ? 'PodInitializing' : 'ContainerCreating' } }
    case 'unpullable': {
      const message = `Back-off pulling image "${container.image}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "${container.image}": not found`
      return { waiting: { reason: 'ImagePullBackOff', message } }
    }
    case 'running':
      return { running: { startedAt: time(life.since) } }
    case 'backOff': {
      const message = `back-off restarting failed container=${container.name}`
      return { waiting: { reason: 'CrashLoopBackOff', message } }
    }
    case 'ended':
      return { terminated }
  }
}

/** As Kubernetes writes times, to the second. */
export function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
