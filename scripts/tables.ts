/**
 * The tables of the pages that follow from the code. `npm run tables` writes them between their markers; a test fails
 * when a page is stale.
 */
import { readFile, writeFile } from 'node:fs/promises'
import {
  type Adapter,
  APP_KINDS,
  type AppKind,
  type Capabilities,
  defineApp,
  type Loss,
} from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { marathon } from 'intermodal/marathon'
import { simulated } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { fieldSamples, sampleInput } from 'intermodal/testing'
import { appTable } from './app-table.ts'
import { markdownTable } from './markdown-table.ts'
import { proofTable } from './proof-table.ts'

const ADAPTERS: Readonly<Record<string, () => Adapter>> = {
  simulated,
  kubernetes,
  marathon,
  swarm,
}

/** Each page with its tables, by the name in the markers. */
export const TABLES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { capabilities: capabilityTable, proofs: () => proofTable() },
  'docs/app-file.md': { keys: appTable },
  'docs/kubernetes.md': { losses: () => lossTable(lossesOf(kubernetes())) },
  'docs/marathon.md': {
    losses: () => lossTable(lossesOf(marathon())),
    'losses-before-1.5': () => lossTable(lossesOf(marathon({ version: '1.4' }), marathon())),
  },
  'docs/swarm.md': { losses: () => lossTable(lossesOf(swarm())) },
}

/** The page with what stands between each pair of markers replaced. Throws when a pair is missing. */
export function withTables(
  page: string,
  markdown: string,
  tables: Readonly<Record<string, () => string>>,
): string {
  let result = markdown
  for (const [name, table] of Object.entries(tables)) {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
    const [from, to] = [result.indexOf(start), result.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`${page} has no ${start} … ${end}`)
    result = `${result.slice(0, from + start.length)}\n${table()}\n${result.slice(to)}`
  }
  return result
}

function capabilityTable(): string {
  const adapters = Object.entries(ADAPTERS).map(
    ([name, make]) => [name, make().capabilities] as const,
  )
  const [first] = adapters
  if (!first) throw new Error('there is no adapter')
  const rows = Object.keys(first[1])
    .filter((key) => !['inPlace', 'immutable', 'hostNames'].includes(key))
    .map((key) => [
      `\`${key}\``,
      ...adapters.map(([, capabilities]) => cell(capabilities[key as keyof Capabilities])),
    ])
  return markdownTable(['', ...adapters.map(([name]) => `\`intermodal/${name}\``)], rows)
}

function cell(value: Capabilities[keyof Capabilities]): string {
  if (value === undefined || typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : value.join(', ')
}

interface Told extends Loss {
  /** The kinds of apps it is told of, and those the field was set on. */
  readonly of: Set<AppKind>
  readonly among: Set<AppKind>
}

/** What becomes of each field of the model, set alone, that is not carried exactly; without what another says as well. */
function lossesOf(adapter: Adapter, other?: Adapter): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>()
  for (const sample of fieldSamples) {
    for (const kind of sample.kinds) {
      const app = defineApp(sampleInput(sample, kind))
      const known = new Set(other?.translate(app).losses.map(keyOf))
      for (const loss of adapter.translate(app).losses) {
        const key = keyOf(loss)
        if (known.has(key)) continue
        const entry = told.get(key) ?? { ...loss, of: new Set(), among: new Set() }
        entry.of.add(kind)
        for (const one of sample.kinds) entry.among.add(one)
        told.set(key, entry)
      }
    }
  }
  return told
}

const keyOf = ({ kind, path, detail }: Loss) => `${kind} ${path} ${detail}`

function lossTable(losses: ReadonlyMap<string, Told>): string {
  const rows = [...losses.values()]
    .sort((a, b) => compare(a.path, b.path) || compare(a.kind, b.kind))
    .map(({ path, kind, detail, remedy, of, among }) => [
      `\`${path}\``,
      of.size < among.size ? APP_KINDS.filter((one) => of.has(one)).join(', ') : '',
      kind,
      detail,
      remedy ?? '',
    ])
  return markdownTable(['path', 'only of', 'loss', 'what becomes of it', 'instead'], rows)
}

// Whatever the language of the machine that makes the page.
const compare = (a: string, b: string) => a.localeCompare(b, 'en')

if (import.meta.main) {
  for (const [page, tables] of Object.entries(TABLES)) {
    const file = new URL(`../${page}`, import.meta.url)
    await writeFile(file, withTables(page, await readFile(file, 'utf8'), tables))
  }
}
