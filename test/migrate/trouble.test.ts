import {
  type AppId,
  connect,
  type Migration,
  MigrationError,
  migrate,
  migrateBack,
  planMigration,
} from 'intermodal'
import { simulated } from 'intermodal/simulated'
import { describe, expect, it } from 'vitest'
import { ended, shop, type TwoSides, twoSides, web } from './two-sides.ts'

const WEB: AppId = '/shop/web'

async function begin(
  sides: TwoSides,
  options: Parameters<typeof migrate>[3] = {},
  which: Parameters<typeof migrate>[2] = [WEB],
): Promise<Migration> {
  return sides.passing(migrate(sides.from, sides.to, which, { clock: sides.now.clock, ...options }))
}

/** With the old side scaled to `old` instances of 4 when it does. */
function whenLeft(sides: TwoSides, old: number, act: () => void): () => void {
  let done = false
  return () => {
    if (done || sides.old.apps()[0]?.counts.desired !== old) return
    done = true
    act()
  }
}

describe('a migration is refused before anything is changed', () => {
  it('when both sides are the same client', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await expect(sides.passing(migrate(sides.from, sides.from, [WEB]))).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: 'legacy is the old and the new side',
    })
  })

  it('when two clients go to one cluster', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await using again = connect(simulated({ world: sides.old }), { name: 'alias' })
    await expect(sides.passing(migrate(sides.from, again, [WEB]))).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: `legacy and alias have the very same ${WEB}: they are one cluster`,
    })
  })

  it('when both sides go by one name, because the name is what a later run knows the old side by', async () => {
    const sides = twoSides()
    await using other = connect(simulated({ world: sides.now }), { name: 'legacy' })
    await expect(sides.passing(migrate(sides.from, other, [WEB]))).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: 'the old and the new side are both called legacy',
    })
  })

  it('when there is no such app', async () => {
    const sides = twoSides()
    const nothing = sides.passing(migrate(sides.from, sides.to, [WEB]))
    await expect(nothing).rejects.toMatchObject({ code: 'APP_NOT_FOUND', app: WEB })
    const none = sides.passing(migrate(sides.from, sides.to, { group: '/shop' }))
    await expect(none).rejects.toMatchObject({ code: 'APP_NOT_FOUND', cluster: 'legacy' })
  })

  it('when the app is on the new side, and nobody moved it there', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await sides.old.advance('1m')
    await sides.to.apply({ id: WEB, image: 'other:1' })
    await expect(begin(sides)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `${WEB} is on prod already, and was not moved there`,
    })
    expect(sides.now.apps()).toMatchObject([{ image: 'other:1' }])
  })

  it('when the app on the new side was moved there from another cluster', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await ended(sides, await begin(sides, { finish: 'keep' }))
    await using third = connect(simulated({ world: sides.old }), { name: 'third' })
    await expect(
      sides.passing(migrate(third, sides.to, [WEB], { clock: sides.now.clock })),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `${WEB} is on prod already, and came from legacy`,
    })
  })

  it('when a job is still at work', async () => {
    const sides = twoSides()
    sides.old.app('/load').takes({ run: '1h' })
    await sides.from.apply({ id: '/load', kind: 'job', image: 'load:1' })
    await sides.old.advance('1m')
    await expect(begin(sides, {}, ['/load'])).rejects.toMatchObject({
      code: 'CONFLICT',
      message: '/load on legacy is a job that is running',
    })
  })

  it('with everything that is in its way at once', async () => {
    const sides = twoSides()
    await expect(begin(sides, {}, ['/a', '/b'])).rejects.toMatchObject({
      code: 'APP_NOT_FOUND',
      message:
        'nothing was moved, for 2 reasons:\n- there is no app /a on legacy\n- there is no app /b on legacy',
    })
  })

  it('when an app is given that does not move', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    await expect(begin(sides, { apps: [{ id: '/x', image: 'x:1' }] })).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: '/x is given, and is not among the apps that move',
    })
  })

  it('when something would be dropped, unless losses are accepted', async () => {
    const sides = twoSides()
    await sides.deploy({ ...web, native: { swarm: { service: { Labels: { a: 'b' } } } } })
    await expect(begin(sides)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      losses: [
        { app: WEB, path: '/native/swarm/service/Labels/a', kind: 'dropped', side: 'write' },
      ],
    })
    expect(sides.now.apps()).toEqual([])
    const lenient = await begin(sides, { losses: 'lenient' })
    expect((await ended(sides, lenient)).outcome).toBe('moved')
  })

  it.each([0, 1.5, -1, 1001])('in %d steps', async (steps) => {
    const sides = twoSides()
    await expect(begin(sides, { steps })).rejects.toMatchObject({ code: 'APP_INVALID' })
  })
})

describe('a migration goes back', () => {
  it('when the image is not there on the new side', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    sides.now.images.missing('shop/web:1')
    const migration = await begin(sides)
    const result = await ended(sides, migration)
    expect(result).toMatchObject({
      outcome: 'back',
      cause: { code: 'ROLLOUT_FAILED', app: WEB, cluster: 'prod' },
      apps: { [WEB]: { on: 'old', old: { ready: 4 } } },
    })
    expect(result.message).toContain('1 app back on legacy as before, and not on prod')
    expect(sides.now.apps()).toEqual([])
    await expect(migration.done()).rejects.toThrow(MigrationError)
    await expect(migration.done()).rejects.toMatchObject({ outcome: 'back' })
  })

  it('when the last of a group never gets ready on the new side, with all of the group', async () => {
    const sides = twoSides()
    await sides.deploy(...shop)
    sides.now.app(WEB).crashLoop({ on: 'all' })
    const result = await ended(sides, await begin(sides, {}, { group: '/shop' }))
    expect(result).toMatchObject({ outcome: 'back', cause: { app: WEB } })
    expect(sides.now.apps()).toEqual([])
  })

  it('when the new side runs, and crashes after a while: nothing was taken away by then', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    sides.now.app(WEB).crashLoop({ on: 'all', after: '5s' })
    let least = 4
    const result = await ended(sides, await begin(sides), () => {
      least = Math.min(least, sides.ready(WEB).old)
    })
    expect(result).toMatchObject({ outcome: 'back', cause: { app: WEB } })
    expect(least).toBe(4)
  })

  it('when the new side falls ill half-way, and does not recover', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const ill = whenLeft(sides, 2, () => {
      const [one] = sides.now.instances(WEB)
      sides.now.app(WEB).crashLoop({ on: { instance: one?.id ?? '' }, after: '0s' })
      sides.now.app(WEB).crashLoop({ on: 'all', after: '0s' })
    })
    const result = await ended(sides, migration, ill)
    expect(result).toMatchObject({ outcome: 'back', cause: { code: 'ROLLOUT_FAILED', app: WEB } })
    expect(result.cause?.message).toContain('is not ready on prod after 2m')
    expect(sides.ready(WEB)).toEqual({ old: 4, now: 0 })
  })

  it('not when an instance of the new side is ill for a moment: the next step waits for it', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides, { hold: '5s' })
    const blip = whenLeft(sides, 2, () => {
      const [one] = sides.now.instances(WEB)
      sides.now.app(WEB).takes({ start: '60s' })
      void sides.to.kill(WEB, one?.id ?? '')
    })
    const whileIll = new Set<number | undefined>()
    const result = await ended(sides, migration, () => {
      if (sides.ready(WEB).now === 3) whileIll.add(sides.old.apps()[0]?.counts.desired)
      blip()
    })
    expect(result).toMatchObject({ outcome: 'moved' })
    expect([...whileIll]).toEqual([2])
  })

  it('when the new cluster is gone half-way: the old side is as before, and what is left is told', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const lost = whenLeft(sides, 2, () => void sides.now.faults.refuse('*'))
    const result = await ended(sides, migration, lost)
    expect(result).toMatchObject({
      outcome: 'failed',
      cause: { code: 'UNAVAILABLE', cluster: 'prod' },
      problems: [{ code: 'UNAVAILABLE', cluster: 'prod' }],
      apps: { [WEB]: { on: 'both', old: { ready: 4 }, new: 'unreachable' } },
    })
  })

  it('not when the old cluster is gone half-way: the new side is left to serve', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    let undo = () => {}
    const lost = whenLeft(sides, 2, () => {
      undo = sides.old.faults.refuse('*')
    })
    const result = await ended(sides, migration, lost)
    expect(result).toMatchObject({
      outcome: 'failed',
      cause: { code: 'UNAVAILABLE', cluster: 'legacy' },
      apps: { [WEB]: { on: 'both', old: 'unreachable', new: { ready: 4 } } },
    })
    undo()
    expect(await ended(sides, await begin(sides))).toMatchObject({ outcome: 'moved' })
  })

  it('not when a cluster is away for a moment', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const away = whenLeft(sides, 2, () => {
      const undo = [sides.old.faults.refuse('*'), sides.now.faults.refuse('*')]
      sides.old.clock.after(60_000, () => undo.forEach((each) => void each()))
    })
    expect(await ended(sides, migration, away)).toMatchObject({ outcome: 'moved' })
  })

  it('when someone deploys to the old side meanwhile', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides, { hold: '30s' })
    const deployed = whenLeft(
      sides,
      3,
      () => void sides.from.apply({ ...web, image: 'shop/web:2' }),
    )
    const result = await ended(sides, migration, deployed)
    expect(result).toMatchObject({ outcome: 'back', cause: { code: 'CONFLICT', app: WEB } })
    expect(result.cause?.message).toMatch(
      /was changed to revision \w+ on legacy while it was moved/,
    )
    expect(sides.old.apps()).toMatchObject([{ image: 'shop/web:2', counts: { ready: 4 } }])
    expect(sides.now.apps()).toEqual([])
  })

  it('when someone scales the old side meanwhile, and leaves it with no fewer than they wanted', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides, { hold: '30s' })
    const scaled = whenLeft(sides, 3, () => void sides.from.scale(WEB, 6))
    const result = await ended(sides, migration, scaled)
    expect(result).toMatchObject({
      outcome: 'back',
      cause: { code: 'CONFLICT', message: `${WEB} was scaled to 6 on legacy while it was moved` },
    })
    expect(sides.ready(WEB)).toEqual({ old: 6, now: 0 })
  })

  it('cannot when someone removes the old side meanwhile: the new side serves', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides, { hold: '30s' })
    const removed = whenLeft(sides, 3, () => void sides.from.remove(WEB))
    expect(await ended(sides, migration, removed)).toMatchObject({
      outcome: 'failed',
      cause: { code: 'CONFLICT', message: `${WEB} was removed on legacy while it was moved` },
      apps: { [WEB]: { on: 'new', new: { ready: 4 } } },
    })
  })

  it('when it takes longer than it was given', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides, { hold: '1h', deadline: '10m' })
    const result = await ended(sides, migration)
    expect(result).toMatchObject({
      outcome: 'back',
      cause: { code: 'TIMEOUT', message: 'the apps were not moved within 10m' },
    })
    expect(sides.ready(WEB)).toEqual({ old: 4, now: 0 })
  })

  it('not when it is told to stop at a failure', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    sides.now.images.missing('shop/web:1')
    const result = await ended(sides, await begin(sides, { onFailure: 'stop' }))
    expect(result).toMatchObject({ outcome: 'failed', cause: { code: 'ROLLOUT_FAILED' } })
    expect(sides.now.apps()).toHaveLength(1)
    const back = await sides.passing(
      migrateBack(sides.from, sides.to, [WEB], { clock: sides.now.clock }),
    )
    expect(await ended(sides, back)).toMatchObject({ outcome: 'back' })
  })

  it('asks of the old side no more than it had: one that was ill before may be so again', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const [one] = sides.old.instances(WEB)
    sides.old.app(WEB).crashLoop({ on: 'all', after: '0s' })
    await sides.from.kill(WEB, one?.id ?? '')
    await sides.old.advance('1m')
    const before = sides.ready(WEB).old
    sides.now.images.missing('shop/web:1')
    expect(await ended(sides, await begin(sides))).toMatchObject({ outcome: 'back' })
    expect(sides.ready(WEB)).toEqual({ old: before, now: 0 })
  })
})

describe('a migration that is stopped', () => {
  it('tells how every app stands, and goes on from there', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const migration = await begin(sides)
    const stopped = await ended(
      sides,
      migration,
      whenLeft(sides, 2, () => migration.cancel()),
    )
    expect(stopped).toMatchObject({
      outcome: 'stopped',
      message: 'stopped on the way from legacy to prod',
      apps: { [WEB]: { on: 'both', old: { desired: 2 }, new: { desired: 4, ready: 4 } } },
    })
    const plan = await planMigration(sides.from, sides.to, [WEB])
    expect(plan.apps).toMatchObject([
      {
        stage: 'shift',
        steps: [1, 0],
        summary: 'goes on: 4 instances on prod; legacy goes down to 1, 0',
      },
    ])
    expect(await ended(sides, await begin(sides))).toMatchObject({ outcome: 'moved' })
  })

  it('rethrows the reason of its signal, and does nothing more', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    const abort = new AbortController()
    const migration = await begin(sides, { signal: abort.signal })
    const reason = new Error('the process ends')
    const aborted = ended(
      sides,
      migration,
      whenLeft(sides, 2, () => abort.abort(reason)),
    )
    await expect(aborted).rejects.toBe(reason)
    await sides.old.advance('5m')
    expect(sides.old.apps()).toMatchObject([{ counts: { desired: 2 } }])
  })

  it('stops on its way back, too', async () => {
    const sides = twoSides()
    await sides.deploy(web)
    sides.now.images.missing('shop/web:1')
    const migration = await begin(sides)
    sides.old.faults.hang('observe')
    expect(
      await ended(sides, migration, () => {
        if (sides.now.apps()[0]?.reasons[0]?.code === 'ImageNotFound') migration.cancel()
      }),
    ).toMatchObject({ outcome: 'stopped' })
  })
})
