import { type App, contentHash, type FileSource } from 'intermodal'
import { ownMeta } from './labels.ts'
import { type Report, step } from './loss.ts'
import { contentName, SINGLE_KEY } from './names.ts'
import type { ConfigMap, KeyToPath, PodVolume, VolumeMount } from './wire.ts'

/** Names of pod volumes that hold files; no volume of an app may have one. */
export const OWN_VOLUME = /^intermodal-/
export const CONTENT_VOLUME = 'intermodal-content'

/** What Kubernetes lets a ConfigMap hold, in bytes. */
const MAX_CONTENT = 1_048_576

export interface Files {
  readonly configMap?: ConfigMap
  readonly volumes: readonly PodVolume[]
  /** What a container mounts, by the place of its files in the app: `/files`, `/sidecars/log/files`. */
  readonly mounts: ReadonlyMap<string, readonly VolumeMount[]>
}

interface Entry {
  readonly volume: string
  readonly item: KeyToPath
  readonly source:
    | { readonly config: string }
    | { readonly secret: string }
    | { readonly text: string }
}

/** Every file is one key of a volume, mounted where the container wants it. */
export function writeFiles(app: App, name: string, report: Report): Files {
  const entries: Entry[] = []
  const mounts = new Map<string, VolumeMount[]>()
  for (const [place, files] of placesOf(app)) {
    const own = Object.entries(files).map(([path, source]) => {
      const entry = entryOf(path, source)
      entries.push(entry)
      return { name: entry.volume, mountPath: path, subPath: entry.item.path, readOnly: true }
    })
    mounts.set(place, own)
  }
  const data: Record<string, string> = {}
  for (const { item, source } of entries) if ('text' in source) data[item.key] = source.text
  const content = contentName(name, data)
  const size = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (size > MAX_CONTENT) {
    report(
      'refused',
      '/files',
      `Kubernetes keeps at most 1 MiB of files for an app, these are ${size} bytes`,
      'put them into the image or a volume',
    )
  }
  return {
    ...(Object.keys(data).length > 0 ? { configMap: contentMap(app, name, content, data) } : {}),
    volumes: volumesOf(entries, content),
    mounts,
  }
}

export function placesOf(app: App): [place: string, files: App['files']][] {
  return [
    ['/files', app.files],
    ...Object.entries(app.sidecars).map(
      ([name, { files }]) => [`/sidecars${step(name)}/files`, files] as [string, App['files']],
    ),
    ...app.init.map(
      ({ files }, index) => [`/init/${index}/files`, files] as [string, App['files']],
    ),
  ]
}

function contentMap(
  app: App,
  owner: string,
  name: string,
  data: Readonly<Record<string, string>>,
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownMeta(app.id, name, owner),
    immutable: true,
    data,
  }
}

function entryOf(path: string, source: FileSource): Entry {
  const { mode } = source
  const bits = mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }
  if ('content' in source) {
    const key = contentKey(path, source.content, mode)
    return {
      volume: CONTENT_VOLUME,
      item: { key, path: key, ...bits },
      source: { text: source.content },
    }
  }
  const key = source.key ?? SINGLE_KEY
  const item = { key, path: itemPath(key, bits.mode), ...bits }
  return 'secret' in source
    ? { volume: fileVolume('secret', source.secret), item, source: { secret: source.secret } }
    : { volume: fileVolume('config', source.config), item, source: { config: source.config } }
}

export function fileVolume(kind: 'config' | 'secret', name: string): string {
  return `intermodal-${kind}-${contentHash(name)}`
}

/** The same key may be wanted with several modes. */
export function itemPath(key: string, mode: number | undefined): string {
  return mode === undefined ? key : `${mode.toString(8).padStart(4, '0')}/${key}`
}

/** Readable where the path allows it, and its own for each path, content and mode. */
function contentKey(path: string, content: string, mode: string | undefined): string {
  const readable = path
    .replace(/^\/+/, '')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(-200)
  return `${readable.replace(/^\.+/, '_')}-${contentHash([path, content, mode ?? null]).slice(0, 6)}`
}

function volumesOf(entries: readonly Entry[], content: string): PodVolume[] {
  const groups = Map.groupBy(entries, ({ volume }) => volume)
  return [...groups].map(([name, group]) => {
    const items = itemsOf(group)
    const [{ source }] = group as [Entry, ...Entry[]]
    if ('secret' in source) return { name, secret: { secretName: source.secret, items } }
    if ('config' in source) return { name, configMap: { name: source.config, items } }
    const withModes = items.some(({ mode }) => mode !== undefined)
    return { name, configMap: { name: content, ...(withModes ? { items } : {}) } }
  })
}

function itemsOf(group: readonly Entry[]): KeyToPath[] {
  const byPath = new Map(group.map(({ item }) => [item.path, item]))
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
