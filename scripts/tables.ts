/**
 * The tables of the pages that follow from the code. `npm run tables` writes them between their markers; a test fails
 * when a page is stale.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { type Adapter, type Capabilities, defineApp, type Loss } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { simulated } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { fieldSamples, sampleInput } from 'intermodal/testing'

const ADAPTERS: Readonly<Record<string, () => Adapter>> = { simulated, marathon, swarm }

/** Each page with its tables, by the name in the markers. */
export const TABLES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { capabilities: capabilityTable },
  'docs/swarm.md': { losses: () => lossTable(swarm()) },
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
    .filter((key) => key !== 'inPlace' && key !== 'immutable')
    .map((key) => [
      `\`${key}\``,
      ...adapters.map(([, capabilities]) => cell(capabilities[key as keyof Capabilities])),
    ])
  return markdownTable(['', ...adapters.map(([name]) => `\`intermodal/${name}\``)], rows)
}

function cell(value: Capabilities[keyof Capabilities]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : value.join(', ')
}

/** What becomes of each field of the model, set alone: only those that are not carried exactly. */
function lossTable(adapter: Adapter): string {
  const told = new Map<string, Loss>()
  for (const sample of fieldSamples) {
    for (const kind of sample.kinds) {
      for (const loss of adapter.translate(defineApp(sampleInput(sample, kind))).losses) {
        told.set(`${loss.kind} ${loss.path} ${loss.detail}`, loss)
      }
    }
  }
  const rows = [...told.values()]
    .sort((a, b) => a.path.localeCompare(b.path) || a.kind.localeCompare(b.kind))
    .map(({ path, kind, detail, remedy }) => [`\`${path}\``, kind, detail, remedy ?? ''])
  return markdownTable(['path', 'kind', 'what becomes of it', 'instead'], rows)
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (import.meta.main) {
  for (const [page, tables] of Object.entries(TABLES)) {
    const file = new URL(`../${page}`, import.meta.url)
    await writeFile(file, withTables(page, await readFile(file, 'utf8'), tables))
  }
}
