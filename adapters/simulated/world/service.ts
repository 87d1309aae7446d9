import { updateBudgets } from './budgets.ts'
import { stopInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { createInstance, isAvailable, isLive, occupies } from './instances.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { batchRoom, closeBatch, isMoving, judge } from './rollout.ts'

/**
 * One step of a service. With D wanted instances, two rules hold at every moment of an update:
 * instances that exist, stopping ones included, are never more than D + surge, and the update itself never takes the
 * number of available ones below D − unavailable.
 */
export function reconcileService(engine: Engine, record: AppRecord): number | undefined {
  const { update } = record.spec.app
  const desired = record.replicas
  const budgets = updateBudgets(update, desired)
  const moving = isMoving(record)
  const view = survey(record)
  const room = batchRoom(engine, record, Math.max(budgets.surge, budgets.unavailable))

  if (moving && view.stale.length > 0) {
    retireStale(engine, record, view, desired, budgets.unavailable, room.retire)
  }
  const afterwards = survey(record)
  stopExcess(engine, record, afterwards, desired, moving, budgets.surge)
  createMissing(engine, record, survey(record), desired, budgets.surge, moving, room.create)

  const end = survey(record)
  const progress = {
    desired,
    fresh: end.fresh,
    stale: end.stale.length + end.staleStopping,
    stopping: end.stopping,
  }
  closeBatch(engine, record, progress)
  endActivity(engine, record, end, desired)
  return judge(engine, record, progress)
}

interface View {
  readonly fresh: InstanceRecord[]
  readonly stale: InstanceRecord[]
  readonly stopping: number
  readonly staleStopping: number
  readonly occupied: number
  /** Slots of the newest revision that are not tried again. */
  readonly gaveUp: number
  /** Stopped for failing a check: another will take its slot after its back-off, not sooner. */
  readonly failing: number
  /** On lost nodes, not given up yet. */
  readonly lost: number
}

function survey(record: AppRecord): View {
  const view = {
    fresh: [] as InstanceRecord[],
    stale: [] as InstanceRecord[],
    stopping: 0,
    staleStopping: 0,
    occupied: 0,
    gaveUp: 0,
    failing: 0,
    lost: 0,
  }
  for (const instance of record.instances) {
    const isFresh = instance.revision === record.spec.revision
    if (occupies(instance)) view.occupied++
    if (isLive(instance)) (isFresh ? view.fresh : view.stale).push(instance)
    else if (instance.state === 'stopping') {
      view.stopping++
      if (!isFresh) view.staleStopping++
      else if (instance.fate) view.failing++
    } else if (instance.state === 'lost' && !instance.replaced) view.lost++
    else if (instance.gaveUp && isFresh) view.gaveUp++
  }
  return view
}

/**
 * Old instances go as far as the budget allows: first those that do not serve anyway, then those that do. What the new
 * ones still lack counts against it, as in Kubernetes.
 */
function retireStale(
  engine: Engine,
  record: AppRecord,
  { fresh, stale }: View,
  desired: number,
  unavailable: number,
  batch: number,
): void {
  const { minReadyTime, strategy } = record.spec.app.update
  const available = (one: InstanceRecord) => isAvailable(one, minReadyTime, engine.now)
  const minimum = strategy === 'recreate' ? 0 : desired - unavailable
  const freshMissing = fresh.filter((one) => !available(one)).length
  let spare = fresh.length + stale.length - minimum - freshMissing
  let left = batch
  // A lowered count is no part of the exchange, and waits for no batch.
  const { created, retired } = record.rollout?.batch ?? { created: 0, retired: 0 }
  let excess = fresh.length + stale.length - desired - Math.max(0, created - retired)
  const retire = (instance: InstanceRecord) => {
    stopInstance(engine, record, instance)
    spare--
    if (excess-- > 0) return
    left--
    if (record.rollout) record.rollout.batch.retired++
  }
  const mayRetire = () => spare > 0 && (excess > 0 || left > 0)
  const broken = stale.filter((one) => !one.ready)
  for (const instance of broken) if (mayRetire()) retire(instance)
  const serving = stale.filter((one) => one.ready)
  let over = [...fresh, ...stale].filter(available).length - minimum
  for (const instance of serving) {
    if (over <= 0 || !mayRetire()) break
    retire(instance)
    over--
  }
}

/** More than wanted, because the count was lowered: what serves least goes first, then the youngest. */
function stopExcess(
  engine: Engine,
  record: AppRecord,
  { fresh, stale }: View,
  desired: number,
  moving: boolean,
  surge: number,
): void {
  const allowed = stale.length > 0 ? desired + surge : desired
  // While old ones are being exchanged it is they who have to go, by the budget; the rest is a lowered count.
  const excess =
    moving && stale.length > 0 ? fresh.length - desired : fresh.length + stale.length - allowed
  if (excess <= 0) return
  const candidates = moving ? [...fresh] : [...fresh, ...stale]
  candidates.sort(
    (a, b) =>
      Number(a.ready) - Number(b.ready) ||
      b.createdAt - a.createdAt ||
      Number(b.slot) - Number(a.slot),
  )
  for (const instance of candidates.slice(0, excess)) stopInstance(engine, record, instance)
}

function createMissing(
  engine: Engine,
  record: AppRecord,
  view: View,
  desired: number,
  surge: number,
  moving: boolean,
  batch: number,
): void {
  const { fresh, stale, occupied, gaveUp, failing, lost, stopping } = view
  const recreating = record.spec.app.update.strategy === 'recreate'
  if (moving && recreating && (stale.length > 0 || view.staleStopping > 0)) return
  const held = moving ? gaveUp : gaveUp + stale.length
  const missing = desired - fresh.length - held - lost - failing
  const room = desired + surge - occupied - gaveUp
  let count = Math.min(missing, room)
  // Without old ones to exchange, a batch would only delay what is missing anyway; nor does it hold a raised count.
  const { created, retired } = record.rollout?.batch ?? { created: 0, retired: 0 }
  const present = fresh.length + stale.length + stopping + lost
  let extra = Math.max(0, desired - present - Math.max(0, retired - created))
  if (moving && (stale.length > 0 || stopping > 0)) {
    count = Math.min(count, Math.max(0, batch) + extra)
  }
  if (count <= 0) return
  // Held in place, what is missing is made like what is there: an update that is paused goes no further by accident.
  const revision =
    !moving && stale[0] && fresh.length === 0 ? stale[0].revision : record.spec.revision
  const taken = new Set(
    record.instances.filter((one) => occupies(one) || one.gaveUp).map(({ slot }) => slot),
  )
  let slot = 1
  for (let made = 0; made < count; made++) {
    while (taken.has(String(slot))) slot++
    taken.add(String(slot))
    createInstance(engine, record, { slot: String(slot), revision })
    if (moving && record.rollout && extra-- <= 0) record.rollout.batch.created++
  }
}

/** Scaling is over when there are exactly as many as wanted and all of them serve. */
function endActivity(engine: Engine, record: AppRecord, view: View, desired: number): void {
  if (record.activity !== 'scaling' || view.stopping > 0) return
  const live = [...view.fresh, ...view.stale]
  if (live.length !== desired || !live.every(({ ready }) => ready)) return
  record.activity = undefined
  engine.changed(record)
}
