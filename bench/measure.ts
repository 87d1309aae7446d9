/** One measured line of the report. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What it is held against, measured in the same run. */
  readonly against?: { readonly what: string; readonly value: number } | undefined
}

export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

// Long enough for the compiler to be done with what is measured, so that a small size is not held against a hot large one.
const WARM_UP = 200

/** Median milliseconds of several runs, after as many as warming up takes; of one, when that takes seconds anyway. */
export async function medianTime(runs: number, work: () => unknown): Promise<number> {
  for (let spent = 0; spent < WARM_UP; ) {
    const time = await timed(work)
    if (time > 2_000) return time
    spent += time
  }
  const times: number[] = []
  for (let run = 0; run < runs; run++) times.push(await timed(work))
  return median(times)
}

/** Bytes of heap that live on after a full collection. */
export function retained(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** Two sizes of the same work: each per app, the larger held against the smaller. 1x is linear. */
export function growth(
  what: string,
  unit: string,
  sizes: readonly (readonly [count: number, perApp: number])[],
): readonly Row[] {
  const [small] = sizes
  return sizes.map(([count, perApp], index) => ({
    what: `${what}, ${count.toLocaleString('en')} apps, per app`,
    value: perApp,
    unit,
    ...(index > 0 && small
      ? { against: { what: `${small[0].toLocaleString('en')} apps`, value: small[1] } }
      : {}),
  }))
}

/** Hands the rows to `run.ts`, or to whoever runs one benchmark alone. */
export function report(rows: readonly Row[]): void {
  process.stdout.write(`${JSON.stringify(rows)}\n`)
}
