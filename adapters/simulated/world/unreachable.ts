import { finishStop, forgetInstance } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { setState } from './instances.ts'
import type { AppRecord, InstanceRecord, NodeRecord } from './model.ts'
import { rearmProbes } from './probes.ts'

const REPLACE_AFTER = 30_000

/**
 * The engine does not hear of the node any more: what ran there is lost, which may or may not mean dead. It holds its
 * slot until `onUnreachable.replaceAfter` (30 s when the app does not say), then another is made.
 */
export function loseInstance(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  node: NodeRecord,
): void {
  instance.leaving = instance.state === 'stopping'
  instance.ready = false
  instance.readyAt = undefined
  instance.lostAt = engine.now
  instance.reason = {
    code: 'NodeLost',
    message: `${node.name} does not answer`,
    count: 1,
    since: engine.now,
  }
  engine.wake(record, instance, undefined)
  setState(engine, record, instance, 'lost')
}

/** The node is back: what was not replaced goes on; the rest is stopped, its place is taken. */
export function recoverInstance(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  if (instance.replaced) {
    forgetInstance(engine, record, instance)
    return
  }
  instance.lostAt = undefined
  instance.reason = undefined
  if (instance.leaving) {
    finishStop(engine, record, instance)
    return
  }
  if (instance.startedAt === undefined) {
    forgetInstance(engine, record, instance)
    return
  }
  setState(engine, record, instance, 'running')
  if (Object.keys(instance.probes ?? {}).length > 0) {
    instance.forgotten = true
    instance.health = 'unknown'
    rearmProbes(engine, record, instance)
  } else {
    instance.ready = true
    instance.readyAt = engine.now
    engine.wake(record, instance, instance.end ? Math.max(engine.now, instance.end.at) : undefined)
  }
}

/** Gives up what has been lost for too long; returns when the next one is. */
export function replaceLost(engine: Engine, record: AppRecord): number | undefined {
  let next: number | undefined
  for (const instance of [...record.instances]) {
    if (instance.state !== 'lost' || instance.lostAt === undefined) continue
    const { onUnreachable } = specOf(record, instance.revision)
    const replaceAt = instance.lostAt + (onUnreachable?.replaceAfter ?? REPLACE_AFTER)
    const expungeAt = instance.lostAt + (onUnreachable?.expungeAfter ?? Number.POSITIVE_INFINITY)
    if (engine.now >= expungeAt) {
      forgetInstance(engine, record, instance)
      continue
    }
    if (engine.now >= replaceAt && !instance.replaced) {
      instance.replaced = true
      engine.changed(record)
    }
    const at = instance.replaced ? expungeAt : Math.min(replaceAt, expungeAt)
    if (Number.isFinite(at)) next = Math.min(next ?? at, at)
  }
  return next
}
