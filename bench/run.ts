import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import type { Row } from './measure.ts'

const run = promisify(execFile)

/** Each in a process of its own, so that one's heap and warmed-up code are not the next one's. */
const BENCHES = ['import', 'define', 'translate', 'derive', 'picture', 'apply'] as const

/** `npm run bench -- kubernetes`: those that are named; that one is run by hand only, it wants a real control plane. */
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))

const results: Row[] = []
for (const name of asked.length > 0 ? asked : BENCHES) {
  const { stdout } = await run(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=4096', new URL(`${name}.ts`, import.meta.url).pathname],
    { maxBuffer: 1 << 24 },
  )
  results.push(...(JSON.parse(stdout) as Row[]))
}

if (process.argv.includes('--json')) {
  const { node } = process.versions
  process.stdout.write(`${JSON.stringify({ node, time: new Date(), results }, null, 2)}\n`)
} else {
  const table = new Table({
    head: ['what', 'measured', 'against', 'measured', 'ratio'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: ['left', 'right', 'left', 'right', 'right'],
  })
  for (const { what, value, unit, against } of results) {
    table.push([
      what,
      show(value, unit),
      against?.what ?? '',
      against ? show(against.value, unit) : '',
      against ? `${(value / against.value).toFixed(2)}x` : '',
    ])
  }
  process.stdout.write(`${table.toString()}\n`)
}

function show(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${unit}`
}
