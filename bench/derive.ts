import { type AppId, type AppStatus, deriveStatus, diffStatus, type Instance } from 'intermodal'
import { SIZES } from './apps.ts'
import { growth, medianTime, report, retained } from './measure.ts'

const INSTANCES = 3
const RUNS = 3

const facts = (index: number, ready: boolean) => ({
  kind: 'service' as const,
  desired: INSTANCES,
  revision: 'r2',
  generation: { desired: 2, observed: 2 },
  rollout: { state: ready ? ('succeeded' as const) : ('running' as const), revision: 'r2' },
  instances: Array.from({ length: INSTANCES }, (_, slot) => instance(index, slot, ready)),
})

function instance(index: number, slot: number, ready: boolean): Instance {
  return {
    id: `app-${index}.${slot}`,
    slot: String(slot),
    state: ready ? 'running' : 'starting',
    health: ready ? 'healthy' : 'warmingUp',
    ready,
    revision: 'r2',
    node: `node-${slot}`,
    restarts: 0,
    startedAt: 1_000_000,
  }
}

function status(index: number, ready: boolean): AppStatus {
  const known = facts(index, ready)
  const id: AppId = `/estate/app-${index}`
  return {
    id,
    kind: known.kind,
    image: `registry.example.com/app-${index}:2`,
    revision: known.revision,
    generation: known.generation,
    rollout: known.rollout,
    instances: known.instances,
    labels: { team: 'shop' },
    managed: true,
    observed: { at: 1_000_000, source: 'watch', stale: false },
    ...deriveStatus(known),
  }
}

type Sizes = (readonly [number, number])[]
const [derived, compared, unchanged, heap]: [Sizes, Sizes, Sizes, Sizes] = [[], [], [], []]
for (const count of SIZES) {
  const indexes = Array.from({ length: count }, (_, index) => index)
  const perApp = async (work: (index: number) => unknown) =>
    ((await medianTime(RUNS, () => indexes.forEach(work))) * 1_000) / count

  const snapshots = indexes.map((index) => facts(index, true))
  derived.push([count, await perApp((index) => deriveStatus(snapshots[index] ?? facts(0, true)))])

  const base = retained()
  const after = indexes.map((index) => status(index, true))
  heap.push([count, (retained() - base) / count / 1024])

  const before = indexes.map((index) => status(index, false))
  compared.push([count, await perApp((index) => diffStatus(before[index], after[index]))])
  const again = indexes.map((index) => status(index, true))
  unchanged.push([count, await perApp((index) => diffStatus(again[index], after[index]))])
}
report([
  ...growth(`status of ${INSTANCES} instances`, 'µs', derived),
  ...growth('events of a change', 'µs', compared),
  ...growth('events where nothing changed', 'µs', unchanged),
  ...growth('heap of statuses', 'KiB', heap),
])
