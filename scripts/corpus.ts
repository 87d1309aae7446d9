import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import Table from 'cli-table3'
import { type ImportLoss, type ImportSource, importApps } from 'intermodal/import'
import { readReference } from '../src/cli/files/references.ts'
import { vanishedKeys } from './vanished.ts'

// npm run corpus -- [--all] DIR…: reads every file of the folders and prints what became of them. Whether keys vanish is
// tried with some of each file's keys, or with all of them.

const DATA = /\.(?:ya?ml|json)$/

interface Outcome {
  readonly file: string
  readonly apps: number
  readonly losses: readonly ImportLoss[]
  readonly vanished: readonly string[]
  readonly refused?: string
  readonly crashed?: string
}

const KEYS_TRIED = 60
const COMPOSE = /^\/(?:services|volumes|networks|configs|secrets|include)\//

const all = process.argv.includes('--all')
const names = process.argv.slice(2).filter((word) => word !== '--all')
if (names.length === 0) {
  process.stderr.write('usage: npm run corpus -- [--all] DIR…\n')
  process.exitCode = 2
}
for (const name of names) {
  const files = await filesIn(resolve(name))
  const outcomes: Outcome[] = []
  for (const file of files) outcomes.push(await outcomeOf(file, relative(resolve(name), file)))
  process.stdout.write(summary(name, outcomes))
  if (outcomes.some(({ crashed, vanished }) => crashed || vanished.length > 0)) process.exitCode = 1
}

async function filesIn(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && DATA.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function outcomeOf(path: string, file: string): Promise<Outcome> {
  try {
    const text = await readFile(path, 'utf8')
    const wanted: ImportSource = { file: basename(file), text, folder: dirname(path) }
    const options = { read: readReference, env: required(text), profiles: ['*'] }
    const read = (source: ImportSource) => importApps([source], options)
    const { apps, losses, problems } = await read(wanted)
    const [problem] = problems
    const refused = problem && `${problem.line ?? ''}: ${problem.path ?? ''} ${problem.message}`
    const vanished = problem ? [] : await vanishedKeys(wanted, read, all ? undefined : KEYS_TRIED)
    return {
      file,
      apps: apps.length,
      losses,
      vanished,
      ...(refused === undefined ? {} : { refused }),
    }
  } catch (error) {
    return {
      file,
      apps: 0,
      losses: [],
      vanished: [],
      crashed: error instanceof Error ? `${error.stack}` : `${error}`,
    }
  }
}

/** Variables that a file insists on get some value: whoever reads a corpus has none of them. */
function required(text: string): Record<string, string> {
  const insisted = text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*):?\?/g)
  return Object.fromEntries([...insisted].map(([, name = '']) => [name, 'value']))
}

function summary(name: string, outcomes: readonly Outcome[]): string {
  const refused = outcomes.filter((outcome) => outcome.refused !== undefined)
  const crashed = outcomes.filter((outcome) => outcome.crashed !== undefined)
  const losses = outcomes.flatMap((outcome) => outcome.losses)
  const totals = new Table({
    head: ['folder', 'files', 'read', 'refused', 'crashed', 'apps', 'losses', 'vanished'],
  })
  totals.push([
    name,
    outcomes.length,
    outcomes.length - refused.length - crashed.length,
    refused.length,
    crashed.length,
    outcomes.reduce((sum, { apps }) => sum + apps, 0),
    losses.length,
    outcomes.reduce((sum, { vanished }) => sum + vanished.length, 0),
  ])
  const kinds = new Table({
    style: { head: [], border: [] },
    head: ['kind', 'key', 'times', 'files'],
  })
  const byKey = Map.groupBy(losses, ({ kind, path }) => `${kind} ${keyOf(path)}`)
  const rows = [...byKey].sort(([, a], [, b]) => b.length - a.length)
  for (const [label, group] of rows) {
    const [kind, key] = label.split(' ')
    kinds.push([kind, key, group.length, new Set(group.map(({ file }) => file)).size])
  }
  const lines = [
    ...outcomes.flatMap(({ file, vanished }) => vanished.map((key) => `vanished ${file}: ${key}`)),
    ...refused.map(({ file, refused }) => `refused ${file}:${refused}`),
    ...crashed.map(({ file, crashed }) => `crashed ${file}: ${crashed}`),
  ]
  return `${totals}\n${rows.length > 0 ? `${kinds}\n` : ''}${lines.map((line) => `${line}\n`).join('')}`
}

/** `/services/web/ports/0` is `services.*.ports`: names and numbers differ from file to file. */
function keyOf(path: string): string {
  const parts = path.split('/').slice(1)
  if (!COMPOSE.test(path))
    return parts.map((part) => (/^\d+$/.test(part) ? '*' : part.replaceAll('~1', '/'))).join('.')
  const [section = '', , key, inner] = parts
  if (key === undefined) return section
  return `${section}.*.${key}${key === 'deploy' && inner ? `.${inner}` : ''}`
}
