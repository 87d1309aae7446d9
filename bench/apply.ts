import { connect } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'
import { makeApps } from './apps.ts'
import { medianTime, report } from './measure.ts'

const COUNT = 500
const apps = makeApps(COUNT)
const call = {
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  force: false,
}

const emptyWorld = () => simulated({ world: createWorld({ clock: 'manual' }) })

const bare = await medianTime(5, async () => {
  await using adapter = emptyWorld()
  for (const app of apps) await adapter.apply(app, call)
})
const through = await medianTime(5, async () => {
  await using client = connect(emptyWorld())
  for (const app of apps) await client.apply(app)
})
report([
  {
    what: `apply of ${COUNT} apps through a client`,
    value: COUNT / (through / 1_000),
    unit: 'apps/s',
    against: { what: 'the adapter alone', value: COUNT / (bare / 1_000) },
  },
])
