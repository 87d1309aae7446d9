import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { MarathonNative } from 'intermodal/marathon'

const SHARED = process.env.INTERMODAL_SHARED ?? resolve(import.meta.dirname, '../../../shared')

export const MARATHON = join(SHARED, 'data/marathon')
export const CORPUS = join(SHARED, 'data/corpus/marathon')

export interface Found {
  readonly file: string
  readonly native: MarathonNative
}

/** Every JSON file below; what does not parse is no definition. */
export function jsonFiles(
  folder: string,
): readonly { readonly file: string; readonly value: unknown }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      try {
        return [
          { file: name, value: JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown },
        ]
      } catch {
        return []
      }
    })
}

const WRAPPERS = ['apps', 'groups', 'pods', 'app', 'spec', 'appDefinition'] as const
const SIGNS = ['cmd', 'args', 'container', 'containers', 'instances'] as const

/** Apps and pods wherever they are: alone, in lists, in groups, in answers and events. */
export function definitionsIn(folder: string): readonly Found[] {
  return jsonFiles(folder).flatMap(({ file, value }) =>
    [...walk(value)].map((native) => ({ file, native })),
  )
}

function* walk(value: unknown): Generator<MarathonNative> {
  if (Array.isArray(value)) {
    for (const entry of value) yield* walk(entry)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const entry = value as Record<string, unknown>
  if (typeof entry.id === 'string' && SIGNS.some((sign) => entry[sign] !== undefined)) {
    yield entry as unknown as MarathonNative
    return
  }
  for (const key of WRAPPERS) yield* walk(entry[key])
}
