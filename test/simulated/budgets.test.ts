import type { Amount } from 'intermodal'
import { describe, expect, test } from 'vitest'
import { updateBudgets } from '../../adapters/simulated/world/budgets.ts'
import { demandOf } from '../../adapters/simulated/world/placement.ts'
import { fc } from '../support/property.ts'
import { call, setup, WEB, web } from './setup.ts'

const update = (change: object) => web({ update: change }).update

describe('the budgets of an update', () => {
  test('round what may be missing down and what may be in addition up', () => {
    expect(updateBudgets(update({ maxUnavailable: '25%', maxSurge: '25%' }), 5)).toEqual({
      unavailable: 1,
      surge: 2,
    })
    expect(updateBudgets(update({ maxUnavailable: '99%', maxSurge: '1%' }), 1)).toEqual({
      unavailable: 0,
      surge: 1,
    })
  })

  test('let one be missing when rounding leaves nothing of both', () => {
    expect(updateBudgets(update({ maxUnavailable: '10%', maxSurge: 0 }), 3)).toEqual({
      unavailable: 1,
      surge: 0,
    })
  })

  test('never let more be missing than there are', () => {
    expect(updateBudgets(update({ maxUnavailable: 10, maxSurge: 0 }), 3).unavailable).toBe(3)
  })

  test('give a recreate everything to miss and nothing in addition', () => {
    expect(updateBudgets(update({ strategy: 'recreate' }), 4)).toEqual({
      unavailable: 4,
      surge: 0,
    })
  })
})

type Step =
  | { readonly do: 'apply'; readonly image: number }
  | { readonly do: 'scale'; readonly to: number }
  | { readonly do: 'restart' | 'rollback' | 'pause' | 'resume' | 'suspend' | 'crash' | 'unhealthy' }
  | { readonly do: 'kill' | 'lose'; readonly which: number }

const amount: fc.Arbitrary<Amount> = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom<Amount>('0%', '25%', '50%', '100%'),
)
const calm: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('apply' as const), image: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('scale' as const), to: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    do: fc.constantFrom(
      'restart' as const,
      'rollback' as const,
      'pause' as const,
      'resume' as const,
      'suspend' as const,
    ),
  }),
)
const rough: fc.Arbitrary<Step> = fc.oneof(
  calm,
  fc.record({ do: fc.constantFrom('crash' as const, 'unhealthy' as const) }),
  fc.record({ do: fc.constantFrom('kill' as const, 'lose' as const), which: fc.nat(20) }),
)
const plan = (step: fc.Arbitrary<Step>): fc.Arbitrary<PlanOf> =>
  fc.record({
    seed: fc.nat(),
    maxSurge: amount,
    maxUnavailable: amount,
    batchSize: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    minReadyTime: fc.constantFrom('0s' as const, '3s' as const),
    onFailure: fc.constantFrom('pause' as const, 'rollback' as const, 'continue' as const),
    steps: fc.array(fc.tuple(step, fc.integer({ min: 0, max: 30 })), { maxLength: 8 }),
  })

/** Runs it, and looks at the world before every moment in which something happens. */
async function run(
  { steps, seed, ...policy }: PlanOf,
  look: (world: ReturnType<typeof setup>, step: Step | undefined) => void,
) {
  const s = setup({ seed, timings: { jitter: 0.4 } })
  const zero = (value: unknown) => value === 0 || value === '0%'
  const { batchSize, ...given } = policy
  const stuck = zero(given.maxSurge) && zero(given.maxUnavailable)
  const limits = stuck ? { ...given, maxSurge: 1 } : given
  const app = (image: number) => ({
    image: `shop/web:${image}`,
    resources: { requests: { cpu: 0.1 } },
    probes: { readiness: { type: 'http', port: 80, interval: '1s' } } as const,
    update: { ...limits, ...(batchSize ? { batchSize } : {}), progressDeadline: '60s' } as const,
  })
  const pass = async (milliseconds: number, step?: Step) => {
    await s.world.engine.timeline.advanceUntil(() => {
      look(s, step)
      return false
    }, milliseconds)
  }
  await s.apply({ ...app(1), replicas: 3 })
  await pass(20_000)
  for (const [step, seconds] of steps) {
    await take(s, step, app)
    await pass(seconds * 1000, step)
  }
  return s
}

interface PlanOf {
  seed: number
  maxSurge: Amount
  maxUnavailable: Amount
  batchSize: number | undefined
  minReadyTime: '0s' | '3s'
  onFailure: 'pause' | 'rollback' | 'continue'
  steps: [Step, number][]
}

async function take(
  { adapter, apply, world }: ReturnType<typeof setup>,
  step: Step,
  app: (image: number) => object,
): Promise<void> {
  switch (step.do) {
    case 'apply':
      await apply(app(step.image))
      return
    case 'scale':
      await adapter.scale?.(WEB, step.to, call)
      return
    case 'crash':
      world.app(WEB).failNext()
      return
    case 'unhealthy':
      world.app(WEB).unhealthy()
      return
    case 'kill': {
      const all = world.instances(WEB)
      const one = all[step.which % Math.max(1, all.length)]
      if (one) await adapter.kill?.(WEB, one.id, call)
      return
    }
    case 'lose': {
      const node = world.node(`node-${(step.which % 3) + 1}`)
      if (step.which % 2 === 0) node.kill()
      else node.restore()
      return
    }
    case 'rollback':
      await adapter.rollback?.(WEB, undefined, call).catch(onlyConflict)
      return
    case 'pause':
      await adapter.pause?.(WEB, call).catch(onlyConflict)
      return
    default:
      await adapter[step.do]?.(WEB, call)
  }
}

function onlyConflict(error: { readonly code?: string }): undefined {
  if (error.code !== 'CONFLICT') throw error
}

const OCCUPYING = ['pending', 'assigned', 'preparing', 'starting', 'running', 'stopping']

describe('whatever is asked of an app, in whatever order', () => {
  test('there are never more instances than wanted and the surge, unless the count was lowered', async () => {
    await fc.assert(
      fc.asyncProperty(plan(rough), async (p) => {
        let before = 0
        await run(p, ({ world, status }) => {
          const { engine } = world
          const record = engine.state.apps.get(WEB)
          if (!record) return
          const { surge } = updateBudgets(record.spec.app.update, record.replicas)
          const now = status().instances.filter(({ state }) => OCCUPYING.includes(state)).length
          expect(now).toBeLessThanOrEqual(Math.max(record.replicas + surge, before))
          before = now
        })
      }),
      { numRuns: 60 },
    )
  })

  test('an update never makes more unavailable than its budget', async () => {
    await fc.assert(
      fc.asyncProperty(plan(calm), async (p) => {
        let before = 0
        await run(p, ({ world, status }) => {
          const record = world.engine.state.apps.get(WEB)
          if (!record) return
          const { unavailable } = updateBudgets(record.spec.app.update, record.replicas)
          const now = status().instances.filter(({ ready }) => ready).length
          expect(now).toBeGreaterThanOrEqual(Math.min(before, record.replicas - unavailable))
          before = now
        })
      }),
      { numRuns: 60 },
    )
  })

  test('counts and reservations add up', async () => {
    await fc.assert(
      fc.asyncProperty(plan(rough), async (p) => {
        await run(p, ({ world, status }) => {
          const { counts, instances } = status()
          const live = instances.filter(
            ({ state }) => OCCUPYING.includes(state) && state !== 'stopping',
          ).length
          expect(counts.running + counts.pending).toBe(live)
          expect(counts.ready).toBeLessThanOrEqual(counts.updated)
          expect(counts.healthy + counts.unhealthy + counts.unknown).toBeLessThanOrEqual(
            counts.updated,
          )
          expect(new Set(instances.map(({ id }) => id)).size).toBe(instances.length)
          const { cpu } = demandOf(web({ resources: { requests: { cpu: 0.1 } } }))
          for (const node of world.nodes()) {
            const here = world
              .instances(WEB)
              .filter(
                ({ node: on, state }) =>
                  on === node.name && (OCCUPYING.includes(state) || state === 'lost'),
              )
            expect(node.reserved.cpu).toBe(here.length * cpu)
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  test('it comes to rest with what was wanted, when nothing is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(plan(calm), async (p) => {
        const { adapter, world, status } = await run(p, () => {})
        await adapter.resume?.(WEB, call)
        expect(await world.settle({ limit: '1h' })).toBe(true)
        const { state, counts, rollout } = status()
        expect(['running', 'suspended']).toContain(state)
        expect(counts.ready).toBe(counts.desired)
        expect(rollout?.state).toBe('succeeded')
      }),
      { numRuns: 60 },
    )
  })
})
