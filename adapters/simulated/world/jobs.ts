import type { Reason } from 'intermodal'
import { forgetInstance, stopInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { createInstance, isLive, occupies } from './instances.ts'
import type { AppRecord } from './model.ts'

/**
 * One step of a job: as many at a time as `parallelism`, until `completions` have succeeded. It fails when one
 * completion has spent its attempts, or when the whole job passes its deadline; then nothing is tried any more.
 */
export function reconcileJob(engine: Engine, record: AppRecord): number | undefined {
  const { job: limits, update } = record.spec.app
  const completions = limits?.completions ?? 1
  dropOthers(engine, record)
  record.job ??= { startedAt: engine.now, completed: 0 }
  const own = record.instances.filter((one) => one.revision === record.spec.revision)
  const done = new Set(own.filter(({ state }) => state === 'succeeded').map(({ slot }) => slot))
  if (done.size !== record.job.completed) {
    record.job = { ...record.job, completed: done.size }
    engine.changed(record)
  }
  if (record.job.failed) return undefined
  if (done.size >= completions) {
    endJob(engine, record, undefined)
    return undefined
  }
  if (record.suspended !== undefined) {
    for (const one of own.filter(isLive)) stopInstance(engine, record, one)
    return undefined
  }
  const spent = own.find(({ gaveUp }) => gaveUp)
  if (spent) {
    endJob(engine, record, spent.reason ?? deadlineReason(engine, 0))
    return undefined
  }
  const deadline = record.job.startedAt + (limits?.deadline ?? Number.POSITIVE_INFINITY)
  if (engine.now >= deadline) {
    endJob(engine, record, deadlineReason(engine, limits?.deadline ?? 0))
    return undefined
  }
  const busy = new Set(own.filter(occupies).map(({ slot }) => slot))
  const paused = record.rollout?.state === 'paused'
  for (let index = 0; index < completions && !paused; index++) {
    const slot = String(index)
    if (busy.size >= Math.min(limits?.parallelism ?? 1, completions - done.size)) break
    if (done.has(slot) || busy.has(slot)) continue
    createInstance(engine, record, { slot, revision: record.spec.revision })
    busy.add(slot)
  }
  const stuckAt = stuckSince(record) + update.progressDeadline
  if (engine.now >= stuckAt && !paused) {
    const cause = own.find((one) => isLive(one) && one.reason)?.reason
    endJob(engine, record, cause ?? deadlineReason(engine, update.progressDeadline))
    return undefined
  }
  const next = Math.min(deadline, stuckAt)
  return Number.isFinite(next) ? next : undefined
}

/** A job that runs is getting on, however long it takes; one that never starts is not. */
function stuckSince(record: AppRecord): number {
  const live = record.instances.filter(isLive)
  if (
    live.length === 0 ||
    live.some(
      ({ state, notBefore }) =>
        state === 'running' || (state === 'pending' && notBefore !== undefined),
    )
  )
    return Number.POSITIVE_INFINITY
  return Math.min(...live.map(({ createdAt }) => createdAt))
}

function dropOthers(engine: Engine, record: AppRecord): void {
  for (const one of [...record.instances]) {
    if (one.revision === record.spec.revision) continue
    if (isLive(one)) stopInstance(engine, record, one)
    else if (one.state !== 'stopping') forgetInstance(engine, record, one)
  }
}

function deadlineReason(engine: Engine, milliseconds: number): Reason {
  const message = `was not done within ${Math.round(milliseconds / 1000)} s`
  return { code: 'DeadlineExceeded', message, count: 1, since: engine.now }
}

function endJob(engine: Engine, record: AppRecord, failed: Reason | undefined): void {
  if (failed && record.job) record.job = { ...record.job, failed }
  for (const one of [...record.instances]) if (isLive(one)) stopInstance(engine, record, one)
  const { rollout } = record
  const state = failed ? 'failed' : 'succeeded'
  record.activity = undefined
  if (!rollout || rollout.state === state) return
  rollout.state = state
  rollout.message = failed ? `the job failed: ${failed.message}` : 'completed'
  rollout.cause = failed
  rollout.since = engine.now
  engine.changed(record)
}
