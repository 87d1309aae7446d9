import { parseArgs } from 'node:util'
import { soak } from '../test/laws/soak.ts'
import { retained } from './measure.ts'

/** What may be retained more at the end than when warm: a share of it, and what rounding and caches come to. */
const GROWTH = { share: 0.1, bytes: 4 << 20 }

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20260101' },
    events: { type: 'string', default: '1000000' },
  },
})
const seed = Number(values.seed)
const heaps: number[] = []
const started = performance.now()

process.stdout.write(`soak: seed ${seed}, ${Number(values.events).toLocaleString('en')} events\n`)
const report = await soak({
  seed,
  clusters: 6,
  appsEach: 100,
  replicas: 5,
  events: Number(values.events),
  steps: 1_000_000,
  warm: 0.3,
  measure(estate) {
    heaps.push(retained())
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    process.stdout.write(
      `  at rest after ${estate.events.toLocaleString('en')} events, ${seconds} s: ${mebibytes(heaps.at(-1))}\n`,
    )
  },
})

const [warm = 0, end = 0] = heaps
const bound = warm * (1 + GROWTH.share) + GROWTH.bytes
const figures: readonly (readonly [string, string])[] = [
  ['steps', report.steps.toLocaleString('en')],
  ['events', report.events.toLocaleString('en')],
  ['calls', report.calls.toLocaleString('en')],
  ['rollouts followed', report.outcomes.toLocaleString('en')],
  ['gaps of slow readers', report.gaps.toLocaleString('en')],
  ['instances at the end', report.instances.toLocaleString('en')],
  ['virtual hours', (report.virtual / 3_600_000).toFixed(1)],
  ['seconds', ((performance.now() - started) / 1000).toFixed(1)],
  ['heap when warm', mebibytes(warm)],
  ['heap at the end', `${mebibytes(end)} (bound ${mebibytes(bound)})`],
]
for (const [what, value] of figures) process.stdout.write(`${what.padEnd(22)} ${value}\n`)
if (end > bound) {
  process.stderr.write(`the heap has grown beyond its bound; seed ${seed}\n`)
  process.exitCode = 1
}

function mebibytes(bytes = 0): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
