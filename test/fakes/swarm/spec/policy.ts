import type { UpdateConfig } from '../../../../adapters/swarm/wire-policy.ts'
import type { ServiceSpec, TaskTemplate } from '../store/objects.ts'

export type Mode = 'Replicated' | 'Global' | 'ReplicatedJob' | 'GlobalJob'

const MILLISECOND = 1_000_000

export function modeOf({ Mode }: ServiceSpec): Mode {
  const [mode] = Object.keys(Mode ?? {})
  return (mode as Mode | undefined) ?? 'Replicated'
}

export function isJob(spec: ServiceSpec): boolean {
  return modeOf(spec).endsWith('Job')
}

export function isGlobal(spec: ServiceSpec): boolean {
  return modeOf(spec).startsWith('Global')
}

export function replicasOf({ Mode }: ServiceSpec): number {
  return Mode?.Replicated?.Replicas ?? 1
}

export interface RestartRules {
  readonly condition: 'any' | 'on-failure' | 'none'
  /** Milliseconds, as all of these. */
  readonly delay: number
  readonly maxAttempts: number
  /** 0: for ever. */
  readonly window: number
}

export function restartRules({ RestartPolicy: policy }: TaskTemplate): RestartRules {
  return {
    condition: policy?.Condition ?? 'any',
    delay: policy?.Delay === undefined ? 5_000 : policy.Delay / MILLISECOND,
    maxAttempts: policy?.MaxAttempts ?? 0,
    window: (policy?.Window ?? 0) / MILLISECOND,
  }
}

export interface UpdateRules {
  /** 0: all at once. */
  readonly parallelism: number
  readonly delay: number
  readonly monitor: number
  readonly failureAction: 'pause' | 'continue' | 'rollback'
  readonly maxFailureRatio: number
  readonly startFirst: boolean
}

/** A block that is there without parallelism means all at once; without the block it is one by one. */
export function updateRules(config: UpdateConfig | undefined): UpdateRules {
  return {
    parallelism: config ? (config.Parallelism ?? 0) : 1,
    delay: (config?.Delay ?? 0) / MILLISECOND,
    monitor: config?.Monitor ? config.Monitor / MILLISECOND : 5_000,
    failureAction: config?.FailureAction ?? 'pause',
    maxFailureRatio: config?.MaxFailureRatio ?? 0,
    startFirst: config?.Order === 'start-first',
  }
}

/** Milliseconds between being asked to stop and being killed. */
export function graceOf({ ContainerSpec }: TaskTemplate): number {
  const given = ContainerSpec?.StopGracePeriod
  return given === undefined ? 10_000 : given / MILLISECOND
}
