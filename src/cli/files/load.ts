import {
  type App,
  type AppId,
  type AppInput,
  defineGroup,
  type Group,
  InvalidAppError,
  isApp,
  type Material,
  safeDefine,
} from 'intermodal'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { fillContent } from './content.ts'
import { type Document, type Path, parsePointer, toPointer } from './document.ts'
import { type Entry, entriesOf, isGroupDocument } from './entries.ts'
import { readMaterials } from './material.ts'
import { loadModule } from './module.ts'
import { formatProblem, InvalidInputError, type Problem } from './problem.ts'
import { openSources } from './sources.ts'
import { parseYaml } from './yaml.ts'

/**
 * Every app, secret and config of some files, checked as a whole and in the order of their dependencies.
 *
 * Throws an `InvalidInputError` with every problem of every document: one wrong document, and nothing is used.
 * `${VAR}` in a file is plain text: what differs between places belongs in a module, or in `{ env }` of a secret.
 */
export async function loadApps(
  io: Pick<Io, 'cwd' | 'env' | 'stdin'>,
  names: readonly string[] = [],
): Promise<Group> {
  if (names.length === 0)
    throw new UsageError(
      'no app file was given',
      'name one with -f FILE, or -f - for standard input',
    )
  const problems: Problem[] = []
  const documents = await readDocuments(io, names, problems)
  const entries: Entry[] = []
  const secrets = new Map<string, Material>()
  const configs = new Map<string, Material>()
  for (const document of documents) {
    const fail = failer(document, problems)
    entries.push(...entriesOf(document, fail))
    if (!isGroupDocument(document.value)) continue
    for (const [section, known] of [
      ['secrets', secrets],
      ['configs', configs],
    ] as const) {
      for (const material of await readMaterials(io, document, section, fail)) {
        if (known.has(material.name)) fail([section, material.name], 'is defined twice')
        known.set(material.name, material)
      }
    }
  }
  const apps = await defineEntries(entries, problems)
  if (problems.length > 0) throw new InvalidInputError(problems)
  return {
    apps: order(apps, problems),
    secrets: [...secrets.values()],
    configs: [...configs.values()],
  }
}

async function readDocuments(
  io: Pick<Io, 'cwd' | 'stdin'>,
  names: readonly string[],
  problems: Problem[],
): Promise<Document[]> {
  const opened = await openSources(io, names)
  problems.push(...opened.problems)
  const documents: Document[] = []
  for (const source of opened.sources) {
    const { file, folder } = source
    const read =
      source.type === 'module'
        ? await loadModule(file, folder, source.path)
        : parseYaml(file, folder, source.text)
    documents.push(...read.documents)
    problems.push(...read.problems)
    if (read.documents.length === 0 && read.problems.length === 0)
      problems.push({ file, message: 'is empty: it has no app in it' })
  }
  return documents
}

function failer(document: Document, problems: Problem[]) {
  return (path: Path, message: string, key?: string): undefined => {
    const { file } = document
    problems.push({ file, ...document.locate(path, key), pointer: toPointer(path), message })
  }
}

type Defined = Entry & { readonly app: App }

async function defineEntries(entries: readonly Entry[], problems: Problem[]): Promise<Defined[]> {
  const defined = new Map<AppId, Defined>()
  for (const entry of entries) {
    const { document, path } = entry
    const fail = failer(document, problems)
    const input = isApp(entry.input)
      ? entry.input
      : await fillContent(document, path, entry.input, fail)
    const result = isApp(input) ? { app: input } : safeDefine(input)
    if ('issues' in result) {
      for (const issue of result.issues) {
        for (const message of issue.message.split(SEVERAL_KEYS)) {
          const key = UNKNOWN_KEY.exec(message)?.[1]
          fail([...path, ...parsePointer(issue.path)], message, key)
        }
      }
      continue
    }
    const first = defined.get(result.app.id)
    if (first) {
      const { file, locate } = first.document
      const at = formatProblem({ file, ...locate(first.path), message: '' }).trim()
      fail(path, `is a second app with the id ${result.app.id}; the first is at ${at}`)
    } else defined.set(result.app.id, { ...entry, app: result.app })
  }
  return [...defined.values()]
}

// One issue of core names all unknown keys of a place; each has a line of its own in the file.
const SEVERAL_KEYS = /; (?=has an unknown key ")/
const UNKNOWN_KEY = /^has an unknown key "([^"]+)"/

/** Dependencies first. A cycle, or a wait that can never end, is told where it is written. */
function order(defined: readonly Defined[], problems: Problem[]): Group['apps'] {
  try {
    return defineGroup(defined.map(({ app }) => app as App | AppInput)).apps
  } catch (error) {
    if (!(error instanceof InvalidAppError)) throw error
    for (const { path, message } of error.issues) {
      const entry = defined
        .filter(({ app }) => path.startsWith(`${app.id}/`))
        .sort((a, b) => b.app.id.length - a.app.id.length)[0]
      if (!entry) throw error
      const inner = parsePointer(path.slice(entry.app.id.length))
      failer(entry.document, problems)([...entry.path, ...inner], message)
    }
    throw new InvalidInputError(problems)
  }
}
