import type { AppId, AppStatus } from 'intermodal'
import type { World } from 'intermodal/simulated'
import { updateBudgets } from '../../adapters/simulated/world/budgets.ts'
import { specOf } from '../../adapters/simulated/world/engine.ts'
import { isLive } from '../../adapters/simulated/world/instances.ts'
import type { AppRecord, InstanceRecord } from '../../adapters/simulated/world/model.ts'
import { demandOf } from '../../adapters/simulated/world/placement.ts'
import { hold } from './breach.ts'
import { Forward } from './forward.ts'

interface Look {
  readonly occupied: number
  readonly ready: ReadonlySet<string>
}

/** Looks at a world in every moment in which something happens, and holds it to the laws of its engine. */
export class Truth {
  readonly #before = new Map<AppId, Look>()
  readonly #forward = new Forward()

  /** Asked to be killed, which may happen at once, later or never: no update's doing. */
  readonly killed = new Set<string>()

  look(world: World): void {
    const { apps } = world.engine.state
    for (const id of this.#before.keys()) if (!apps.has(id)) this.#before.delete(id)
    const statuses = world.apps()
    for (const status of statuses) countsAddUp(status)
    this.#forward.look(statuses)
    for (const record of apps.values()) {
      const now = lookAt(record)
      const { kind } = record.spec.app
      if (kind === 'service' && !record.deleting) this.#keepsBudgets(record, now)
      this.#before.set(record.id, now)
    }
    reservationsAddUp(world)
  }

  /** Somebody took instances away himself: what is left is where the budgets count from. */
  disturbed(world: World): void {
    for (const record of world.engine.state.apps.values())
      this.#before.set(record.id, lookAt(record))
  }

  #keepsBudgets(record: AppRecord, now: Look): void {
    const before = this.#before.get(record.id) ?? { occupied: 0, ready: new Set() }
    const { surge, unavailable } = updateBudgets(record.spec.app.update, record.replicas)
    const most = Math.max(record.replicas + surge, before.occupied)
    hold(now.occupied <= most, () => `${record.id} has ${now.occupied} instances, not ${most}`)
    const byItself = record.instances.filter(
      (one) =>
        before.ready.has(one.id) && !one.ready && (!isSentAway(one) || this.killed.has(one.id)),
    ).length
    const vanished = [...before.ready].filter(
      (id) => !record.instances.some((one) => one.id === id),
    ).length
    const least = Math.min(before.ready.size, record.replicas - unavailable) - byItself - vanished
    hold(
      now.ready.size >= least,
      () => `${record.id} has ${now.ready.size} ready instances, not ${least}`,
    )
  }
}

function isSentAway({ state, fate }: InstanceRecord): boolean {
  return state === 'stopping' && fate === undefined
}

function lookAt(record: AppRecord): Look {
  return {
    occupied: record.instances.filter((one) => isLive(one) || one.state === 'stopping').length,
    ready: new Set(record.instances.flatMap(({ id, ready }) => (ready ? [id] : []))),
  }
}

function countsAddUp(status: AppStatus): void {
  const { id, counts, instances, revision, kind } = status
  const add = (sum: boolean, what: string) =>
    hold(sum, () => `${id}: ${what}, but ${JSON.stringify(counts)}`)
  const of = (...states: readonly string[]) =>
    instances.filter(({ state }) => states.includes(state)).length
  const live = of('pending', 'assigned', 'preparing', 'starting', 'running')
  add(counts.running === of('running'), `${of('running')} run`)
  add(counts.running + counts.pending === live, `${live} live`)
  add(counts.stopping === of('stopping'), `${of('stopping')} are stopping`)
  const ready = instances.filter((one) => one.ready && one.revision === revision).length
  add(counts.ready === ready, `${ready} are ready`)
  add(
    counts.healthy + counts.unhealthy + counts.unknown <= counts.running,
    'health is of running ones',
  )
  add(new Set(instances.map((one) => one.id)).size === instances.length, 'an id is used twice')
  if (kind === 'job' || kind === 'cron') return
  add(counts.ready <= counts.updated && counts.updated <= live, 'ready, updated, live')
  add(counts.overCapacity === Math.max(0, live - counts.desired), `${live} live`)
  add(counts.unscheduled >= Math.max(0, counts.desired - live), `${live} live`)
}

/** No node holds anything for an instance that is not there. */
function reservationsAddUp(world: World): void {
  const holding = new Map<string, number>()
  for (const record of world.engine.state.apps.values()) {
    for (const { node, state, revision } of record.instances) {
      const { cpu } = demandOf(specOf(record, revision))
      if (node === undefined || ['failed', 'succeeded', 'rejected'].includes(state)) continue
      holding.set(node, (holding.get(node) ?? 0) + cpu)
    }
  }
  for (const { name, reserved } of world.nodes()) {
    const held = holding.get(name) ?? 0
    hold(reserved.cpu === held, () => `${name} holds ${reserved.cpu} for instances of ${held}`)
  }
}
