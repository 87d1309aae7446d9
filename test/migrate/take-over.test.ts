import { type AppId, migrate, migrateBack, planMigration } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { ended, type TwoSides, twoSides, web } from './two-sides.ts'

const WEB: AppId = '/shop/web'

/** The app on the old side, and another of the same id that somebody else has made on the new one. */
async function occupied(): Promise<TwoSides> {
  const sides = twoSides()
  await sides.deploy(web)
  sides.now.addForeign({ id: WEB, image: 'theirs:1', replicas: 1 }, 'somebody')
  await sides.now.settle()
  return sides
}

const revisionOf = ({ now }: TwoSides) => now.apps()[0]?.revision ?? ''

describe('an app that stands on the new side already', () => {
  it('is told in the plan, and taken over when forced', async () => {
    const sides = await occupied()
    const { from, to, now } = sides
    await expect(sides.passing(migrate(from, to, [WEB]))).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringContaining('--force'),
    })
    const options = { force: true }
    const theirs = revisionOf(sides)
    const plan = await sides.passing(planMigration(from, to, [WEB], options))
    expect(plan.apps[0]).toMatchObject({
      stage: 'start',
      over: theirs,
      summary: expect.stringContaining(`in place of what is there (${theirs})`),
    })
    expect(revisionOf(sides)).toBe(theirs)
    const moved = await ended(sides, await sides.passing(migrate(from, to, [WEB], options)))
    expect(moved).toMatchObject({ outcome: 'moved', apps: { [WEB]: { on: 'new' } } })
    expect(now.apps()[0]).toMatchObject({ image: web.image, managed: true })
    const again = await sides.passing(planMigration(from, to, [WEB]))
    expect(again.apps[0]?.stage).toBe('done')
  })

  it('goes back to its own revision when what is moved does not come up, and is not removed', async () => {
    const sides = await occupied()
    const theirs = revisionOf(sides)
    sides.now.images.missing('shop/web:1')
    const options = { force: true }
    const migration = await sides.passing(migrate(sides.from, sides.to, [WEB], options))
    const result = await ended(sides, migration)
    expect(result.outcome).toBe('back')
    expect(result.message).not.toContain('not on prod')
    await sides.now.settle()
    expect(sides.now.apps()[0]).toMatchObject({ image: 'theirs:1', revision: theirs })
    expect(sides.ready(WEB).old).toBe(4)
  })

  it('goes back to its own revision by another run as well, which finds it by the app alone', async () => {
    const sides = await occupied()
    const theirs = revisionOf(sides)
    const { from, to, now } = sides
    const begin = migrate(from, to, [WEB], { force: true })
    await ended(sides, await sides.passing(begin))
    const back = await sides.passing(migrateBack(from, to, [WEB]))
    expect((await ended(sides, back)).outcome).toBe('back')
    await now.settle()
    expect(now.apps()[0]).toMatchObject({ image: 'theirs:1', revision: theirs })
    expect(sides.ready(WEB).old).toBe(4)
  })

  it('is never taken back when it was not taken over', async () => {
    const sides = await occupied()
    const { from, to } = sides
    const options = { force: true } as object
    await expect(sides.passing(migrateBack(from, to, [WEB], options))).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    expect(sides.now.apps()[0]?.image).toBe('theirs:1')
  })
})
