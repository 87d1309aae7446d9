import type { Material } from 'intermodal'
import type { Io } from '../io.ts'
import { type Document, isRecord, type Path } from './document.ts'
import { readReference } from './references.ts'

type Fail = (path: Path, message: string) => undefined

const HELP = 'needs one of { value }, { file }, { env } or { keys }'

/**
 * The secrets or configs of a group document. A value is written as `{ value: text }`, `{ file: ./path }` or
 * `{ env: NAME }`; several values under one name as `{ keys: { name: … } }`. Values never get into a message.
 */
export async function readMaterials(
  io: Pick<Io, 'env'>,
  document: Document,
  section: 'secrets' | 'configs',
  fail: Fail,
): Promise<Material[]> {
  const written = (document.value as Record<string, unknown>)[section]
  if (written === undefined) return []
  if (!isRecord(written)) {
    fail([section], 'needs a map from names to values')
    return []
  }
  const materials: Material[] = []
  for (const [name, source] of Object.entries(written)) {
    const data = await readEntry(io, document, [section, name], source, fail)
    if (data !== undefined) materials.push({ name, data })
  }
  return materials
}

async function readEntry(
  io: Pick<Io, 'env'>,
  document: Document,
  path: Path,
  source: unknown,
  fail: Fail,
): Promise<Material['data'] | undefined> {
  // In a module the values are the program's own.
  if (document.isModule && (typeof source === 'string' || isTextMap(source))) return source
  if (!isRecord(source) || !('keys' in source)) return readValue(io, document, path, source, fail)
  if (Object.keys(source).length > 1 || !isRecord(source.keys)) return fail(path, HELP)
  const data: Record<string, string> = {}
  for (const [key, inner] of Object.entries(source.keys)) {
    const value = await readValue(io, document, [...path, 'keys', key], inner, fail)
    if (value !== undefined) data[key] = value
  }
  return data
}

async function readValue(
  io: Pick<Io, 'env'>,
  document: Document,
  path: Path,
  source: unknown,
  fail: Fail,
): Promise<string | undefined> {
  const entries = isRecord(source) ? Object.entries(source) : []
  const [kind, value] = entries[0] ?? []
  if (entries.length !== 1 || typeof value !== 'string') return fail(path, HELP)
  switch (kind) {
    case 'value':
      return value
    case 'env':
      return (
        io.env[value] ??
        fail([...path, 'env'], `names the environment variable ${value}, which is not set`)
      )
    case 'file': {
      const read = await readReference(document.folder, value)
      return 'text' in read ? read.text : fail([...path, 'file'], `"${value}" ${read.problem}`)
    }
    default:
      return fail(path, HELP)
  }
}

function isTextMap(value: unknown): value is Record<string, string> {
  return (
    isRecord(value) &&
    Object.values(value).every((inner) => typeof inner === 'string') &&
    !['value', 'file', 'env'].some((kind) => kind in value)
  )
}
