import { migrate, migrateBack, planMigration } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { APPS, legacyShop, standing } from '../../migrate/legacy-shop.ts'
import { clusters, liveClient, SERVER, withStandIns } from './cluster.ts'

const GROUP = { group: '/shop' }

describe.for(clusters)('Marathon apps that move to a real Kubernetes with $name', (cluster) => {
  const [image] = cluster.images

  it('start there in order, are taken from Marathon in steps, and are taken back', async () => {
    await using legacy = await legacyShop(image, SERVER)
    await using live = await liveClient(cluster)
    const [from, to] = [legacy.client, live.client]
    const plan = await planMigration(from, to, GROUP)
    expect(plan.refused).toEqual([])
    expect(plan.apps.map(({ app, stage }) => `${stage} ${app}`)).toEqual(
      APPS.map((id) => `start ${id}`),
    )

    const migration = await migrate(from, to, GROUP, { steps: 2, hold: '1s' })
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
    expect(await live.kubectl('get', 'deployments', '--no-headers')).toMatch(/3\/3/)

    const again = await (await migrate(from, to, GROUP)).done()
    expect(again).toMatchObject({ outcome: 'moved' })

    const back = await (await migrateBack(from, to, GROUP)).done()
    expect(standing(back)).toEqual({ '/shop/store': [1], '/shop/api': [2], '/shop/web': [3] })
  })
})

// Where there is no registry a kubelet only knows that the pull failed, which may pass: a stand-in says the image is not found.
describe.for(withStandIns)('Marathon apps that move to a real Kubernetes with $name', (cluster) => {
  it('stay where they are when an image is not there', async () => {
    const [, , absent] = cluster.images
    await using legacy = await legacyShop(absent, SERVER)
    await using live = await liveClient(cluster)
    const [from, to] = [legacy.client, live.client]
    const result = await (await migrate(from, to, GROUP)).result()
    expect(result).toMatchObject({
      outcome: 'back',
      cause: { app: '/shop/store', cluster: 'live' },
    })
    expect(standing(result)).toEqual({ '/shop/store': [1], '/shop/api': [2], '/shop/web': [3] })
    expect(await live.kubectl('get', 'deployments', '--output', 'name')).toBe('')
  })
})
