import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { UsageError } from './exit.ts'
import { toPointer } from './files/document.ts'
import { importModule, isModule } from './files/module.ts'
import { formatProblem, InvalidInputError } from './files/problem.ts'
import { readText } from './files/text.ts'
import { parseYaml } from './files/yaml.ts'
import type { Io } from './io.ts'

const CONFIG = /^intermodal\.config\.(ya?ml|json|[mc]?[jt]s)$/
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/

const targetSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({
      on: z.string().min(1),
      timeout: z.string().optional(),
      idle: z.string().optional(),
      options: z.record(z.string(), z.unknown()).optional(),
    }),
  ],
  { error: 'needs a target such as "swarm:", or { on, timeout?, idle?, options? }' },
)

const configSchema = z.strictObject({
  $schema: z.string().optional(),
  default: z.string().optional(),
  targets: z
    .record(
      z.string().regex(NAME, 'needs a name of letters, digits, ".", "_" and "-"'),
      targetSchema,
    )
    .default({}),
})

/** One target as `intermodal.config` has it. `options` go to the adapter as they are. */
export interface ConfiguredTarget {
  readonly on: string
  readonly timeout?: string | undefined
  readonly idle?: string | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

/** What a module `intermodal.config.ts` exports by default. */
export interface Config {
  readonly default?: string | undefined
  readonly targets: Readonly<Record<string, ConfiguredTarget>>
  /** The file it was read from; absent when there is none. */
  readonly file?: string | undefined
}

/** The nearest `intermodal.config` file, from the current directory upward. None is an empty configuration. */
export async function loadConfig(io: Pick<Io, 'cwd'>): Promise<Config> {
  const path = await findConfig(io.cwd)
  if (!path) return { targets: {} }
  const file = relative(io.cwd, path) || path
  const { value, locate } = isModule(path)
    ? await readModule(file, path)
    : await readData(file, path)
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) {
    throw new InvalidInputError(
      parsed.error.issues.map((issue) => {
        const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
        return { file, ...locate(at), pointer: toPointer(at), message: lowerFirst(issue.message) }
      }),
    )
  }
  const targets = Object.fromEntries(
    Object.entries(parsed.data.targets).map(([name, target]) => [
      name,
      typeof target === 'string' ? { on: target } : target,
    ]),
  )
  const chosen = parsed.data.default
  if (chosen !== undefined && !chosen.includes(':') && !(chosen in targets)) {
    const known = Object.keys(targets).join(', ') || 'none'
    const message = `names no target of this file (it has: ${known})`
    throw new InvalidInputError([{ file, ...locate(['default']), pointer: '/default', message }])
  }
  return { default: chosen, targets, file: path }
}

async function findConfig(from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const names = await readdir(folder).catch((): string[] => [])
    const found = names.filter((name) => CONFIG.test(name)).sort()
    if (found.length > 1) {
      throw new UsageError(
        `${folder} has several configurations: ${found.join(', ')}`,
        'keep one of them',
      )
    }
    if (found[0]) return join(folder, found[0])
    if (dirname(folder) === folder) return undefined
  }
}

type Located = Pick<ReturnType<typeof parseYaml>['documents'][number], 'value' | 'locate'>

async function readModule(file: string, path: string): Promise<Located> {
  const loaded = await importModule(path)
  if ('problem' in loaded) throw new InvalidInputError([{ file, message: loaded.problem }])
  const value = loaded.exports.default
  if (value === undefined)
    throw new InvalidInputError([{ file, message: 'has no default export: { targets: { … } }' }])
  return { value, locate: () => undefined }
}

async function readData(file: string, path: string): Promise<Located> {
  const read = await readText(path)
  if ('problem' in read) throw new UsageError(formatProblem({ file, message: read.problem }))
  const { documents, problems } = parseYaml(file, dirname(path), read.text)
  if (problems.length > 0) throw new InvalidInputError(problems)
  if (documents.length > 1)
    throw new InvalidInputError([
      { file, message: 'has several documents; a configuration is one' },
    ])
  return documents[0] ?? { value: {}, locate: () => undefined }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
