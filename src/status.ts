import type { AppId, AppKind } from './app/schema.ts'

/**
 * What an app is doing, mildest first: the order is the order of severity, see `worstOf()`.
 *
 * Words that Marathon's UI had keep its meaning: `waiting` = the cluster gives no place, `delayed` = back-off
 * after crashes, `suspended` = zero instances on purpose.
 */
export const APP_STATES = [
  'completed',
  'running',
  'suspended',
  'absent',
  'scaling',
  'deploying',
  'restarting',
  'deleting',
  'paused',
  'rollingBack',
  'waiting',
  'delayed',
  'degraded',
  'failed',
  'unknown',
] as const
/** Where an app is, in one word. */
export type AppState = (typeof APP_STATES)[number]

/** What one instance is doing, in the order it lives through them; `lost` may return to `running`. */
export const INSTANCE_STATES = [
  'pending',
  'assigned',
  'preparing',
  'starting',
  'running',
  'stopping',
  'succeeded',
  'failed',
  'killed',
  'rejected',
  'lost',
  'unknown',
] as const
/** Where an instance is in its life. */
export type InstanceState = (typeof INSTANCE_STATES)[number]

/** `none`: no check is defined. Never shown as healthy. */
export const HEALTHS = ['healthy', 'none', 'warmingUp', 'unknown', 'unhealthy'] as const
/** What the checks of an instance say. `none`: it has no checks, which is not the same as healthy. */
export type Health = (typeof HEALTHS)[number]

/** Why something is not as wanted: the same codes on every engine. */
export const REASON_CODES = [
  'InsufficientCpu',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpu',
  'PortConflict',
  'ConstraintUnsatisfied',
  'QuotaExceeded',
  'NoNodes',
  'ImagePullFailed',
  'ImageNotFound',
  'RegistryAuth',
  'ConfigMissing',
  'SecretMissing',
  'VolumeUnavailable',
  'CrashLoop',
  'OomKilled',
  'ExitNonZero',
  'StartFailed',
  'LivenessFailed',
  'ReadinessFailed',
  'StartupTimeout',
  'Evicted',
  'Preempted',
  'NodeLost',
  'NodeDrained',
  'DeadlineExceeded',
  'AdmissionDenied',
  'PausedByUser',
  'PausedOnFailure',
  'LockedByDeployment',
  'Unknown',
] as const
/** Why something is not as it should be, the same on every engine. */
export type ReasonCode = (typeof REASON_CODES)[number]

/** Why something is not as it should be. */
export interface Reason {
  readonly code: ReasonCode
  /** A sentence with the numbers in it: `needs 2 cpu, the emptiest node has 1.5`. Never a secret. */
  readonly message: string
  /** How many instances (or attempts) it concerns. */
  readonly count: number
  /** Since when, milliseconds since the epoch. */
  readonly since: number
}

/** One unit that runs: a task, a pod. Times are milliseconds since the epoch. */
export interface Instance {
  /** The engine's own id, unique in the cluster: a task id, a pod name. */
  readonly id: string
  /** A stable name where there is one: slot number, ordinal, node. */
  readonly slot?: string | undefined
  readonly state: InstanceState
  /** The engine's own word for the state, for people who know the engine. */
  readonly nativeState?: string | undefined
  readonly health: Health
  /** Whether it counts: running, and every check that gates traffic has passed. */
  readonly ready: boolean
  /** The revision it was made from. */
  readonly revision: string
  readonly node?: string | undefined
  readonly addresses?: readonly string[] | undefined
  readonly restarts: number
  readonly startedAt?: number | undefined
  readonly finishedAt?: number | undefined
  readonly exitCode?: number | undefined
  readonly reason?: Reason | undefined
}

/** All are instance counts. `updated` and what follows from it is about the newest revision only. */
export interface Counts {
  /** Instances wanted. For a job: completions wanted. */
  readonly desired: number
  /** Live instances of the newest revision. For a job: completions reached. */
  readonly updated: number
  /** Live instances of any revision that are in `running`. */
  readonly running: number
  /** Instances of the newest revision that are ready. */
  readonly ready: number
  readonly healthy: number
  readonly unhealthy: number
  /** Running, but the engine cannot tell their health. */
  readonly unknown: number
  /** Not running yet: pending, assigned, preparing, starting. */
  readonly pending: number
  readonly stopping: number
  /** More live instances than desired (surge, or the old ones of a rolling update). */
  readonly overCapacity: number
  /** Desired, but no instance exists for them or the cluster gives no place. */
  readonly unscheduled: number
}

/** Every state of a rollout as the engine tells it. */
export const ROLLOUT_STATES = [
  'running',
  'paused',
  'rollingBack',
  'succeeded',
  'failed',
  'rolledBack',
  'cancelled',
] as const
/** What the *engine* says of the newest change. The wait for a rollout has its own, larger list of outcomes. */
export type RolloutState = (typeof ROLLOUT_STATES)[number]

/** What the engine says of the newest change of an app. */
export interface RolloutStatus {
  /** `cancelled`: it stopped half done, because someone told the engine to leave it there. */
  readonly state: RolloutState
  /** The revision being rolled out; for `rollingBack` and `rolledBack` the one that failed, where it is known. */
  readonly revision: string
  /** The engine's sentence, or ours. */
  readonly message?: string | undefined
  readonly since?: number | undefined
}

/** How old a status is, and where it is from. */
export interface Observed {
  /** When the facts were read, milliseconds since the epoch. */
  readonly at: number
  readonly source: 'watch' | 'poll' | 'read'
  /** The cluster cannot be reached: this is the last that was known. */
  readonly stale: boolean
}

/**
 * Everything known of one app at one moment, a pure function of one snapshot of the engine.
 * Never `running` before the engine has observed the newest generation.
 */
export interface AppStatus {
  readonly id: AppId
  readonly kind: AppKind
  readonly image: string
  readonly state: AppState
  readonly reasons: readonly Reason[]
  readonly counts: Counts
  /** The newest revision the engine has accepted; what `Revision.id` is compared with. */
  readonly revision: string
  /**
   * A number that grows with every accepted change (Kubernetes `metadata.generation`, Swarm `Version.Index`), and how
   * far the engine has taken note of it. A status older than the change that is waited for is recognised by it.
   */
  readonly generation: { readonly desired: number; readonly observed: number }
  readonly rollout?: RolloutStatus | undefined
  readonly instances: readonly Instance[]
  readonly labels: Readonly<Record<string, string>>
  /** When the app was first created on this cluster, milliseconds since the epoch. */
  readonly createdAt?: number | undefined
  /** False: the app was not made by intermodal; it is shown, and changed only on request. */
  readonly managed: boolean
  readonly observed: Observed
}

const SEVERITY = new Map<AppState, number>(APP_STATES.map((state, index) => [state, index]))

/** The most severe state of several, as a group or a cluster is shown; `absent` when there are none. */
export function worstOf(states: Iterable<AppState>): AppState {
  let worst: AppState | undefined
  for (const state of states) {
    if (worst === undefined || (SEVERITY.get(state) ?? 0) > (SEVERITY.get(worst) ?? 0))
      worst = state
  }
  return worst ?? 'absent'
}

/**
 * Whether two statuses tell the same. When and how they were observed does not count, nor does the order of
 * instances; everything else does. This is the gate before every event.
 */
export function sameStatus(a: AppStatus, b: AppStatus): boolean {
  if (a === b) return true
  return (
    a.state === b.state &&
    a.revision === b.revision &&
    a.generation.desired === b.generation.desired &&
    a.generation.observed === b.generation.observed &&
    a.image === b.image &&
    a.kind === b.kind &&
    a.managed === b.managed &&
    a.observed.stale === b.observed.stale &&
    a.rollout?.state === b.rollout?.state &&
    a.rollout?.revision === b.rollout?.revision &&
    a.rollout?.message === b.rollout?.message &&
    sameShallow(a.counts, b.counts) &&
    sameShallow(a.labels, b.labels) &&
    sameList(a.reasons, b.reasons, sameShallow) &&
    sameInstances(a.instances, b.instances)
  )
}

/** Whether two pictures of an instance say the same. Pure. */
export function sameInstance(a: Instance, b: Instance): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.state === b.state &&
      a.nativeState === b.nativeState &&
      a.health === b.health &&
      a.ready === b.ready &&
      a.revision === b.revision &&
      a.node === b.node &&
      a.restarts === b.restarts &&
      a.exitCode === b.exitCode &&
      sameList(a.addresses ?? [], b.addresses ?? [], Object.is) &&
      (a.reason === b.reason ||
        (a.reason !== undefined && b.reason !== undefined && sameShallow(a.reason, b.reason))))
  )
}

function sameInstances(a: readonly Instance[], b: readonly Instance[]): boolean {
  if (a.length !== b.length) return false
  if (a.every((instance, index) => sameInstance(instance, b[index] as Instance))) return true
  const byId = new Map(b.map((instance) => [instance.id, instance]))
  return a.every((instance) => {
    const other = byId.get(instance.id)
    return other !== undefined && sameInstance(instance, other)
  })
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((value, index) => same(value, b[index] as T))
}

function sameShallow(a: object, b: object): boolean {
  if (a === b) return true
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) =>
      Object.is((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  )
}
