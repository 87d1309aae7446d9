import { type AppId, type Migration, type MigrationOutcome, migrate, migrateBack } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../adapters/simulated/world/faults.ts'
import { fc } from '../support/property.ts'
import { type TwoSides, twoSides } from './two-sides.ts'

const GROUP = { group: '/shop' }
const COUNTS: readonly (readonly [AppId, number])[] = [
  ['/shop/db', 2],
  ['/shop/web', 3],
]

const OPERATIONS = ['*', '*', 'observe', 'apply', 'scale', 'remove', 'watch'] as const

/** What goes wrong, and after how many seconds of a run. */
const faults = fc.record({
  after: fc.integer({ min: 0, max: 35 }),
  lasts: fc.constantFrom(5, 60, 200, 2000),
  side: fc.constantFrom('old', 'now'),
  how: fc.constantFrom('refuse', 'refuse', 'hang', 'drop', 'delay'),
  operation: fc.constantFrom<Operation>(...OPERATIONS),
})

const runs = fc.record({
  faults: fc.array(faults, { minLength: 1, maxLength: 4 }),
  /** The process is killed after so many seconds. */
  killed: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 3 }),
  back: fc.constantFrom(false, false, false, true),
})

type RunOf<T> = T extends fc.Arbitrary<infer V> ? V : never

describe('a migration, whatever fails', () => {
  it('never has fewer instances ready than there were, and ends wholly moved or wholly back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(runs, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(false, false, false, false, true),
        fc.integer({ min: 1, max: 1000 }),
        async (troubled, neverComesUp, seed) => {
          const sides = twoSides(seed)
          await sides.deploy(
            { id: '/shop/db', kind: 'stateful', image: 'db:1', replicas: 2 },
            { id: '/shop/web', image: 'web:1', replicas: 3, dependsOn: { db: 'healthy' } },
          )
          if (neverComesUp) sides.now.images.missing('web:1')
          for (const run of troubled) await attempt(sides, run)
          const last = await attempt(sides, { faults: [], killed: undefined, back: false })
          expect(last).toBe(neverComesUp ? 'back' : 'moved')
          for (const [id, count] of COUNTS) {
            const [old, now] = neverComesUp ? [count, 0] : [0, count]
            expect(sides.ready(id)).toEqual({ old, now })
          }
        },
      ),
      { numRuns: 100, seed: 20260101 },
    )
  })
})

/** One run of a process that may be killed: how it ended, where it lived to tell. */
async function attempt(
  sides: TwoSides,
  run: RunOf<typeof runs>,
): Promise<MigrationOutcome | 'refused' | 'killed'> {
  const { old, now, from, to, passing } = sides
  const kill = new AbortController()
  const undo = new Set<() => void>()
  for (const { after, lasts, side, how, operation } of run.faults) {
    const never = old.clock.after(after * 1000, () => {
      const { faults } = side === 'old' ? old : now
      const end = how === 'delay' ? faults.delay(operation, '20s') : faults[how](operation)
      undo.add(end)
      old.clock.after(lasts * 1000, end)
    })
    undo.add(never)
  }
  if (run.killed !== undefined)
    old.clock.after(run.killed * 1000, () => kill.abort(new Error('killed')))
  const options = { clock: now.clock, signal: kill.signal, steps: 3, hold: '3s' } as const
  try {
    const migration: Migration = await passing(
      (run.back ? migrateBack : migrate)(from, to, GROUP, options),
      () => check(sides),
    )
    return (await passing(migration.result(), () => check(sides))).outcome
  } catch (error) {
    if (kill.signal.aborted) return 'killed'
    if (error instanceof Error && 'code' in error) return 'refused'
    throw error
  } finally {
    for (const end of undo) end()
    // Whatever was asked for before the end still happens.
    await old.advance('10m')
    await now.advance('10m')
    check(sides)
  }
}

function check({ ready }: TwoSides): void {
  for (const [id, count] of COUNTS) {
    const { old, now } = ready(id)
    if (old + now < count) throw new Error(`${id}: ${old} + ${now} ready of ${count}`)
  }
}
