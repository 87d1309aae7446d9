import { makeApp, makeApps, SIZES } from './apps.ts'
import { growth, medianTime, report, retained } from './measure.ts'

const times: (readonly [number, number])[] = []
const heaps: (readonly [number, number])[] = []
for (const count of SIZES) {
  const time = await medianTime(3, () => {
    for (let index = 0; index < count; index++) makeApp(index)
  })
  times.push([count, (time * 1_000) / count])
  const before = retained()
  const apps = makeApps(count)
  heaps.push([count, (retained() - before) / apps.length / 1024])
}
report([...growth('defineApp', 'µs', times), ...growth('heap of validated apps', 'KiB', heaps)])
