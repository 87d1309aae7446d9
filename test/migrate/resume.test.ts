import { type AppId, type MigrateOptions, type Migration, migrate, migrateBack } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { ended, shop, type TwoSides, twoSides } from './two-sides.ts'

const GROUP = { group: '/shop' }
const SERVICES: readonly (readonly [AppId, number])[] = [
  ['/shop/store', 2],
  ['/shop/api', 2],
  ['/shop/web', 4],
]

function begin(sides: TwoSides, options: MigrateOptions = {}): Promise<Migration> {
  return sides.passing(
    migrate(sides.from, sides.to, GROUP, { clock: sides.now.clock, steps: 2, ...options }),
  )
}

/** Fails as soon as fewer are ready on both sides together than the old side had. */
function watched(sides: TwoSides): () => void {
  return () => {
    for (const [id, count] of SERVICES) {
      const { old, now } = sides.ready(id)
      if (old + now < count) throw new Error(`${id}: ${old} + ${now} ready, ${count} wanted`)
    }
  }
}

async function stepsWithout(options: MigrateOptions): Promise<number> {
  const sides = twoSides()
  await sides.deploy(...shop)
  const migration = await begin(sides, options)
  await ended(sides, migration)
  return (await Array.fromAsync(migration)).length
}

/** Runs until so many steps have been told, and is gone at once, as a process that is killed. */
async function crashAfter(sides: TwoSides, steps: number, options: MigrateOptions): Promise<void> {
  const crash = new AbortController()
  const migration = await begin(sides, { ...options, signal: crash.signal })
  const following = (async () => {
    let told = 0
    for await (const _ of migration) if (++told === steps) crash.abort(new Error('crash'))
  })()
  await ended(sides, migration, watched(sides)).catch((error: Error) => {
    if (error.message !== 'crash') throw error
  })
  await following
}

describe.each([{ finish: 'suspend' }, { finish: 'remove' }] as const)(
  'a migration to $finish that is cut off',
  (options) => {
    it('goes on to its end, whatever the step it was cut off at', async () => {
      const all = await stepsWithout(options)
      expect(all).toBeGreaterThan(20)
      for (let steps = 1; steps <= all; steps++) {
        const sides = twoSides()
        await sides.deploy(...shop)
        await crashAfter(sides, steps, options)
        const result = await ended(sides, await begin(sides, options), watched(sides))
        expect([steps, result.outcome]).toEqual([steps, 'moved'])
        for (const [id, count] of SERVICES) expect(sides.ready(id)).toEqual({ old: 0, now: count })
        const left = sides.old.apps().map(({ id }) => id)
        expect(left).toHaveLength(options.finish === 'remove' ? 1 : 4)
      }
    })
  },
)

describe('a migration that is cut off', () => {
  it('is taken back whole, whatever the step it was cut off at', async () => {
    const all = await stepsWithout({})
    for (let steps = 1; steps <= all; steps += 2) {
      const sides = twoSides()
      await sides.deploy(...shop)
      await crashAfter(sides, steps, {})
      const back = await sides.passing(
        migrateBack(sides.from, sides.to, GROUP, { clock: sides.now.clock }),
      )
      const result = await ended(sides, back, watched(sides))
      expect([steps, result.outcome]).toEqual([steps, 'back'])
      for (const [id, count] of SERVICES) expect(sides.ready(id)).toEqual({ old: count, now: 0 })
      expect(sides.now.apps()).toEqual([])
    }
  })

  it('goes on with what the old side has become, when that was changed before any was taken away', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    await crashAfter(sides, 6, {})
    await sides.deploy({ id: '/shop/web', image: 'shop/web:2', replicas: 5 })
    const result = await ended(sides, await begin(sides))
    expect(result).toMatchObject({ outcome: 'moved' })
    expect(sides.now.apps().find(({ id }) => id === '/shop/web')).toMatchObject({
      image: 'shop/web:2',
      counts: { ready: 5 },
    })
  })
})
