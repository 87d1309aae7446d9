import type { LogEntry, ProbeKind } from '../../../../adapters/simulated/world/model.ts'
import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'

export interface Probe {
  readonly exec?: { readonly command?: readonly string[] }
  readonly httpGet?: {
    readonly path?: string
    readonly port: number | string
    readonly scheme?: string
  }
  readonly tcpSocket?: { readonly port: number | string }
  readonly grpc?: { readonly port: number }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly failureThreshold?: number
  readonly successThreshold?: number
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: JsonObject
  }[]
  readonly envFrom?: readonly JsonObject[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly restartPolicy?: string
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
}

export type Phase =
  | 'waiting'
  | 'pulling'
  | 'pullFailed'
  | 'pullBackOff'
  | 'misconfigured'
  | 'creating'
  | 'running'
  | 'ended'
  | 'backOff'

export interface End {
  readonly code: number
  readonly reason: string
  readonly message?: string | undefined
  readonly startedAt: number
  readonly at: number
  readonly id: string
}

export interface ProbeState {
  nextAt: number
  failures: number
  successes: number
}

/** What one container of a pod is doing. */
export interface ContainerLife {
  readonly spec: ContainerSpec
  readonly init: boolean
  phase: Phase
  /** When something happens next by itself. */
  due: number
  since: number
  restarts: number
  started: boolean
  ready: boolean
  attempts: number
  /** Why it waits, for people. */
  message?: string | undefined
  end?: End | undefined
  last?: End | undefined
  endsAt?:
    | {
        readonly at: number
        readonly code: number
        readonly oom: boolean
        readonly lever?: number | undefined
      }
    | undefined
  probes: Partial<Record<ProbeKind, ProbeState>>
  log: LogEntry[]
  previousLog: LogEntry[] | undefined
}

export interface PodLife {
  pod: KubeObject
  readonly containers: readonly ContainerLife[]
  readonly ip: string
  readonly startTime: number
  stopsAt?: number | undefined
  cancel: () => void
}

export function born(pod: KubeObject, ip: string, now: number): PodLife {
  const { containers, initContainers } = (pod.spec ?? {}) as {
    readonly containers?: readonly ContainerSpec[]
    readonly initContainers?: readonly ContainerSpec[]
  }
  const life =
    (init: boolean) =>
    (spec: ContainerSpec): ContainerLife => ({
      spec,
      init,
      phase: 'waiting',
      due: now,
      since: now,
      restarts: 0,
      started: false,
      ready: false,
      attempts: 0,
      probes: {},
      log: [],
      previousLog: undefined,
    })
  return {
    pod,
    containers: [...(initContainers ?? []).map(life(true)), ...(containers ?? []).map(life(false))],
    ip,
    startTime: now,
    cancel: () => {},
  }
}

export function isSidecar({ init, spec }: ContainerLife): boolean {
  return init && spec.restartPolicy === 'Always'
}

/** How it is restarted, all things considered. */
export function policyOf(pod: KubeObject, container: ContainerLife): string {
  if (isSidecar(container)) return 'Always'
  const policy = String(pod.spec?.restartPolicy ?? 'Always')
  return container.init && policy === 'Always' ? 'OnFailure' : policy
}

/** It has ended, and is not started again. */
export function isOver(pod: KubeObject, container: ContainerLife): boolean {
  if (container.phase !== 'ended') return false
  const policy = policyOf(pod, container)
  return policy === 'Never' || (policy === 'OnFailure' && container.end?.code === 0)
}
