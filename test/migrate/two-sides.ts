import {
  type AppId,
  type AppInput,
  type Client,
  connect,
  type Migration,
  type MigrationResult,
} from 'intermodal'
import { createWorld, simulated, type World } from 'intermodal/simulated'
import { onTestFinished } from 'vitest'

export interface TwoSides {
  readonly old: World
  readonly now: World
  readonly from: Client
  readonly to: Client
  /** Lets time pass on both sides until the promise has settled. `each` is told after every second. */
  passing<T>(promise: Promise<T>, each?: () => void): Promise<T>
  /** Applies on the old side and waits. */
  deploy(...apps: AppInput[]): Promise<void>
  /** How many instances are ready on either side, past every fault. */
  ready(id: AppId): { readonly old: number; readonly now: number }
}

/** Two clusters that share nothing, each with virtual time of its own that the test moves for both. */
export function twoSides(seed = 1): TwoSides {
  const timings = { jitter: 0 }
  const old = createWorld({ clock: 'manual', seed, timings })
  const now = createWorld({ clock: 'manual', seed: seed + 1000, timings })
  const from = connect(simulated({ world: old }), { name: 'legacy', random: () => 0.5 })
  const to = connect(simulated({ world: now }), { name: 'prod', random: () => 0.5 })
  onTestFinished(async () => {
    await from[Symbol.asyncDispose]()
    await to[Symbol.asyncDispose]()
    old.close()
    now.close()
  })
  const passing: TwoSides['passing'] = async (promise, each) => {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise.then(settle, settle)
    for (let seconds = 0; !settled; seconds++) {
      if (seconds > 20_000) throw new Error('not settled after hours of virtual time')
      await old.advance('1s')
      await now.advance('1s')
      each?.()
    }
    return promise
  }
  const readyIn = (world: World, id: AppId) =>
    world.instances(id).filter(({ ready }) => ready).length
  return {
    old,
    now,
    from,
    to,
    passing,
    async deploy(...apps) {
      const rollout = await passing(from.applyGroup(apps))
      await passing(rollout.done())
    },
    ready: (id) => ({ old: readyIn(old, id), now: readyIn(now, id) }),
  }
}

export const web: AppInput = { id: '/shop/web', image: 'shop/web:1', replicas: 4 }

/** In the order they are started, and the old side is left. */
export const shop: readonly AppInput[] = [
  { id: '/shop/store', kind: 'stateful', image: 'shop/store:1', replicas: 2 },
  { id: '/shop/load', kind: 'job', image: 'shop/load:1', dependsOn: { store: 'healthy' } },
  {
    id: '/shop/api',
    image: 'shop/api:1',
    replicas: 2,
    dependsOn: { store: 'healthy', load: 'completed' },
  },
  { ...web, dependsOn: { api: 'healthy' } },
]

export async function ended(
  { passing }: TwoSides,
  migration: Migration,
  each?: () => void,
): Promise<MigrationResult> {
  return passing(migration.result(), each)
}
