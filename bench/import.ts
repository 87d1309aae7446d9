import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median, type Row, report } from './measure.ts'

const run = promisify(execFile)
const RUNS = 9

const SUBJECTS = ['zod', 'intermodal', 'intermodal/simulated', 'intermodal/swarm'] as const

/** Start-up, each import in a process of its own, the subjects in turn so that a busy moment hits all alike. */
async function importTime(): Promise<readonly Row[]> {
  const times = new Map<string, number[]>(SUBJECTS.map((name) => [name, []]))
  for (let round = 0; round < RUNS; round++) {
    for (const name of SUBJECTS) times.get(name)?.push(await importOnce(name))
  }
  const zod = median(times.get('zod') ?? [])
  return SUBJECTS.slice(1).map((name) => ({
    what: `import '${name}'`,
    value: median(times.get(name) ?? []),
    unit: 'ms',
    against: { what: "import 'zod'", value: zod },
  }))
}

async function importOnce(name: string): Promise<number> {
  const code = `const start = performance.now(); await import('${name}'); console.log(performance.now() - start)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: import.meta.dirname,
  })
  return Number(stdout)
}

report(await importTime())
