import { parseArgs } from 'node:util'
import { wireSoak } from '../test/faults/soak.ts'
import { everyTarget } from '../test/faults/targets/every.ts'
import { soak } from '../test/laws/soak.ts'

/** What may be retained more at the end than when warm: a share of it, and what rounding and caches come to. */
const GROWTH = { share: 0.1, bytes: 4 << 20 }

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20260101' },
    /** Of the simulated clusters. */
    events: { type: 'string', default: '1000000' },
    /** Of the clusters behind proxies, where every byte goes over a socket. */
    'wire-events': { type: 'string', default: '200000' },
    /** Apps of five instances on each of them. */
    'wire-apps': { type: 'string', default: '100' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
if (values.only !== 'wire') await simulated(Number(values.events))
if (values.only !== 'simulated') await wire(Number(values['wire-events']))

async function simulated(events: number): Promise<void> {
  const heaps: number[] = []
  const elapsed = stopwatch()
  print(`soak: simulated, seed ${seed}, ${count(events)} events`)
  const report = await soak({
    seed,
    clusters: 6,
    appsEach: 100,
    replicas: 5,
    events,
    steps: 1_000_000,
    warm: 0.3,
    async measure(estate) {
      heaps.push(await retained())
      print(
        `  at rest after ${count(estate.events)} events, ${elapsed()} s: ${mebibytes(heaps.at(-1))}`,
      )
    },
  })
  table([
    ['steps', count(report.steps)],
    ['events', count(report.events)],
    ['calls', count(report.calls)],
    ['rollouts followed', count(report.outcomes)],
    ['gaps of slow readers', count(report.gaps)],
    ['instances at the end', count(report.instances)],
    ['virtual hours', (report.virtual / 3_600_000).toFixed(1)],
    ['seconds', elapsed()],
  ])
  mustNotGrow(heaps)
}

async function wire(events: number): Promise<void> {
  const heaps: number[] = []
  const elapsed = stopwatch()
  print(`soak: two of each fake behind bad wires, seed ${seed}, ${count(events)} events`)
  const targets = await everyTarget(seed)
  const report = await wireSoak({
    seed,
    targets,
    appsEach: Number(values['wire-apps']),
    replicas: 5,
    events,
    steps: 1_000_000,
    callsAtOnce: 20,
    // By the first of them an hour has passed, and so long engines keep their evidence.
    rests: [0.4, 0.6, 0.8],
    async measure(soFar) {
      heaps.push(await retained())
      print(
        `  at rest after ${count(soFar.events)} events, ${elapsed()} s: ${mebibytes(heaps.at(-1))}`,
      )
    },
  })
  for (const target of targets) await target[Symbol.asyncDispose]()
  await turns()
  const kept = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  table([
    ['steps', count(report.steps)],
    ['events', count(report.events)],
    ['calls', count(report.calls)],
    ['rollouts followed', count(report.rollouts)],
    ['faults of the wire', count(report.faults)],
    ['requests', count(report.requests)],
    ['instances at the end', count(report.instances)],
    ['virtual hours', (report.virtual / 3_600_000).toFixed(1)],
    ['seconds', elapsed()],
    ['sockets left', count(kept)],
  ])
  mustNotGrow(heaps)
  if (kept > 0) fail(`${kept} sockets are left`)
}

/** Bytes that live on, on the heap and in buffers beside it, once what was collected has been cleaned up after. */
async function retained(): Promise<number> {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  for (let time = 0; time < 3; time++) {
    globalThis.gc()
    await turns()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What was closed or collected is gone a few turns later. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function mustNotGrow(heaps: readonly number[]): void {
  const [warm = 0, end = 0] = [heaps[0], heaps.at(-1)]
  const bound = warm * (1 + GROWTH.share) + GROWTH.bytes
  table([
    ['memory when warm', mebibytes(warm)],
    ['memory at the end', `${mebibytes(end)} (bound ${mebibytes(bound)})`],
  ])
  if (end > bound) fail('the memory has grown beyond its bound')
}

function fail(what: string): void {
  process.stderr.write(`${what}; seed ${seed}\n`)
  process.exitCode = 1
}

function stopwatch(): () => string {
  const started = performance.now()
  return () => ((performance.now() - started) / 1000).toFixed(1)
}

function table(figures: readonly (readonly [string, string])[]): void {
  for (const [what, value] of figures) print(`${what.padEnd(22)} ${value}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function mebibytes(bytes = 0): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
