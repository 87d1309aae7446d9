import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { App } from 'intermodal'
import { type Imported, type ImportSource, importApps } from 'intermodal/import'
import { readReference } from '../../src/cli/files/references.ts'

export const SHARED = resolve(
  process.env.INTERMODAL_SHARED ?? resolve(import.meta.dirname, '../../../shared'),
)
const CORPUS = join(SHARED, 'data/corpus')

/** The folders of definitions people wrote, as `npm run corpus` is given them. */
export const FOLDERS = [
  ...['compose', 'kubernetes', 'kubernetes-health', 'marathon', 'pairs', 'api-dumps'],
] as const
export type Folder = (typeof FOLDERS)[number]

export function sourcesIn(folder: Folder): readonly ImportSource[] {
  const entries = readdirSync(join(CORPUS, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      file: basename(path),
      text: readFileSync(path, 'utf8'),
      folder: dirname(path),
    }))
}

/** What users write to satisfy `${NAME:?…}` is set: whoever reads a corpus has none of their variables. */
export function readSource(source: ImportSource): Promise<Imported> {
  const insisted = [...source.text.matchAll(/\$\{([A-Za-z_]\w*):?\?/g)]
  const env = Object.fromEntries(insisted.map(([, name = '']) => [name, 'value']))
  return importApps([source], { profiles: ['*'], env, read: readReference })
}

export interface CorpusApp {
  /** `kubernetes/nginx.yaml`. */
  readonly file: string
  readonly app: App
}

/** Every app of the files that are read. */
export async function appsIn(folders: readonly Folder[] = FOLDERS): Promise<readonly CorpusApp[]> {
  const found: CorpusApp[] = []
  for (const folder of folders) {
    for (const source of sourcesIn(folder)) {
      const { apps } = await readSource(source)
      const file = relative(CORPUS, join(source.folder ?? '', source.file))
      found.push(...apps.map((app) => ({ file, app })))
    }
  }
  return found
}
