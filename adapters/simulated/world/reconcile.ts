import { claimNode, ensureClaims } from './claims.ts'
import { reconcileCron } from './cron.ts'
import { reconcileDaemon } from './daemon.ts'
import { drainNode } from './drain.ts'
import { stopInstance } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { isLive, occupies, setState } from './instances.ts'
import { reconcileJob } from './jobs.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { release, reserve } from './nodes.ts'
import { isRefusal, place } from './placement.ts'
import { nextAvailable } from './rollout.ts'
import { reconcileService } from './service.ts'
import { reconcileStateful } from './stateful.ts'
import { replaceLost } from './unreachable.ts'

/**
 * Compares what an app has with what it should have and does the next thing about it. Called once for every moment in
 * which something of the app changed, or was due; doing it twice changes nothing.
 */
export function reconcile(engine: Engine, record: AppRecord): void {
  if (record.observed !== record.generation) {
    record.observed = record.generation
    engine.changed(record)
  }
  if (record.deleting) {
    for (const instance of [...record.instances]) stopInstance(engine, record, instance)
    if (record.instances.length === 0) engine.forget(record)
    return
  }
  const due = [replaceLost(engine, record), reconcileKind(engine, record)]
  if (engine.evicting) due.push(drainNode(engine, record))
  placePending(engine, record)
  dropOldEvidence(engine, record)
  due.push(nextAvailable(record, engine.now), record.rollout?.holdUntil)
  const later = due.filter((at) => at !== undefined && at > engine.now) as number[]
  engine.wakeApp(record, later.length === 0 ? undefined : Math.min(...later))
  engine.settled(record, isSettled(record))
}

function reconcileKind(engine: Engine, record: AppRecord): number | undefined {
  switch (record.spec.app.kind) {
    case 'service':
      return reconcileService(engine, record)
    case 'stateful':
      return reconcileStateful(engine, record)
    case 'daemon':
      return reconcileDaemon(engine, record)
    case 'job':
      return reconcileJob(engine, record)
    case 'cron':
      return reconcileCron(engine, record)
  }
}

/** Finds a place for every instance that has none and is not held back. */
function placePending(engine: Engine, record: AppRecord): void {
  const pending = record.instances.filter(
    ({ state, notBefore }) => state === 'pending' && notBefore === undefined,
  )
  if (pending.length === 0) {
    engine.waitsForPlace(record, false)
    return
  }
  const tally = new Map<string, number>()
  for (const { node, state } of record.instances) {
    if (node !== undefined && state !== 'failed' && state !== 'succeeded') {
      tally.set(node, (tally.get(node) ?? 0) + 1)
    }
  }
  const nodes = [...engine.state.nodes.values()]
  let waits = false
  for (const instance of pending) {
    const app = specOf(record, instance.revision)
    const bound = claimNode(engine, record, instance)
    const found = place({ app, nodes, tally, only: instance.pinned ?? bound })
    if (!isRefusal(found)) {
      reserve(engine, record, instance, found)
      ensureClaims(engine, record, instance)
      tally.set(found.name, (tally.get(found.name) ?? 0) + 1)
      if (instance.reason?.code !== 'CrashLoop') instance.reason = undefined
      setState(engine, record, instance, 'assigned')
      engine.wake(record, instance, engine.now + engine.duration(record, instance, 'assign'))
      continue
    }
    waits = true
    const elsewhere = bound !== undefined && found.code === 'NoNodes'
    const code = elsewhere ? 'VolumeUnavailable' : found.code
    const message = elsewhere ? `its claim is on ${bound}, which is not ready` : found.message
    if (instance.reason?.code === code && instance.reason.message === message) continue
    instance.reason = { code, message, count: 1, since: instance.reason?.since ?? engine.now }
    engine.changed(record)
  }
  engine.waitsForPlace(record, waits)
}

/**
 * Of what has ended, the last one of each slot is kept while its slot exists: its logs and exit code are the evidence.
 * Jobs keep what ended until the next change; their number is bounded by completions and attempts.
 */
function dropOldEvidence(engine: Engine, record: AppRecord): void {
  const { kind } = record.spec.app
  if (kind === 'job' || kind === 'cron') return
  const slots = new Set<string>()
  for (const instance of record.instances) if (occupies(instance)) slots.add(instance.slot)
  const seen = new Set<string>()
  const keep: InstanceRecord[] = []
  for (let index = record.instances.length - 1; index >= 0; index--) {
    const instance = record.instances[index] as InstanceRecord
    const evidence = !occupies(instance)
    const outdated =
      evidence &&
      (seen.has(instance.slot) ||
        !(slots.has(instance.slot) || (instance.gaveUp && record.replicas > 0)) ||
        (instance.gaveUp === true && instance.revision !== record.spec.revision))
    if (evidence) seen.add(instance.slot)
    if (outdated) release(engine, record, instance)
    else keep.push(instance)
  }
  if (keep.length === record.instances.length) return
  record.instances = keep.reverse()
  engine.changed(record)
}

/** Whether waiting alone would change nothing but repeat what is known: crash loops and what finds no place included. */
function isSettled(record: AppRecord): boolean {
  const { rollout } = record
  if (record.activity || rollout?.state === 'running' || rollout?.state === 'rollingBack')
    return false
  return !record.instances.some(
    (instance) =>
      instance.state === 'stopping' ||
      (instance.state === 'lost' && !instance.replaced) ||
      (instance.health === 'warmingUp' && instance.state === 'running') ||
      (isLive(instance) &&
        instance.state !== 'running' &&
        instance.notBefore === undefined &&
        !(instance.state === 'pending' && instance.reason)),
  )
}
