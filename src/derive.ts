import type { AppKind } from './app/schema.ts'
import type {
  AppState,
  Counts,
  Instance,
  InstanceState,
  Reason,
  ReasonCode,
  RolloutStatus,
} from './status.ts'

/** One snapshot of one app, in the model's words, before the words for the app as a whole are chosen. */
export interface StatusFacts {
  readonly kind: AppKind
  /** Instances wanted; completions wanted for a job; nodes that should have one for a daemon. */
  readonly desired: number
  readonly revision: string
  readonly generation: { readonly desired: number; readonly observed: number }
  /** Live and finished ones; of the finished ones only those that are evidence for today's state. */
  readonly instances: readonly Instance[]
  readonly rollout?: RolloutStatus | undefined
  /** What a change in progress is, when it is not a new revision. */
  readonly activity?: 'scaling' | 'restarting' | undefined
  readonly deleting?: boolean | undefined
  /** Completions reached, for a job whose finished instances the engine has forgotten. */
  readonly completions?: number | undefined
  /** The engine has given up replacing what failed (attempts spent, job failed). */
  readonly exhausted?: boolean | undefined
  /** The engine rests before it starts anything more of the app, because what it started has ended. */
  readonly backingOff?: boolean | undefined
  /** Reasons that belong to no instance: quota, lock, pause. */
  readonly reasons?: readonly Reason[] | undefined
}

const LIVE: ReadonlySet<InstanceState> = new Set([
  'pending',
  'assigned',
  'preparing',
  'starting',
  'running',
])
const NOT_YET: ReadonlySet<InstanceState> = new Set([
  'pending',
  'assigned',
  'preparing',
  'starting',
])

/** The cluster gives no place. */
export const PLACEMENT_REASONS: ReadonlySet<ReasonCode> = new Set([
  'InsufficientCpu',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpu',
  'PortConflict',
  'ConstraintUnsatisfied',
  'QuotaExceeded',
  'NoNodes',
])

const CRASH_REASONS: ReadonlySet<ReasonCode> = new Set([
  'CrashLoop',
  'OomKilled',
  'ExitNonZero',
  'StartFailed',
  'LivenessFailed',
])

/**
 * The words for an app as a whole, the same on every engine: adapters collect facts, this chooses.
 *
 * Only instances of `facts.revision` count as updated, ready, healthy; an old instance that still serves never makes a
 * new revision look done.
 */
export function deriveStatus(facts: StatusFacts): {
  readonly state: AppState
  readonly counts: Counts
  readonly reasons: readonly Reason[]
} {
  const counts = countInstances(facts)
  const reasons = mergeReasons([
    ...(facts.reasons ?? []),
    ...facts.instances.flatMap(({ reason }) => (reason ? [reason] : [])),
  ])
  return { state: chooseState(facts, counts, reasons), counts, reasons }
}

function countInstances(facts: StatusFacts): Counts {
  let updated = 0
  let running = 0
  let ready = 0
  let healthy = 0
  let unhealthy = 0
  let unknown = 0
  let pending = 0
  let stopping = 0
  let live = 0
  let placeless = 0
  for (const instance of facts.instances) {
    if (instance.state === 'stopping') stopping++
    if (!LIVE.has(instance.state)) continue
    live++
    if (NOT_YET.has(instance.state)) pending++
    if (
      instance.state === 'pending' &&
      instance.reason &&
      PLACEMENT_REASONS.has(instance.reason.code)
    ) {
      placeless++
    }
    if (instance.state === 'running') running++
    if (instance.revision !== facts.revision) continue
    updated++
    if (instance.ready) ready++
    if (instance.state !== 'running') continue
    if (instance.health === 'healthy') healthy++
    else if (instance.health === 'unhealthy') unhealthy++
    else if (instance.health === 'unknown') unknown++
  }
  if (facts.kind === 'job') {
    updated =
      facts.completions ?? facts.instances.filter(({ state }) => state === 'succeeded').length
  }
  const missing =
    facts.kind === 'job' || facts.kind === 'cron' ? 0 : Math.max(0, facts.desired - live)
  return {
    desired: facts.desired,
    updated,
    running,
    ready,
    healthy,
    unhealthy,
    unknown,
    pending,
    stopping,
    overCapacity:
      facts.kind === 'job' || facts.kind === 'cron' ? 0 : Math.max(0, live - facts.desired),
    unscheduled: missing + placeless,
  }
}

function chooseState(facts: StatusFacts, counts: Counts, reasons: readonly Reason[]): AppState {
  const { rollout, generation, kind } = facts
  if (facts.deleting) return 'deleting'
  const changing = facts.activity ?? 'deploying'
  if (generation.observed < generation.desired) return changing
  if (rollout?.state === 'rollingBack') return 'rollingBack'
  if (rollout?.state === 'paused') return 'paused'
  if (kind === 'job') return jobState(facts, counts, reasons)
  if (kind === 'cron') return cronState(facts, reasons)
  const liveCount = counts.running + counts.pending
  if (facts.desired === 0 && kind !== 'daemon') {
    return liveCount + counts.stopping > 0 ? 'scaling' : 'suspended'
  }
  if (rollout?.state === 'failed' || rollout?.state === 'cancelled') return 'failed'

  const blocked = blockedState(facts, counts, reasons)
  const inProgress = rollout?.state === 'running' || counts.updated < liveCount
  if (inProgress) return blocked ?? changing
  if (counts.overCapacity > 0) return 'scaling'
  if (counts.ready >= facts.desired) return 'running'
  // An app that serves and has one instance crashing is not at rest, but it is not in back-off as a whole.
  if (blocked) return blocked === 'delayed' && counts.ready > 0 ? 'degraded' : blocked
  if (facts.activity) return facts.activity
  // An instance that runs and has not passed its checks yet is no more a failure than one that does not run yet.
  const rising = counts.pending > 0 || facts.instances.some(isWarmingUp)
  // Nothing the engine has ever finished rolling out: it is still coming up for the first time, or not even begun.
  if (!rollout && (rising || facts.instances.length === 0) && !facts.exhausted) return 'deploying'
  if (counts.ready > 0) return 'degraded'
  return rising && !facts.exhausted ? 'degraded' : 'failed'
}

function isWarmingUp({ state, health }: Instance): boolean {
  return state === 'running' && health === 'warmingUp'
}

/** Why a change does not get on: no place, or crash after crash. */
function blockedState(
  facts: StatusFacts,
  counts: Counts,
  reasons: readonly Reason[],
): AppState | undefined {
  if (facts.exhausted) return undefined
  if (counts.unscheduled > 0 && reasons.some(({ code }) => PLACEMENT_REASONS.has(code)))
    return 'waiting'
  if (facts.backingOff && counts.ready < facts.desired) return 'delayed'
  const crashing = facts.instances.some(
    ({ state, ready, reason, revision }) =>
      revision === facts.revision && !ready && state !== 'stopping' && reason?.code === 'CrashLoop',
  )
  return crashing ? 'delayed' : undefined
}

function jobState(facts: StatusFacts, counts: Counts, reasons: readonly Reason[]): AppState {
  if (counts.updated >= facts.desired) return 'completed'
  if (facts.exhausted || facts.rollout?.state === 'failed') return 'failed'
  if (counts.unscheduled > 0 && reasons.some(({ code }) => PLACEMENT_REASONS.has(code)))
    return 'waiting'
  const waits = facts.instances.some(({ state }) => NOT_YET.has(state))
  if (counts.running === 0 && waits && reasons.some(({ code }) => CRASH_REASONS.has(code)))
    return 'delayed'
  return counts.running > 0 ? 'running' : 'deploying'
}

function cronState(facts: StatusFacts, reasons: readonly Reason[]): AppState {
  if (facts.desired === 0) return 'suspended'
  return facts.exhausted || reasons.some(({ code }) => code === 'DeadlineExceeded')
    ? 'degraded'
    : 'running'
}

/** One entry for each code: the earliest moment, the newest sentence, all counts together; the most frequent first. */
export function mergeReasons(reasons: readonly Reason[]): readonly Reason[] {
  const merged = new Map<ReasonCode, Reason>()
  for (const reason of reasons) {
    const known = merged.get(reason.code)
    merged.set(
      reason.code,
      known
        ? {
            ...reason,
            count: known.count + reason.count,
            since: Math.min(known.since, reason.since),
          }
        : reason,
    )
  }
  return [...merged.values()].sort((a, b) => b.count - a.count || a.since - b.since)
}
