import { updateBudgets } from './budgets.ts'
import { stopInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { createInstance, isAvailable, isLive, occupies } from './instances.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { batchRoom, closeBatch, isMoving, judge } from './rollout.ts'

/**
 * One step of an app whose instances are someone: ordinals 0, 1, 2. They come up in order, each when those before it
 * are available; go down from the highest, one at a time; and are updated from the highest, each in its own place, as
 * many at a time as may be unavailable. A surge has no meaning for them: there is only one number 0.
 */
export function reconcileStateful(engine: Engine, record: AppRecord): number | undefined {
  const { update } = record.spec.app
  const desired = record.replicas
  const bySlot = new Map<string, InstanceRecord>()
  for (const one of record.instances) if (occupies(one) || one.gaveUp) bySlot.set(one.slot, one)
  const available = (one: InstanceRecord | undefined) =>
    one !== undefined && isAvailable(one, update.minReadyTime, engine.now)

  const excess = [...bySlot.values()].filter((one) => Number(one.slot) >= desired)
  stopHighest(engine, record, excess)
  const budget = Math.max(1, updateBudgets(update, desired).unavailable)
  const room = batchRoom(engine, record, budget)
  if (isMoving(record)) {
    let missing = ordinals(desired).filter((slot) => !available(bySlot.get(slot))).length
    let left = room.retire
    for (const slot of ordinals(desired).reverse()) {
      const one = bySlot.get(slot)
      if (!one || !isLive(one) || one.revision === record.spec.revision || left <= 0) continue
      if (available(one) && missing >= budget) continue
      if (available(one)) missing++
      stopInstance(engine, record, one)
      if (!record.instances.includes(one)) bySlot.delete(slot)
      left--
      if (record.rollout) record.rollout.batch.retired++
    }
  }
  createInOrder(engine, record, bySlot, available)
  const fresh = record.instances.filter(
    (one) => isLive(one) && one.revision === record.spec.revision,
  )
  const others = record.instances.filter(
    (one) => one.revision !== record.spec.revision && (isLive(one) || one.state === 'stopping'),
  )
  const stopping = record.instances.filter(({ state }) => state === 'stopping').length
  const progress = { desired, fresh, stale: others.length, stopping }
  closeBatch(engine, record, progress)
  if (record.activity === 'scaling' && stopping === 0 && excess.length === 0) {
    if (ordinals(desired).every((slot) => bySlot.get(slot)?.ready)) {
      record.activity = undefined
      engine.changed(record)
    }
  }
  return judge(engine, record, progress)
}

function ordinals(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index))
}

function stopHighest(engine: Engine, record: AppRecord, excess: readonly InstanceRecord[]): void {
  if (excess.some(({ state }) => state === 'stopping')) return
  const highest = excess.toSorted((a, b) => Number(b.slot) - Number(a.slot))[0]
  if (highest) stopInstance(engine, record, highest)
}

function createInOrder(
  engine: Engine,
  record: AppRecord,
  bySlot: ReadonlyMap<string, InstanceRecord>,
  available: (one: InstanceRecord | undefined) => boolean,
): void {
  const recreating = record.spec.app.update.strategy === 'recreate' && isMoving(record)
  const old = [...bySlot.values()].find(
    (one) => one.revision !== record.spec.revision && occupies(one),
  )
  if (recreating && old) return
  const held = record.rollout?.state === 'paused' && old ? old.revision : record.spec.revision
  for (const slot of ordinals(record.replicas)) {
    const one = bySlot.get(slot)
    if (!one) {
      createInstance(engine, record, { slot, revision: held })
      if (isMoving(record) && record.rollout) record.rollout.batch.created++
      return
    }
    // An old one that does not come up must not keep a newer one, its cure, from being made.
    if (!available(one) && one.revision === record.spec.revision) return
  }
}
