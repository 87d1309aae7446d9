import type { KubernetesObject } from '../../adapters/kubernetes/wire.ts'
import type {
  ContainerState,
  ContainerStatus,
  KubernetesEvent,
  Pod,
  PodStatus,
} from '../../adapters/kubernetes/workload.ts'

export const T0 = Date.parse('2026-03-01T12:00:00Z')

export function at(seconds: number): string {
  return new Date(T0 + seconds * 1000).toISOString()
}

interface PodOptions {
  readonly hash?: string
  readonly node?: string | undefined
  readonly restarts?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  readonly ready?: boolean
  readonly started?: boolean
  readonly readySince?: number
  readonly probes?: object
  readonly status?: Partial<PodStatus>
  readonly metadata?: object
  readonly revision?: string
}

/** A pod of one container, up and ready since its start unless said otherwise. */
export function pod(name: string, options: PodOptions = {}): Pod {
  const { hash = 'new', restarts = 0, ready = true, probes = {} } = options
  const node = 'node' in options ? options.node : 'n1'
  const state = options.state ?? { running: { startedAt: at(0) } }
  const container: ContainerStatus = {
    name: 'web',
    ready,
    started: options.started ?? ready,
    restartCount: restarts,
    state,
    ...(options.lastState ? { lastState: options.lastState } : {}),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: at(-10),
      labels: { 'pod-template-hash': hash },
      ...(options.revision ? { annotations: { 'intermodal.dev/revision': options.revision } } : {}),
      ownerReferences: [
        { kind: 'ReplicaSet', name: `web-${hash}`, uid: `uid-${hash}`, controller: true },
      ],
      ...options.metadata,
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      restartPolicy: 'Always',
      containers: [{ name: 'web', image: 'shop/web:2', ...probes }],
    },
    status: {
      phase: node === undefined ? 'Pending' : 'Running',
      startTime: at(-9),
      podIP: '10.0.0.1',
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: at(options.readySince ?? 0),
        },
      ],
      ...(node === undefined ? {} : { containerStatuses: [container] }),
      ...options.status,
    },
  }
}

export function waiting(reason: string, message = ''): ContainerState {
  return { waiting: { reason, message } }
}

export function ended(
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
): ContainerState {
  return { terminated: { exitCode, reason, startedAt: at(0), finishedAt: at(5) } }
}

export function event(
  about: KubernetesObject,
  reason: string,
  message: string,
  seconds = 5,
): KubernetesEvent {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${about.metadata.name}.${reason}`, creationTimestamp: at(seconds) },
    type: 'Warning',
    reason,
    message,
    involvedObject: {
      kind: about.kind ?? '',
      name: about.metadata.name ?? '',
      uid: about.metadata.uid ?? '',
    },
    lastTimestamp: at(seconds),
  }
}
