import { type Adapter, connect } from 'intermodal'
import { createWorld, simulated, type World } from 'intermodal/simulated'
import { makeApp, makeApps, SIZES } from './apps.ts'
import { growth, type Row, report, retained, timed } from './measure.ts'

/** How many apps are changed while someone follows. */
const CHANGES = 500

/** A settled world of so many apps, 100 to a node. */
async function settledWorld(count: number): Promise<World> {
  const nodes = Math.ceil(count / 100)
  const world = createWorld({
    clock: 'manual',
    nodes: Array.from({ length: nodes }, (_, index) => ({
      name: `node-${index}`,
      cpu: 64,
      memory: '256Gi',
    })),
  })
  const adapter = simulated({ world })
  for (const app of makeApps(count)) await adapter.apply(app, call())
  await world.advance('10m')
  return world
}

const call = (signal = new AbortController().signal) => ({
  signal,
  deadline: Number.POSITIVE_INFINITY,
  force: false,
})

/** Changes apps and lets time pass until all of them are rolled out. */
async function changeSome(world: World, adapter: Adapter, version: number): Promise<void> {
  for (let index = 0; index < CHANGES; index++) {
    await adapter.apply(makeApp(index, version), call())
  }
  await world.advance('10m')
}

/** Processor time in microseconds of changing apps, without or with someone who follows. */
async function processorTime(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return user + system
}

const pictures: (readonly [number, number])[] = []
const heaps: (readonly [number, number])[] = []
const followed: Row[] = []

for (const count of SIZES) {
  const world = await settledWorld(count)
  const adapter = simulated({ world })
  const alone = await processorTime(() => changeSome(world, adapter, 2))

  const before = retained()
  const client = connect(simulated({ world }))
  const events = client.events()
  const time = await timed(async () => {
    for (;;) if ((await events.next()).value?.type === 'stream.synced') return
  })
  pictures.push([count, (time * 1_000) / count])
  heaps.push([count, (retained() - before) / count / 1024])

  let seen = 0
  const following = (async () => {
    let ended = 0
    for await (const event of events) {
      seen++
      if (event.type === 'rollout.ended' && ++ended === CHANGES) break
    }
  })()
  const watched = await processorTime(() => changeSome(world, adapter, 3))
  await following
  await client[Symbol.asyncDispose]()
  followed.push({
    what: `change of one among ${count.toLocaleString('en')} apps, followed (${(seen / CHANGES).toFixed(1)} events)`,
    value: watched / CHANGES,
    unit: 'µs',
    against: { what: 'nobody follows', value: alone / CHANGES },
  })
  await adapter[Symbol.asyncDispose]()
}

report([
  ...growth('first full picture by events()', 'µs', pictures),
  ...growth('heap of a client that follows', 'KiB', heaps),
  ...followed,
])
