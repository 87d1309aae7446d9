import { basename } from 'node:path'
import type { ImportSource } from 'intermodal/import'
import type { Io } from '../io.ts'
import type { Problem } from './problem.ts'
import { openSources } from './sources.ts'

/** What Compose itself looks for, and what it lays over it. */
const STANDARD = /^(?:docker-)?compose\.ya?ml$/
const OVERRIDE = /^(?:docker-)?compose\.override\.ya?ml$/

/**
 * What `import` was asked to read. Files that were named are as they were meant; in a folder, Compose's own pair of
 * names is one project, every other file is for itself, and what is of no known format is passed over.
 */
export async function openImport(
  io: Pick<Io, 'cwd' | 'stdin'>,
  names: readonly string[],
): Promise<{ sources: readonly ImportSource[]; problems: readonly Problem[] }> {
  const { sources, problems } = await openSources(io, names)
  const wrong: Problem[] = [...problems]
  const opened: ImportSource[] = []
  for (const source of sources) {
    const { file, folder } = source
    if (source.type === 'module') {
      wrong.push({ file, message: 'is a program: import reads YAML and JSON' })
      continue
    }
    const found = !names.includes(file) && file !== '<stdin>'
    const own = STANDARD.test(basename(file)) || OVERRIDE.test(basename(file))
    opened.push({
      file,
      folder,
      text: source.text,
      ...(found ? { incidental: true, alone: !own } : {}),
    })
  }
  const rank = ({ file }: ImportSource) => (OVERRIDE.test(basename(file)) ? 1 : 0)
  // The sort is stable: named files keep their order, and an override in a folder comes after its base.
  const sorted = opened.toSorted((a, b) => (a.incidental && b.incidental ? rank(a) - rank(b) : 0))
  return { sources: sorted, problems: wrong }
}
