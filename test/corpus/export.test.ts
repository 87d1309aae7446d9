import { type Adapter, connect, defineApp, printApp } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { simulated } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import { describe, expect, it } from 'vitest'
import { appsIn } from './reading.ts'

const ALL = await appsIn(['compose', 'kubernetes', 'marathon'])
const SOME = new Map(ALL.filter((_, index) => index % 40 === 0).map((one) => [one.app.id, one]))

interface Engine {
  readonly name: string
  start(): Promise<{ readonly adapter: Adapter } & AsyncDisposable>
}

const ENGINES: readonly Engine[] = [
  {
    name: 'the simulator',
    start: async () => {
      const adapter = simulated()
      return { adapter, [Symbol.asyncDispose]: async () => {} }
    },
  },
  {
    name: 'the fake Marathon',
    start: async () => {
      const fake = await fakeMarathon()
      return {
        adapter: marathon({ url: fake.url }),
        [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
      }
    },
  },
]

describe.each(ENGINES)('an app that runs on $name', ({ start }) => {
  it('is exported as an app file that applies again with no change', async () => {
    await using engine = await start()
    await using client = connect(engine.adapter, { name: 'here' })
    let exported = 0
    for (const { file, app } of SOME.values()) {
      const { dependsOn: _, ...alone } = printApp(app)
      const { losses } = engine.adapter.translate(defineApp(alone))
      if (losses.some(({ kind }) => kind === 'refused' || kind === 'dropped')) continue
      await client.apply(defineApp(alone))
      const { app: live } = await client.export(app.id)
      const plan = await client.plan(defineApp(printApp(live)))
      expect(plan.changes, `${file} ${app.id}`).toEqual([])
      expect(plan.action).toBe('none')
      exported++
    }
    expect(exported).toBeGreaterThan(5)
  })
})
