import type { App, AppId, Health, InstanceState, Reason, RolloutState } from 'intermodal'

/** How long things take, milliseconds. Each is spread by the seed by a share of `jitter`. */
export interface Timings {
  /** From having a place to the node taking note of it. */
  readonly assign: number
  /** Pulling an image a node does not have yet. */
  readonly pull: number
  /** From the image being there to the process running. */
  readonly start: number
  /** From the process running to it answering checks. */
  readonly warmUp: number
  /** From the stop signal to the end of the process. Cut short by the app's own grace period. */
  readonly stop: number
  /** How long a check takes to be answered; longer than its timeout is a failure. */
  readonly check: number
  /** How long a run of a job or cron app takes. */
  readonly run: number
  /** 0 = exact, 0.2 = from 10 % shorter to 10 % longer. */
  readonly jitter: number
}

export interface Amounts {
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly gpus: number
}

export interface Taint {
  readonly key: string
  readonly value?: string | undefined
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
  /** When it was put there, milliseconds since the epoch; absent: always. */
  readonly since?: number | undefined
}

export interface NodeRecord {
  readonly name: string
  readonly capacity: Amounts
  readonly attributes: Readonly<Record<string, string>>
  readonly pool?: string | undefined
  taints: readonly Taint[]
  state: 'ready' | 'draining' | 'down'
  /** Images it has pulled. */
  readonly images: string[]
  /** What the instances on it have reserved. */
  used: Amounts
  /** Host ports in use, `80/tcp`. */
  readonly ports: Record<string, true>
}

export const PROBE_KINDS = ['startup', 'liveness', 'readiness'] as const
export type ProbeKind = (typeof PROBE_KINDS)[number]

export interface ProbeRecord {
  /** Checks in a row that ended like the last one. */
  streak: number
  last?: boolean | undefined
  /** What the thresholds make of it. */
  verdict?: boolean | undefined
  /** The next check. Absent: nothing can change the verdict, so none is needed until someone pulls a lever. */
  nextAt?: number | undefined
}

export interface LogEntry {
  readonly time: number
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

/** How a process is going to end, when that is known beforehand. */
export interface End {
  readonly at: number
  readonly exitCode: number
  readonly oom?: boolean | undefined
  /** The lever behind it, so that a lever good for so many times runs out. */
  readonly lever?: number | undefined
}

export interface InstanceRecord {
  readonly id: string
  /** Service: a number. Stateful: the ordinal. Daemon: the node. Job: the completion it works on. */
  readonly slot: string
  readonly revision: string
  readonly createdAt: number
  readonly restarts: number
  /** Which run of a cron app it belongs to. */
  readonly run?: number | undefined
  /** The only node it may be on: a daemon's. */
  readonly pinned?: string | undefined
  state: InstanceState
  health: Health
  ready: boolean
  readyAt?: number | undefined
  node?: string | undefined
  ports?: Record<string, number> | undefined
  startedAt?: number | undefined
  finishedAt?: number | undefined
  exitCode?: number | undefined
  reason?: Reason | undefined
  /** Not to be placed before: back-off after a crash. */
  notBefore?: number | undefined
  pull?: { readonly images: readonly string[]; readonly attempts: number } | undefined
  probes?: Partial<Record<ProbeKind, ProbeRecord>> | undefined
  end?: End | undefined
  /** When this slot crashed, oldest first: what back-off counts. */
  crashes?: readonly number[] | undefined
  /** Ended, and nothing will be made in its place. */
  gaveUp?: boolean | undefined
  /** It was being stopped when its node was lost: it does not come back with it. */
  leaving?: boolean | undefined
  /** Lost, and replaced by another. */
  replaced?: boolean | undefined
  lostAt?: number | undefined
  /** What it will be once it has stopped: a failed check makes it `failed`, anything else is just gone. */
  fate?: { readonly reason: Reason } | undefined
  /** Health not known until the next check. */
  forgotten?: boolean | undefined
  dueAt?: number | undefined
  log?: LogEntry[] | undefined
}

export interface RolloutRecord {
  state: RolloutState
  /** The revision it is about; once it failed, the one that failed. */
  revision: string
  since: number
  message: string
  /** Where to go back to. */
  previous?: string | undefined
  progressAt: number
  /** The furthest it has come: available new instances less old ones. */
  best?: number | undefined
  /** Instances of the new revision that failed. */
  failures: number
  batch: { created: number; retired: number }
  /** No next batch before. */
  holdUntil?: number | undefined
  pausedBy?: 'user' | 'failure' | undefined
  cause?: Reason | undefined
}

/** What instances are made from, and what it was called. */
export interface Spec {
  readonly revision: string
  readonly app: App
  /** Hash over the content of the secrets and configs it used; empty without any. */
  readonly material: string
  /** How often it was restarted by hand. */
  readonly restart: number
}

export interface CronRun {
  readonly id: number
  readonly scheduledAt: number
  state: 'active' | 'succeeded' | 'failed' | 'replaced'
  finishedAt?: number | undefined
}

export interface AppRecord {
  readonly id: AppId
  readonly createdAt: number
  owner: string
  spec: Spec
  /** Earlier specs, oldest first: what `rollback` goes back to, and what old instances are made from. */
  history: Spec[]
  replicas: number
  /** How many there were when it was suspended. */
  suspended?: number | undefined
  generation: number
  observed: number
  rollout?: RolloutRecord | undefined
  activity?: 'scaling' | 'restarting' | undefined
  deleting?: boolean | undefined
  instances: InstanceRecord[]
  dueAt?: number | undefined
  job?: { readonly startedAt: number; completed: number; failed?: Reason | undefined } | undefined
  cron?: { nextAt?: number | undefined; runs: CronRun[] } | undefined
}

export interface Claim {
  readonly app: AppId
  readonly volume: string
  readonly slot: string
  readonly size: number
  /** Where its bytes are, when they cannot move. */
  readonly node?: string | undefined
}

/** All of a world, as plain data: `JSON.stringify` loses nothing of it. */
export interface WorldState {
  now: number
  random: number
  sequence: number
  readonly timings: Timings
  readonly nodes: Map<string, NodeRecord>
  readonly apps: Map<AppId, AppRecord>
  /** By `app volume slot`. */
  readonly claims: Map<string, Claim>
  /** Names, keys and hashes. Values are never kept. */
  readonly secrets: Map<string, MaterialRecord>
  readonly configs: Map<string, MaterialRecord>
  readonly images: Map<string, ImageRecord>
  readonly levers: Map<AppId, Lever[]>
  readonly scripts: Map<AppId, Script>
}

export interface MaterialRecord {
  readonly hash: string
  /** Absent when it is one value without keys. */
  readonly keys?: readonly string[] | undefined
}

export interface ImageRecord {
  readonly fault?: 'missing' | 'denied' | 'broken' | undefined
  readonly pull?: number | undefined
}

/** Which instances a lever works on. */
export type LeverScope =
  | { readonly on: 'next' }
  | { readonly on: 'all' }
  | { readonly on: 'revision'; readonly revision: string }
  | { readonly on: 'instance'; readonly instance: string }

export type LeverEffect =
  | { readonly type: 'exit'; readonly code: number; readonly after: number; readonly oom: boolean }
  | { readonly type: 'startFails'; readonly message: string }
  | { readonly type: 'unhealthy'; readonly probes: readonly ProbeKind[] }
  | { readonly type: 'takes'; readonly timings: Partial<Timings> }

export interface Lever {
  readonly id: number
  scope: LeverScope
  readonly effect: LeverEffect
  /** How many times more; absent: until undone. */
  times?: number | undefined
}

/** What a command answers. Absent: nothing printed, and exit code 0. */
export interface ExecAnswer {
  readonly stdout?: string | undefined
  readonly stderr?: string | undefined
  readonly exitCode?: number | undefined
}

export interface Script {
  logs?: readonly string[] | undefined
  exec?: Readonly<Record<string, ExecAnswer>> | undefined
}
