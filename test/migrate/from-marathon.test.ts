import { connect, migrate, migrateBack, planMigration } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'
import { describe, expect, it } from 'vitest'
import { APPS, legacyShop, standing } from './legacy-shop.ts'

const GROUP = { group: '/shop' }
const SPEED = 300

describe.each(['1.4', '1.11'] as const)(
  'apps of a Marathon %s that nobody of ours made',
  (version) => {
    it('are planned, moved, found moved, and taken back', async () => {
      await using legacy = await legacyShop('shop:1', undefined, { version, speed: SPEED })
      const world = createWorld({ seed: 9, clock: { speed: SPEED } })
      await using to = connect(simulated({ world }), { name: 'prod' })
      const { client: from } = legacy
      const options = { clock: world.clock, steps: 2 }

      const plan = await planMigration(from, to, GROUP, options)
      expect(plan.refused).toEqual([])
      expect(plan.apps.map(({ app, replicas, steps }) => [app, replicas, steps])).toEqual([
        ['/shop/store', 1, [0]],
        ['/shop/api', 2, [1, 0]],
        ['/shop/web', 3, [1, 0]],
      ])

      await using migration = await migrate(from, to, GROUP, options)
      const told: string[] = []
      for await (const { type, app } of migration) if (type === 'started') told.push(app)
      expect(told).toEqual(APPS)
      const moved = await migration.done()
      expect(standing(moved)).toEqual({
        '/shop/store': [0, 1],
        '/shop/api': [0, 2],
        '/shop/web': [0, 3],
      })

      const { apps } = await planMigration(from, to, GROUP, options)
      expect(apps.map(({ stage }) => stage)).toEqual(['done', 'done', 'done'])

      const back = await (await migrateBack(from, to, GROUP, options)).done()
      expect(standing(back)).toEqual({ '/shop/store': [1], '/shop/api': [2], '/shop/web': [3] })
      world.close()
    })
  },
)
