import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Io } from '../io.ts'
import { isModule } from './module.ts'
import type { Problem } from './problem.ts'
import { decodeText, readText } from './text.ts'

/** One file to read apps from. */
export type Source =
  | { readonly type: 'text'; readonly file: string; readonly folder: string; readonly text: string }
  | {
      readonly type: 'module'
      readonly file: string
      readonly folder: string
      readonly path: string
    }

const DATA = /\.(ya?ml|json)$/
const CONFIG = /^intermodal\.config\./

/** What `-f` names: files, directories (their YAML and JSON files, by name, not deeper) and `-`. */
export async function openSources(
  io: Pick<Io, 'cwd' | 'stdin'>,
  names: readonly string[],
): Promise<{ sources: readonly Source[]; problems: readonly Problem[] }> {
  const sources: Source[] = []
  const problems: Problem[] = []
  const add = (opened: Source | Problem) => {
    if ('type' in opened) sources.push(opened)
    else problems.push(opened)
  }
  for (const name of new Set(names)) {
    if (name === '-') {
      add(await openStdin(io))
      continue
    }
    const path = resolve(io.cwd, name)
    const inside = await listDirectory(path)
    if (inside === undefined) add(await openFile(name, path))
    else if (inside.length === 0) add({ file: name, message: 'has no YAML or JSON files in it' })
    for (const entry of inside ?? []) add(await openFile(join(name, entry), join(path, entry)))
  }
  return { sources, problems }
}

async function openStdin(io: Pick<Io, 'cwd' | 'stdin'>): Promise<Source | Problem> {
  const chunks: Uint8Array[] = []
  for await (const chunk of io.stdin) chunks.push(chunk)
  const decoded = decodeText(Buffer.concat(chunks))
  return 'text' in decoded
    ? { type: 'text', file: '<stdin>', folder: io.cwd, text: decoded.text }
    : { file: '<stdin>', message: decoded.problem }
}

async function openFile(file: string, path: string): Promise<Source | Problem> {
  const folder = dirname(path)
  if (isModule(path)) return { type: 'module', file, folder, path }
  const read = await readText(path)
  return 'text' in read
    ? { type: 'text', file, folder, text: read.text }
    : { file, message: read.problem }
}

async function listDirectory(path: string): Promise<readonly string[] | undefined> {
  // What cannot be looked at is reported when it is opened as a file.
  const info = await stat(path).catch(() => undefined)
  if (!info?.isDirectory()) return undefined
  return (await readdir(path)).filter((name) => DATA.test(name) && !CONFIG.test(name)).sort()
}
