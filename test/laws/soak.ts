import type { Undo } from 'intermodal/simulated'
import { type Cluster, Estate, type EstateOptions } from './estate.ts'

export interface SoakOptions extends EstateOptions {
  /** It is over after so many events. */
  readonly events: number
  /** Or after so many steps, whichever comes first. */
  readonly steps: number
  /** Measured for the first time after this share of the events. */
  readonly warm: number
  /** Called at rest, when warm and at the end. */
  readonly measure?: ((estate: Estate) => Promise<void>) | undefined
}

export interface SoakReport {
  readonly steps: number
  readonly events: number
  readonly calls: number
  readonly outcomes: number
  readonly instances: number
  /** How often a slow reader was told the rest in one piece. */
  readonly gaps: number
  /** Milliseconds. */
  readonly virtual: number
}

/** How long one step takes in each world, milliseconds. */
const STEP = 1000
const MOST_FAULTS = 8
/** After so many steps those who read seldom do. Long enough that more has happened than waits one by one. */
const DOZE = 2000

/** Random operations and random faults, all from one seed; throws a `Breach` for a law that does not hold. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const estate = new Estate(options)
  const faults: Undo[] = []
  const heal = (left: number) => {
    while (faults.length > left) faults.shift()?.()
  }
  const rest = async () => {
    heal(0)
    await estate.rest()
    await options.measure?.(estate)
  }
  const start = estate.clusters[0]?.world.clock.now() ?? 0

  for (const { client, apps } of estate.clusters)
    for (const id of apps) estate.start(client.apply(estate.app(id)), true)
  await estate.pass(STEP)

  let steps = 0
  let warm = false
  while (steps < options.steps && estate.events < options.events) {
    steps++
    const cluster = pick(estate, estate.clusters)
    if (estate.random() < 0.15) {
      faults.push(befall(estate, cluster))
      heal(MOST_FAULTS)
    } else operate(estate, cluster)
    await estate.pass(STEP)
    if (steps % DOZE === 0) for (const { lazy } of estate.clusters) await lazy.catchUp()
    if (!warm && (estate.events >= options.events * options.warm || steps >= options.steps * 0.5)) {
      warm = true
      await rest()
    }
  }
  await rest()
  const { events, calls, outcomes, instances, gaps } = estate
  const virtual = (estate.clusters[0]?.world.clock.now() ?? 0) - start
  await estate.close()
  return { steps, events, calls, outcomes, instances, gaps, virtual }
}

function pick<T>({ random }: Estate, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new RangeError('there is nothing to pick from')
  return found
}

function befall(estate: Estate, { world }: Cluster): Undo {
  const { faults } = world
  const what = pick(estate, [
    'hang',
    'refuse',
    'drop',
    'delay',
    'reorder',
    'duplicate',
    'node',
    'crash',
  ])
  const where = pick(estate, ['watch', 'watch', '*', 'apply', 'observe'] as const)
  switch (what) {
    case 'hang':
    case 'refuse':
      return faults[what](where)
    case 'drop':
      return faults.drop(where)
    case 'delay':
      return faults.delay(where, '3s')
    case 'reorder':
    case 'duplicate':
      return faults[what]()
    case 'node': {
      const node = world.node(pick(estate, world.nodes()).name)
      node.kill()
      return () => node.restore()
    }
    default:
      return world.app(pick(estate, world.apps()).id).failNext({ times: 3 })
  }
}

function operate(estate: Estate, { client, apps, world }: Cluster): void {
  const id = pick(estate, apps)
  const { random, signal } = estate
  const follow = random() < 0.3
  const what = pick(estate, [
    ...['apply', 'apply', 'apply', 'restart', 'restart', 'scale', 'scale', 'kill'],
    ...['suspend', 'resume', 'pause', 'rollback', 'remove'],
  ] as const)
  switch (what) {
    case 'apply': {
      const app = estate.app(id, 1 + Math.floor(random() * 4))
      estate.start(client.apply(app, { signal }), follow)
      return
    }
    case 'scale':
      estate.start(client.scale(id, 3 + Math.floor(random() * 5), { signal }), follow)
      return
    case 'kill': {
      const [one] = world.instances(id)
      if (one) estate.start(client.kill(id, one.id, { signal }), false)
      return
    }
    case 'suspend':
      // Nobody is away for long, so that the estate stays as large as it is.
      estate.start(
        client.suspend(id, { signal }).then(() => client.resume(id, { signal })),
        follow,
      )
      return
    case 'remove':
      estate.start(
        client.remove(id, { signal }).then(() => client.apply(estate.app(id), { signal })),
        follow,
      )
      return
    default:
      estate.start(client[what](id, { signal }), follow)
  }
}
