import { type AppId, type Migration, type MigrationStep, migrate, migrateBack } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { ended, shop, type TwoSides, twoSides, web } from './two-sides.ts'

const WEB: AppId = '/shop/web'

async function stepsOf(migration: Migration): Promise<readonly MigrationStep[]> {
  return Array.fromAsync(migration)
}

/** Begins to move `/shop/web` of the old side. */
function begin(
  sides: TwoSides,
  options: Parameters<typeof migrate>[3] = {},
  which: Parameters<typeof migrate>[2] = [WEB],
) {
  return sides.passing(migrate(sides.from, sides.to, which, { clock: sides.now.clock, ...options }))
}

describe('a migration', () => {
  it('starts the app on the new side, and then takes it from the old one step by step', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const result = await ended(sides, migration)
    expect(result).toMatchObject({
      outcome: 'moved',
      message: '1 app moved from legacy to prod',
      apps: {
        [WEB]: {
          on: 'new',
          old: { state: 'suspended', desired: 0, ready: 0 },
          new: { state: 'running', desired: 4, ready: 4 },
        },
      },
    })
    const told = (await stepsOf(migration)).map(({ type, message }) => `${type}: ${message}`)
    expect(told).toEqual([
      'starting: starts on prod',
      'progress: 0 of 4 ready, 4 starting',
      'started: 4 of 4 ready on prod',
      'shifting: 4 → 3 on legacy',
      'shifted: 3 of 4 left on legacy, 4 of 4 ready on prod',
      'shifting: 3 → 2 on legacy',
      'shifted: 2 of 4 left on legacy, 4 of 4 ready on prod',
      'shifting: 2 → 1 on legacy',
      'shifted: 1 of 4 left on legacy, 4 of 4 ready on prod',
      'shifting: 1 → 0 on legacy',
      'shifted: 0 of 4 left on legacy, 4 of 4 ready on prod',
      'finished: serves on prod; is suspended on legacy',
    ])
  })

  it('starts a group in the order of its dependencies, and leaves the old side the other way round', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    const migration = await begin(sides, { steps: 1 }, { group: '/shop' })
    expect((await ended(sides, migration)).outcome).toBe('moved')
    const told = (await stepsOf(migration))
      .filter(({ type }) => ['started', 'skipped', 'shifted'].includes(type))
      .map(({ app, type }) => `${type} ${app}`)
    expect(told).toEqual([
      'started /shop/store',
      'skipped /shop/load',
      'started /shop/api',
      'started /shop/web',
      'shifted /shop/web',
      'shifted /shop/api',
      'shifted /shop/store',
    ])
  })

  it('gives the new side as many instances as the old one has, not as many as were once written', async () => {
    const sides = twoSides()
    await sides.deploy({ ...web, replicas: 2 })
    await sides.passing((await sides.from.scale(WEB, 5)).done())
    const result = await ended(sides, await begin(sides))
    expect(result.apps[WEB]).toMatchObject({ new: { desired: 5, ready: 5 } })
  })

  it('takes the old side down in as many steps as it is told', async () => {
    const sides = twoSides()
    await sides.deploy({ ...web, replicas: 5 })
    const migration = await begin(sides, { steps: 2 })
    expect(migration.plan.apps[0]?.steps).toEqual([2, 0])
    await ended(sides, migration)
    const told = (await stepsOf(migration)).filter(({ type }) => type === 'shifted')
    expect(told.map(({ old }) => old?.desired)).toEqual([2, 0])
  })

  it('leaves the old side as it is when it is to be kept', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const result = await ended(sides, await begin(sides, { finish: 'keep' }))
    expect(result).toMatchObject({
      outcome: 'moved',
      apps: { [WEB]: { on: 'both', old: { ready: 4 }, new: { ready: 4 } } },
    })
  })

  it('removes the old side when it is told to', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    const result = await ended(sides, await begin(sides, { finish: 'remove' }, { group: '/shop' }))
    expect(result.outcome).toBe('moved')
    expect(sides.old.apps().map(({ id }) => id)).toEqual(['/shop/load'])
  })

  it('changes nothing when everything was moved before', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides))
    const picture = () =>
      [...sides.old.apps(), ...sides.now.apps()].map(({ generation, instances }) => ({
        generation,
        instances: instances.map(({ id }) => id),
      }))
    const before = picture()
    const again = await begin(sides)
    expect(again.plan.apps).toMatchObject([
      { stage: 'done', steps: [], summary: 'is on prod already' },
    ])
    expect((await ended(sides, again)).outcome).toBe('moved')
    expect(picture()).toEqual(before)
  })

  it('still knows what it removed from the old side', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides, { finish: 'remove' }))
    const again = await begin(sides, { finish: 'remove' })
    expect(again.plan.apps).toMatchObject([{ stage: 'done' }])
    expect((await ended(sides, again)).outcome).toBe('moved')
  })

  it('removes the old side afterwards, when it was suspended first', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides))
    const again = await begin(sides, { finish: 'remove' })
    expect(again.plan.apps).toMatchObject([{ stage: 'finish' }])
    expect((await ended(sides, again)).outcome).toBe('moved')
    expect(sides.old.apps()).toEqual([])
  })

  it('waits for what it needs on the new side, and is not moved with it', async () => {
    const sides = twoSides()
    await sides.deploy({ id: '/db', image: 'db:1' }, { ...web, dependsOn: { '/db': 'healthy' } })
    await sides.to.apply({ id: '/db', image: 'db:1' })
    const migration = await begin(sides)
    await ended(sides, migration)
    expect((await stepsOf(migration))[0]).toMatchObject({
      type: 'waiting',
      message: 'waits for /db on prod',
    })
  })

  it('has one schedule at a time: the old one is held before the new one begins', async () => {
    const sides = twoSides()
    const report: AppId = '/shop/report'
    const cron = {
      id: report,
      kind: 'cron',
      image: 'report:1',
      schedule: { cron: '0 3 * * *' },
    } as const
    await sides.deploy(cron)
    const migration = await begin(sides, {}, [report])
    const both = new Set<string>()
    await ended(sides, migration, () => {
      const [old, now] = [sides.old, sides.now].map((world) => world.apps()[0]?.state)
      both.add(`${old} ${now}`)
    })
    expect([...both]).not.toContain('running running')
    expect(sides.now.apps()).toMatchObject([{ id: report, state: 'running' }])
    expect(sides.old.apps()).toMatchObject([{ id: report, state: 'suspended' }])
  })

  it('leaves a schedule held that was held, there and back', async () => {
    const sides = twoSides()
    const id: AppId = '/report'
    await sides.deploy({ id, kind: 'cron', image: 'report:1', schedule: { cron: '0 3 * * *' } })
    await sides.passing((await sides.from.suspend(id)).done())
    expect((await ended(sides, await begin(sides, {}, [id]))).outcome).toBe('moved')
    expect(sides.now.apps()).toMatchObject([{ id, state: 'suspended' }])
    expect((await begin(sides, {}, [id])).plan.apps).toMatchObject([{ stage: 'done' }])
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [id], { clock: sides.now.clock }),
    )
    expect((await ended(sides, back)).outcome).toBe('back')
    expect(sides.old.apps()).toMatchObject([{ id, state: 'suspended' }])
  })

  it('gives an app with an autoscaler as many as the old side has at that moment', async () => {
    const sides = twoSides()
    await sides.deploy({
      id: WEB,
      image: 'shop/web:1',
      autoscale: { min: 2, max: 6, metrics: [{ type: 'cpu', utilization: 50 }] },
    })
    await sides.passing((await sides.from.scale(WEB, 5)).done())
    let least = 5
    const migration = await begin(sides)
    expect(migration.plan.apps).toMatchObject([{ replicas: 5, steps: [0] }])
    const result = await ended(sides, migration, () => {
      const { old, now } = sides.ready(WEB)
      least = Math.min(least, old + now)
    })
    expect(result).toMatchObject({ outcome: 'moved', apps: { [WEB]: { new: { ready: 5 } } } })
    expect(least).toBe(5)
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [WEB], { clock: sides.now.clock }),
    )
    expect(await ended(sides, back)).toMatchObject({ outcome: 'back' })
    expect(sides.ready(WEB)).toEqual({ old: 5, now: 0 })
  })

  it('moves an app that is suspended as it is', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await sides.passing((await sides.from.suspend(WEB)).done())
    const result = await ended(sides, await begin(sides))
    expect(result).toMatchObject({
      outcome: 'moved',
      apps: { [WEB]: { on: 'neither', new: { state: 'suspended', desired: 0 } } },
    })
  })

  it('leaves a daemon on both sides, and removes it when told to', async () => {
    const sides = twoSides()
    await sides.deploy({ id: '/agent', kind: 'daemon', image: 'agent:1' })
    const migration = await begin(sides, {}, ['/agent'])
    expect((await ended(sides, migration)).apps['/agent']).toMatchObject({ on: 'both' })
    await ended(sides, await begin(sides, { finish: 'remove' }, ['/agent']))
    expect([sides.old.apps(), sides.now.apps()]).toMatchObject([[], [{ id: '/agent' }]])
  })

  it('runs a job again on the new side when it is told to', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    const migration = await begin(sides, { rerunJobs: true }, { group: '/shop' })
    expect((await ended(sides, migration)).apps['/shop/load']).toMatchObject({
      new: { state: 'completed' },
    })
  })

  it('puts secrets on the new side whose values cannot be read from the old one', async () => {
    const sides = twoSides()
    await sides.from.putSecret({ name: 'key', data: 'old' })
    await sides.deploy({ ...web, env: { KEY: { secret: 'key' } } })
    const refused = await ended(sides, await begin(sides))
    expect(refused).toMatchObject({ outcome: 'back', cause: { code: 'APP_INVALID' } })
    const result = await ended(
      sides,
      await begin(sides, { secrets: [{ name: 'key', data: 'new' }] }),
    )
    expect(result.outcome).toBe('moved')
  })

  it('takes an app as it is given for the new side, with the count of the old one', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides, { apps: [{ id: WEB, image: 'shop/web:kubernetes' }] }))
    expect(sides.now.apps()).toMatchObject([
      { image: 'shop/web:kubernetes', counts: { desired: 4, ready: 4 } },
    ])
  })

  it('is stopped when its block is left', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    let left: Migration
    {
      await using migration = await begin(sides)
      left = migration
    }
    expect(await left.result()).toMatchObject({ outcome: 'stopped' })
  })
})

describe('taking it back', () => {
  it('has the old side serve as before, and leaves nothing on the new one', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    const before = sides.old.apps().map(({ id, counts }) => ({ id, counts }))
    await ended(sides, await begin(sides, {}, { group: '/shop' }))
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, { group: '/shop' }, { clock: sides.now.clock }),
    )
    expect(await sides.passing(back.done())).toMatchObject({
      outcome: 'back',
      message: '4 apps back on legacy as before, and not on prod',
    })
    expect(sides.old.apps().map(({ id, counts }) => ({ id, counts }))).toEqual(before)
    expect(sides.now.apps()).toEqual([])
  })

  it('is refused for an app that was removed from the old side', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides, { finish: 'remove' }))
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [WEB], { clock: sides.now.clock }),
    )
    expect(await ended(sides, back)).toMatchObject({
      outcome: 'failed',
      problems: [
        { code: 'CONFLICT', message: `${WEB} is no longer on legacy, and cannot serve there` },
      ],
      apps: { [WEB]: { on: 'new' } },
    })
  })

  it('changes nothing when nothing was moved', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [WEB], { clock: sides.now.clock }),
    )
    expect(await ended(sides, back)).toMatchObject({
      outcome: 'back',
      apps: { [WEB]: { on: 'old' } },
    })
  })

  it('has a schedule go on where it was', async () => {
    const sides = twoSides()
    const id: AppId = '/report'
    await sides.deploy({ id, kind: 'cron', image: 'report:1', schedule: { cron: '0 3 * * *' } })
    await ended(sides, await begin(sides, {}, [id]))
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [id], { clock: sides.now.clock }),
    )
    expect(await ended(sides, back)).toMatchObject({ outcome: 'back' })
    expect([sides.old.apps(), sides.now.apps()]).toMatchObject([[{ id, state: 'running' }], []])
  })

  it('is what a cancel with back does', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const result = await ended(sides, migration, () => {
      if (sides.ready(WEB).old === 2) migration.cancel({ back: true })
    })
    expect(result).toMatchObject({ outcome: 'back', problems: [] })
    expect(result.cause).toBe(undefined)
    expect(sides.ready(WEB)).toEqual({ old: 4, now: 0 })
  })
})
