import type { Clock } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { afterAll, expect, test } from 'vitest'
import { marathonTarget } from '../conformance/marathon-target.ts'
import { someGroups } from './some-groups.ts'

const HOUR = 3_600_000
const ASKED = ['observe', 'scale', 'restart', 'rollback', 'rollout', 'rollout rolled back', 'watch']

const target = await marathonTarget('1.11')
afterAll(() => target[Symbol.asyncDispose]())
const { fake } = target

/** The same seconds, told by a clock that is wrong. */
const skewed = (by: number): Clock => ({
  now: () => fake.world.clock.now() + by,
  after: (milliseconds, callback) => fake.world.clock.after(milliseconds, callback),
})

for (const [name, by] of [
  ['two hours behind ours', 2 * HOUR],
  ['two hours ahead of ours', -2 * HOUR],
] as const) {
  const adapter = () => marathon({ url: fake.url, clock: skewed(by), random: () => 0.5 })
  const asked = await someGroups(
    { ...target, name: `a Marathon whose clock is ${name}`, connect: async () => adapter() },
    ASKED,
  )

  test(`all that there is to ask was asked of a Marathon ${name}`, () => {
    expect([...asked].sort()).toEqual([...ASKED].sort())
  })

  test(`what is seen is seen by our own time, with a Marathon ${name}`, async () => {
    await using ours = adapter()
    const never = new AbortController().signal
    const call = { signal: never, deadline: Number.POSITIVE_INFINITY, force: false }
    await fetch(`${fake.url}/v2/apps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: `/skew${by}`, cmd: 'serve', cpus: 64 }),
    })
    const status = await ours.observe(`/skew${by}`, call)
    expect(status?.observed.at).toBe(fake.world.clock.now() + by)
    await ours.remove(`/skew${by}`, call)
  })
}
