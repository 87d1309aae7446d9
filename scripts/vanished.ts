import type { Imported, ImportLoss, ImportSource } from 'intermodal/import'
import { parseAllDocuments } from 'yaml'

type Path = readonly (string | number)[]

/**
 * Keys of a source that are in no app and in no loss, found from outside: where a value can be changed, and taken away,
 * and the import is the same as before, nobody has read it. Pointers, after the number of the document.
 * With `atMost`, so many keys are tried, spread over the source.
 */
export async function vanishedKeys(
  source: ImportSource,
  read: (source: ImportSource) => Promise<Imported>,
  atMost = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const documents: unknown[] = parseAllDocuments(source.text, { merge: true, logLevel: 'silent' })
    .map((document): unknown => document.toJS({ maxAliasCount: 1000 }))
    .filter((value) => value !== null)
  const importing = (changed: readonly unknown[]) =>
    read({ ...source, text: changed.map((value) => JSON.stringify(value)).join('\n---\n') })
  const before = await importing(documents)
  if (before.problems.length > 0) return []
  const unchanged = fingerprint(before)
  const vanished: string[] = []
  for (const [index, document] of documents.entries()) {
    // Each document is one line of what was imported, so the line tells whose loss it is.
    const losses = before.losses.filter(({ line }) => line === undefined || line === 2 * index + 1)
    for (const path of spreadOver([...leaves(document, [])], atMost / documents.length)) {
      if (isTold(path, losses)) continue
      const variants = [altered, removed].map((change) =>
        documents.with(index, change(document, path)),
      )
      let noticed = false
      for (const variant of variants) {
        if (noticed) break
        noticed = fingerprint(await importing(variant)) !== unchanged
      }
      if (!noticed) vanished.push(`${index} ${pointer(path)}`)
    }
  }
  return vanished
}

/** So many of a list, evenly. */
function spreadOver<T>(list: readonly T[], atMost: number): readonly T[] {
  const step = Math.max(1, list.length / Math.max(1, atMost))
  return list.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

function fingerprint({ apps, losses, problems }: Imported): string {
  const told = losses.map(({ line: _, ...loss }) => loss)
  return JSON.stringify([apps, told, problems.map(({ message }) => message)])
}

function* leaves(value: unknown, path: Path): Generator<Path> {
  const entries =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? [...value.entries()]
        : Object.entries(value)
      : []
  // Nothing is said by a key without a value.
  if (entries.length === 0 && value !== null && typeof value !== 'object') yield path
  for (const [key, inner] of entries) yield* leaves(inner, [...path, key])
}

/** Whether a loss names the place, what it is in (but not a whole service or object), or what is in it. */
function isTold(path: Path, losses: readonly ImportLoss[]): boolean {
  const own = pointer(path)
  return losses.some(({ path: told, kind }) => {
    if (told === own || told.startsWith(`${own}/`)) return true
    const whole =
      kind === 'dropped' || kind === 'refused' || kind === 'warning' || told.split('/').length > 3
    return whole && own.startsWith(`${told}/`)
  })
}

function altered(document: unknown, path: Path): unknown {
  return change(document, path, (holder, key) => {
    const value = holder[key]
    holder[key] =
      typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}x`
  })
}

function removed(document: unknown, path: Path): unknown {
  return change(document, path, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  })
}

function change(
  document: unknown,
  path: Path,
  edit: (holder: Record<string | number, unknown>, key: string | number) => void,
): unknown {
  const copy = structuredClone(document)
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy)
  edit(holder as Record<string | number, unknown>, path.at(-1) ?? '')
  return copy
}

function pointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
