import { connect, migrate, migrateBack, planMigration } from 'intermodal'
import { swarm } from 'intermodal/swarm'
import { describe, expect, inject, it } from 'vitest'
import { APPS, legacyShop, standing } from '../../migrate/legacy-shop.ts'
import { IMAGE, NO_IMAGE } from './cluster.ts'

const GROUP = { group: '/shop' }

/** Marathon's shop, and a real Swarm that has nothing of it before and after. */
async function sides(image: string) {
  const legacy = await legacyShop(image)
  const to = connect(swarm({ host: inject('dockerHost') }), { name: 'live' })
  return {
    from: legacy.client,
    to,
    clock: legacy.world.clock,
    async [Symbol.asyncDispose]() {
      for (const id of APPS) await to.remove(id)
      await to[Symbol.asyncDispose]()
      await legacy[Symbol.asyncDispose]()
    },
  }
}

describe('Marathon apps that move to a real Swarm', () => {
  it('start there in order, are taken from Marathon, and are taken back', async () => {
    await using shop = await sides(IMAGE)
    const { from, to } = shop
    const plan = await planMigration(from, to, GROUP)
    expect(plan.refused).toEqual([])
    expect(plan.apps.map(({ app, steps }) => [app, steps])).toEqual([
      ['/shop/store', [0]],
      ['/shop/api', [1, 0]],
      ['/shop/web', [2, 1, 0]],
    ])

    const migration = await migrate(from, to, GROUP, { steps: 1, hold: '0s' })
    const told: string[] = []
    for await (const { type, app } of migration)
      if (type === 'started' || type === 'finished') told.push(`${type} ${app}`)
    const result = await migration.done()
    expect(told).toEqual([
      ...APPS.map((id) => `started ${id}`),
      ...APPS.map((id) => `finished ${id}`),
    ])
    expect(standing(result)).toEqual({
      '/shop/store': [0, 1],
      '/shop/api': [0, 2],
      '/shop/web': [0, 3],
    })

    const again = await (await migrate(from, to, GROUP)).done()
    expect(again).toMatchObject({ outcome: 'moved' })

    const back = await (await migrateBack(from, to, GROUP)).done()
    expect(standing(back)).toEqual({ '/shop/store': [1], '/shop/api': [2], '/shop/web': [3] })
  })

  it('stay where they are when an image is not there', async () => {
    await using shop = await sides(NO_IMAGE)
    const { from, to } = shop
    const result = await (await migrate(from, to, GROUP)).result()
    expect(result).toMatchObject({
      outcome: 'back',
      cause: { app: '/shop/store', cluster: 'live' },
    })
    expect(standing(result)).toEqual({ '/shop/store': [1], '/shop/api': [2], '/shop/web': [3] })
  })
})
