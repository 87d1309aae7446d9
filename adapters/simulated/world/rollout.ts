import { mergeReasons, type Reason } from 'intermodal'
import type { Engine } from './engine.ts'
import { isAvailable, isLive } from './instances.ts'
import type { AppRecord, InstanceRecord, RolloutRecord } from './model.ts'

/** A new change begins to roll out. `previous` is what an automatic rollback goes back to. */
export function startRollout(
  engine: Engine,
  record: AppRecord,
  options: { readonly previous?: string | undefined; readonly message?: string },
): void {
  record.rollout = {
    state: 'running',
    revision: record.spec.revision,
    since: engine.now,
    message: options.message ?? 'rolling out',
    previous: options.previous,
    progressAt: engine.now,
    best: undefined,
    failures: 0,
    batch: { created: 0, retired: 0 },
  }
}

/**
 * Whether instances are being exchanged. `paused` holds everything where it is. A failed rollout stays where it is too,
 * unless the app says `onFailure: continue`: then failed only means that the deadline has passed.
 */
export function isMoving(record: AppRecord): boolean {
  const { rollout, spec } = record
  if (!rollout) return false
  if (rollout.state === 'failed') return spec.app.update.onFailure === 'continue'
  return rollout.state === 'running' || rollout.state === 'rollingBack'
}

/** A failure of the new revision, as `maxFailureRatio` counts them. */
export function countFailure(
  record: AppRecord,
  instance: InstanceRecord,
  reason: Reason | undefined,
): void {
  const { rollout, spec } = record
  if (rollout?.state !== 'running' || instance.revision !== spec.revision) return
  rollout.failures++
  rollout.cause = reason ?? rollout.cause
}

export interface Progress {
  readonly desired: number
  /** Live instances of the newest revision. */
  readonly fresh: readonly InstanceRecord[]
  /** Live or stopping ones of older revisions. */
  readonly stale: number
  readonly stopping: number
}

/**
 * Looks at a rollout after everything that could be done was done, and says how it stands.
 *
 * Succeeded: as many instances of the newest revision as wanted are available and nothing else is left.
 * Failed, in this order: a larger share of the wanted instances than `maxFailureRatio` has failed; one of them will not
 * be tried again; there was no progress for `progressDeadline`. What follows is `onFailure`.
 */
export function judge(engine: Engine, record: AppRecord, progress: Progress): number | undefined {
  const { rollout, spec } = record
  if (!rollout) return undefined
  const { now } = engine
  const { update } = spec.app
  const available = progress.fresh.filter((one) =>
    isAvailable(one, update.minReadyTime, now),
  ).length
  const tolerated = Math.floor((update.maxFailureRatio ?? 0) * progress.desired)
  const gaveUp = record.instances.filter(
    (one) => one.gaveUp && one.revision === spec.revision,
  ).length
  const enough = available + Math.min(gaveUp, tolerated) >= progress.desired
  if (enough && progress.stale === 0 && progress.fresh.length <= progress.desired) {
    finish(engine, record, rollout)
    return undefined
  }
  if (rollout.state !== 'running' && rollout.state !== 'rollingBack') return undefined
  say(engine, record, rollout, `${available} of ${progress.desired} updated`)
  const score = available - progress.stale
  if (rollout.best === undefined || score > rollout.best) {
    rollout.best = score
    rollout.progressAt = now
  }
  if (update.onFailure !== 'continue' && rollout.state === 'running') {
    const { maxFailureRatio } = update
    if (maxFailureRatio !== undefined && rollout.failures > maxFailureRatio * progress.desired) {
      failRollout(engine, record, `${rollout.failures} of ${progress.desired} instances failed`)
      return undefined
    }
    if (gaveUp > tolerated) {
      failRollout(engine, record, `${gaveUp} instances ended and are not started again`)
      return undefined
    }
  }
  const deadline = rollout.progressAt + update.progressDeadline
  if (now >= deadline) {
    failRollout(engine, record, `no progress for ${Math.round(update.progressDeadline / 1000)} s`)
    return undefined
  }
  return deadline
}

function say(engine: Engine, record: AppRecord, rollout: RolloutRecord, message: string): void {
  if (rollout.message === message) return
  rollout.message = message
  engine.changed(record)
}

function finish(engine: Engine, record: AppRecord, rollout: RolloutRecord): void {
  if (rollout.state === 'succeeded' || rollout.state === 'rolledBack') return
  const cause = rollout.cause ? `: ${rollout.cause.message}` : ''
  if (rollout.state === 'rollingBack') {
    rollout.state = 'rolledBack'
    rollout.message = `rolled back to ${record.spec.revision}${cause}`
  } else {
    rollout.state = 'succeeded'
    rollout.message = 'rolled out'
    rollout.cause = undefined
  }
  rollout.pausedBy = undefined
  rollout.since = engine.now
  record.activity = undefined
  engine.changed(record)
}

/**
 * What becomes of a rollout that failed. `rollback` puts the whole previous app back, its image, environment and all,
 * but keeps the live replica count: how many there should be was never in question. Without a previous revision, and
 * when the way back fails too, it is `failed`. `pause` leaves old and new side by side until someone decides.
 */
export function failRollout(engine: Engine, record: AppRecord, message: string): void {
  const { rollout, spec } = record
  if (!rollout) return
  rollout.cause = worstReason(record) ?? rollout.cause
  const because = rollout.cause ? `${message}: ${rollout.cause.message}` : message
  const goBack = record.history.findLast(({ revision }) => revision === rollout.previous)
  rollout.since = engine.now
  const { onFailure } = spec.app.update
  if (rollout.state === 'running' && onFailure === 'pause') {
    rollout.state = 'paused'
    rollout.pausedBy = 'failure'
    rollout.message = `paused: ${because}`
  } else if (rollout.state === 'running' && onFailure === 'rollback' && goBack) {
    const failed = record.spec
    record.spec = goBack
    record.history = [...record.history.filter((one) => one !== goBack), failed]
    record.generation++
    record.observed = record.generation
    Object.assign(rollout, {
      state: 'rollingBack',
      revision: failed.revision,
      previous: undefined,
      message: `rolling back: ${because}`,
      progressAt: engine.now,
      best: undefined,
      batch: { created: 0, retired: 0 },
      holdUntil: undefined,
    })
    engine.queue(record)
  } else {
    rollout.message =
      rollout.state === 'rollingBack' ? `the rollback failed too: ${because}` : because
    rollout.state = 'failed'
  }
  engine.changed(record)
}

function worstReason(record: AppRecord): Reason | undefined {
  const reasons = record.instances.flatMap(({ revision, reason }) =>
    reason && revision === record.spec.revision ? [reason] : [],
  )
  return mergeReasons(reasons)[0]
}

/** How many more instances this batch may create, and how many old ones it may take away. */
export function batchRoom(
  engine: Engine,
  record: AppRecord,
  budget: number,
): { readonly create: number; readonly retire: number } {
  const { rollout, spec } = record
  const { batchSize, batchDelay } = spec.app.update
  if (!rollout || !isMoving(record) || (batchSize === undefined && !batchDelay)) {
    return { create: Number.POSITIVE_INFINITY, retire: Number.POSITIVE_INFINITY }
  }
  if (rollout.holdUntil !== undefined && engine.now < rollout.holdUntil) {
    return { create: 0, retire: 0 }
  }
  const size = batchSize ?? Math.max(1, budget)
  return { create: size - rollout.batch.created, retire: size - rollout.batch.retired }
}

/** A batch is over when what it created is available and nothing is on its way out; then comes the delay. */
export function closeBatch(engine: Engine, record: AppRecord, progress: Progress): void {
  const { rollout, spec } = record
  if (!rollout || progress.stopping > 0) return
  if (rollout.batch.created + rollout.batch.retired === 0) return
  const { update } = spec.app
  const { fresh, desired } = progress
  if (!fresh.every((one) => isAvailable(one, update.minReadyTime, engine.now))) return
  if (fresh.length + progress.stale !== desired) return
  rollout.batch = { created: 0, retired: 0 }
  if (update.batchDelay) rollout.holdUntil = engine.now + update.batchDelay
  engine.queue(record)
}

/** When an instance that is ready now will have been ready for long enough to count. */
export function nextAvailable(record: AppRecord, now: number): number | undefined {
  const { minReadyTime } = record.spec.app.update
  if (minReadyTime === 0) return undefined
  const times = record.instances
    .filter((one) => isLive(one) && one.ready)
    .map((one) => (one.readyAt ?? now) + minReadyTime)
    .filter((at) => at > now)
  return times.length === 0 ? undefined : Math.min(...times)
}
