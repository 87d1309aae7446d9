import { contentHash, type Material } from 'intermodal'
import type { Engine } from './client.ts'
import { isAmbiguous, isConflict, isInUse, isNotFound } from './errors.ts'
import { CONTENT, KEYS, MATERIAL } from './marks.ts'
import { logicalName, splitLogicalName, versionedName } from './names.ts'
import type { Config, ConfigSpec, Secret, SecretSpec } from './wire.ts'

/** A secret or a config: the same calls, one of them readable back. */
export interface Shelf {
  readonly what: 'secret' | 'config'
  list(signal: AbortSignal): Promise<readonly (Secret | Config)[]>
  create(spec: SecretSpec | ConfigSpec, signal: AbortSignal): Promise<string>
  remove(id: string, signal: AbortSignal): Promise<void>
}

export function secretShelf(engine: Engine): Shelf {
  const list = (signal: AbortSignal) => engine.secrets(signal)
  return {
    what: 'secret',
    list,
    create: (spec, signal) =>
      createOnce(() => engine.createSecret(spec, signal), has(list, spec.Name), signal),
    remove: (id, signal) => removeUnused(() => engine.removeSecret(id, signal)),
  }
}

export function configShelf(engine: Engine): Shelf {
  const list = (signal: AbortSignal) => engine.configs(signal)
  return {
    what: 'config',
    list,
    create: (spec, signal) =>
      createOnce(() => engine.createConfig(spec, signal), has(list, spec.Name), signal),
    remove: (id, signal) => removeUnused(() => engine.removeConfig(id, signal)),
  }
}

function has(list: Shelf['list'], name: string) {
  return async (signal: AbortSignal) => (await list(signal)).some(({ Spec }) => Spec.Name === name)
}

/**
 * Puts what `{ secret: name }` stands for. Objects cannot change, so new content becomes a new object and what it
 * replaces is collected when no service uses it any more. Content cannot be read back from a secret: a hash in a
 * label tells whether it changed.
 */
export async function putMaterial(
  shelf: Shelf,
  material: Material,
  signal: AbortSignal,
): Promise<boolean> {
  const values = Object.entries(
    typeof material.data === 'string' ? { '': material.data } : material.data,
  ).map(([key, data]) => ({ logical: logicalName(material.name, key || undefined), data }))
  const keys = contentHash(values.map(({ logical }) => logical).sort())
  const existing = await shelf.list(signal)
  const names = new Set(existing.map(({ Spec }) => Spec.Name))
  const current = new Map(
    versionsOf(existing, material.name).map((found) => [logicalOf(found), found]),
  )
  // Another set of keys makes every object anew: the newest one tells which keys belong together.
  const sameKeys = [...current.values()].every(({ Spec }) => Spec.Labels?.[KEYS] === keys)
  let changed = false
  for (const { logical, data } of values) {
    const hash = contentHash(data)
    if (sameKeys && current.get(logical)?.Spec.Labels?.[CONTENT] === hash) continue
    const name = freeName(logical, hash, names)
    const labels = { [MATERIAL]: logical, [CONTENT]: hash, [KEYS]: keys }
    await shelf.create(
      { Name: name, Labels: labels, Data: Buffer.from(data).toString('base64') },
      signal,
    )
    changed = true
  }
  return changed
}

/** What `name` stands for today: one object for each key, the newest of each. */
export function versionsOf<T extends Secret | Config>(objects: readonly T[], name: string): T[] {
  const family = objects
    .filter((object) => {
      const logical = logicalOf(object)
      return logical !== undefined && splitLogicalName(logical).name === name
    })
    .sort((a, b) => a.Version.Index - b.Version.Index)
  const keys = family.at(-1)?.Spec.Labels?.[KEYS]
  const newest = new Map<string | undefined, T>()
  for (const object of family) {
    if (object.Spec.Labels?.[KEYS] === keys) newest.set(logicalOf(object), object)
  }
  return [...newest.values()]
}

export function logicalOf({ Spec }: Secret | Config): string | undefined {
  return Spec.Labels?.[MATERIAL]
}

// Back to an earlier content while its object is still there: the newest object counts, so it needs one more.
function freeName(logical: string, hash: string, taken: ReadonlySet<string>): string {
  let name = versionedName(logical, hash)
  for (let count = 2; taken.has(name); count++)
    name = versionedName(logical, contentHash([hash, count]))
  return name
}

/**
 * The name carries a hash of the content: one that is there already is right, and repeating is safe. When the answer was
 * lost the list tells whether it is there.
 */
export async function createOnce(
  create: () => Promise<string>,
  isThere: (signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create()
    } catch (error) {
      signal.throwIfAborted()
      if (isConflict(error)) return ''
      if (!isAmbiguous(error)) throw error
      if (await isThere(signal)) return ''
      if (attempt === 3) throw error
    }
  }
}

async function removeUnused(remove: () => Promise<void>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (!isInUse(error) && !isNotFound(error)) throw error
  }
}
