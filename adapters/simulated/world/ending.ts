import type { App, Reason } from 'intermodal'
import { restartAfter } from './backoff.ts'
import { type Engine, specOf } from './engine.ts'
import { createInstance, isLive, log, setState } from './instances.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { release } from './nodes.ts'
import { countFailure, isMoving } from './rollout.ts'

const GRACE_PERIOD = 10_000

export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'rejected'
  readonly exitCode?: number | undefined
  readonly reason?: Reason | undefined
}

/**
 * Asks an instance to stop. It is out of service at once and gone after its stopping time, at most the app's grace
 * period; one that has no process yet is gone at once. With a `fate` it ends as failed and may be started again.
 */
export function stopInstance(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  fate?: { readonly reason: Reason },
): void {
  if (instance.state === 'stopping') return
  if (!isLive(instance)) {
    forgetInstance(engine, record, instance)
    return
  }
  const hadProcess = instance.startedAt !== undefined
  instance.ready = false
  instance.readyAt = undefined
  instance.fate = fate
  instance.end = undefined
  instance.probes = undefined
  if (!hadProcess && !fate) {
    forgetInstance(engine, record, instance)
    return
  }
  const { stop } = specOf(record, instance.revision)
  log(engine, instance, 'stdout', `received ${stop.signal ?? 'SIGTERM'}`)
  const grace = stop.gracePeriod ?? GRACE_PERIOD
  const wait = Math.min(engine.duration(record, instance, 'stop'), grace) + (stop.drainDelay ?? 0)
  setState(engine, record, instance, 'stopping')
  if (fate) instance.reason = fate.reason
  engine.wake(record, instance, engine.now + wait)
}

export function finishStop(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { fate } = instance
  if (!fate) {
    forgetInstance(engine, record, instance)
    return
  }
  endInstance(engine, record, instance, { state: 'failed', exitCode: 137, reason: fate.reason })
}

/** Takes it out of the world without a trace. */
export function forgetInstance(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  release(engine, record, instance)
  engine.wake(record, instance, undefined)
  const index = record.instances.indexOf(instance)
  if (index >= 0) record.instances.splice(index, 1)
  engine.changed(record)
  engine.queue(record)
}

/**
 * The process is over by itself, or was ended for failing a check. It stays in the record as evidence; whether another
 * takes its slot, after which back-off, is for the app's restart policy. An old instance of a rolling update is not
 * started again: the new revision takes its place.
 */
export function endInstance(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  ending: Ending,
): void {
  const { now } = engine
  const app = specOf(record, instance.revision)
  const ranFor = instance.startedAt === undefined ? 0 : now - instance.startedAt
  release(engine, record, instance)
  engine.wake(record, instance, undefined)
  Object.assign(instance, {
    ready: false,
    readyAt: undefined,
    health: instance.health === 'none' ? 'none' : 'unknown',
    finishedAt: now,
    exitCode: ending.exitCode,
    reason: ending.reason,
    end: undefined,
    probes: undefined,
    fate: undefined,
  })
  setState(engine, record, instance, ending.state)
  const failed = ending.state !== 'succeeded'
  if (failed) countFailure(record, instance, ending.reason)
  if (app.kind === 'job' || app.kind === 'cron') {
    if (failed) restartTask(engine, record, instance, app)
    return
  }
  if (!stillWanted(record, instance)) {
    forgetInstance(engine, record, instance)
    return
  }
  const { crashes, delay } = restartAfter(
    app.restart,
    { failed, ranFor, crashes: instance.crashes ?? [] },
    now,
  )
  instance.crashes = crashes
  if (delay === undefined) instance.gaveUp = true
  else startAgain(engine, record, instance, delay)
}

/** A job's attempt failed: another one, unless the attempts are spent, which fails the job. */
function restartTask(engine: Engine, record: AppRecord, instance: InstanceRecord, app: App): void {
  const attempts = { ...app.restart, maxAttempts: app.restart.maxAttempts ?? JOB_ATTEMPTS }
  const { crashes, delay } = restartAfter(
    attempts,
    // A job's attempts are counted to the end: running long before failing is no excuse.
    { failed: true, ranFor: 0, crashes: instance.crashes ?? [] },
    engine.now,
  )
  instance.crashes = crashes
  if (delay === undefined) instance.gaveUp = true
  else startAgain(engine, record, instance, delay)
}

/** As in Kubernetes' `backoffLimit`. */
const JOB_ATTEMPTS = 6

function startAgain(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  delay: number,
): void {
  const crashes = instance.crashes ?? []
  createInstance(engine, record, {
    slot: instance.slot,
    revision: instance.revision,
    pinned: instance.pinned,
    run: instance.run,
    after: instance,
    crashes,
    notBefore: engine.now + delay,
    reason: crashLoop(instance, crashes),
  })
}

/** One crash is an accident, reported by its own reason; from the second on it is a loop. */
function crashLoop(instance: InstanceRecord, crashes: readonly number[]): Reason | undefined {
  const since = crashes[0]
  if (crashes.length < 2 || since === undefined) return undefined
  const cause = instance.reason?.message ?? `exited with code ${instance.exitCode ?? 0}`
  return {
    code: 'CrashLoop',
    message: `ended ${crashes.length} times, the last time: ${cause}`,
    count: 1,
    since,
  }
}

function stillWanted(record: AppRecord, instance: InstanceRecord): boolean {
  if (record.deleting) return false
  const { revision } = record.spec
  if (instance.revision !== revision && isMoving(record)) return false
  if (record.spec.app.kind === 'daemon') return true
  // The old ones a new one is to replace say nothing about how many of the new are wanted.
  const others = record.instances.filter(
    (one) => isLive(one) && (instance.revision !== revision || one.revision === revision),
  )
  return others.length < record.replicas
}
