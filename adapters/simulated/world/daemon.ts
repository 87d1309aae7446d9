import { updateBudgets } from './budgets.ts'
import { stopInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { createInstance, isAvailable, isLive, occupies } from './instances.ts'
import type { AppRecord, InstanceRecord } from './model.ts'
import { satisfies } from './placement.ts'
import { batchRoom, closeBatch, isMoving, judge } from './rollout.ts'

/** The nodes that should have one: ready, and let in by the app's rules. None while it is suspended. */
export function eligibleNodes(engine: Engine, record: AppRecord): readonly string[] {
  if (record.suspended !== undefined) return []
  return [...engine.state.nodes.values()]
    .filter((node) => node.state === 'ready' && satisfies(node, record.spec.app))
    .map(({ name }) => name)
}

/** One step of an app that runs once on each eligible node; nodes come and go, and so do its instances. */
export function reconcileDaemon(engine: Engine, record: AppRecord): number | undefined {
  const { update } = record.spec.app
  const nodes = eligibleNodes(engine, record)
  const eligible = new Set(nodes)
  if (record.replicas !== nodes.length) {
    record.replicas = nodes.length
    engine.changed(record)
  }
  for (const one of [...record.instances]) {
    if (isLive(one) && !eligible.has(one.slot)) stopInstance(engine, record, one)
  }
  const isFresh = (one: InstanceRecord) => one.revision === record.spec.revision
  const available = (one: InstanceRecord) => isAvailable(one, update.minReadyTime, engine.now)
  const budgets = updateBudgets(update, nodes.length)
  const room = batchRoom(engine, record, Math.max(budgets.unavailable, budgets.surge))
  const moving = isMoving(record)
  const onNode = new Map<string, InstanceRecord[]>(nodes.map((name) => [name, []]))
  for (const one of record.instances)
    if (occupies(one) || one.gaveUp) onNode.get(one.slot)?.push(one)
  let missing = nodes.filter((name) => !onNode.get(name)?.some(available)).length
  let extra = nodes.filter((name) => (onNode.get(name)?.length ?? 0) > 1).length
  let { create, retire } = room
  for (const name of nodes) {
    const here = onNode.get(name) ?? []
    const stale = here.find((one) => !isFresh(one) && isLive(one))
    const fresh = here.find(isFresh)
    const make = () => {
      const held = !moving && stale ? stale.revision : record.spec.revision
      createInstance(engine, record, { slot: name, pinned: name, revision: held })
      create--
      if (moving && record.rollout) record.rollout.batch.created++
    }
    if (here.length === 0) make()
    if (!moving || !stale) continue
    if (budgets.surge > 0 && !fresh && extra < budgets.surge && create > 0) {
      extra++
      make()
    }
    const served = fresh !== undefined && available(fresh)
    const spare = served || !available(stale) || missing < budgets.unavailable
    const turn = budgets.unavailable > 0 || served
    if (spare && turn && retire > 0 && !(budgets.surge > 0 && fresh && !served)) {
      if (available(stale) && !served) missing++
      stopInstance(engine, record, stale)
      retire--
      if (record.rollout) record.rollout.batch.retired++
    }
  }
  const fresh = record.instances.filter((one) => isFresh(one) && isLive(one))
  const stale = record.instances.filter(
    (one) => !isFresh(one) && (isLive(one) || one.state === 'stopping'),
  )
  const stopping = record.instances.filter(({ state }) => state === 'stopping').length
  const progress = { desired: nodes.length, fresh, stale: stale.length, stopping }
  closeBatch(engine, record, progress)
  if (
    record.activity === 'scaling' &&
    stopping === 0 &&
    fresh.filter(({ ready }) => ready).length === nodes.length
  ) {
    record.activity = undefined
    engine.changed(record)
  }
  return judge(engine, record, progress)
}
