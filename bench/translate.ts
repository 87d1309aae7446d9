import type { Adapter, App } from 'intermodal'
import { simulated } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { makeApps, SIZES } from './apps.ts'
import { growth, medianTime, type Row, report } from './measure.ts'

const RUNS = 3

/** The pure part of an adapter, held against copying the same app through JSON. */
async function translation(name: string, adapter: Adapter): Promise<readonly Row[]> {
  const perApp = async (apps: readonly App[], work: (app: App) => unknown) =>
    ((await medianTime(RUNS, () => apps.forEach(work))) * 1_000) / apps.length
  const sizes: (readonly [number, number])[] = []
  for (const count of SIZES) {
    sizes.push([count, await perApp(makeApps(count), (app) => adapter.translate(app))])
  }
  const [count] = SIZES
  const copying = await perApp(makeApps(count), (app) => JSON.parse(JSON.stringify(app)))
  const [first, ...rest] = growth(`translate to ${name}`, 'µs', sizes)
  return first
    ? [{ ...first, against: { what: 'JSON copy of the app', value: copying } }, ...rest]
    : rest
}

const targets = { simulated: simulated(), swarm: swarm() }
const rows: Row[] = []
for (const [name, adapter] of Object.entries(targets)) {
  rows.push(...(await translation(name, adapter)))
  await adapter[Symbol.asyncDispose]()
}
report(rows)
