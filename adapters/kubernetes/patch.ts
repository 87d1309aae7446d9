import { canonicalJson } from 'intermodal'

export type Json = Readonly<Record<string, unknown>>

/**
 * What tells entries of a list apart, by the list's key, as Kubernetes' own strategic merge has it. The first key an
 * entry has counts.
 */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'port'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
}

const DIRECTIVE = '$patch'

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keyOf(entry: unknown, list: string): string | undefined {
  if (!isObject(entry)) return undefined
  const key = KEYS[list]?.find((name) => entry[name] !== undefined)
  if (key === undefined) return undefined
  // A port may be open for tcp and udp both.
  return list === 'ports'
    ? `${entry[key]}/${entry.protocol ?? 'TCP'}`
    : `${key}=${String(entry[key])}`
}

/**
 * Strategic merge: objects merge, `null` removes, lists of named entries merge by name, every other list is replaced.
 * An entry with `$patch: delete` removes; a list that begins with `{ $patch: replace }` is the whole list.
 */
export function mergePatch(target: unknown, patch: unknown, name = ''): unknown {
  if (Array.isArray(patch)) return mergeList(target, patch, name)
  if (!isObject(patch)) return patch
  if (patch[DIRECTIVE] === 'replace') return without(patch)
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value, key)
  }
  return merged
}

function mergeList(target: unknown, patch: readonly unknown[], name: string): unknown {
  const [first, ...rest] = patch
  if (isObject(first) && first[DIRECTIVE] === 'replace') return rest
  const keyed = KEYS[name] !== undefined && patch.every((entry) => keyOf(entry, name))
  if (!keyed || !Array.isArray(target)) {
    return patch.filter((entry) => !(isObject(entry) && entry[DIRECTIVE] === 'delete'))
  }
  const merged = new Map<unknown, unknown>(
    target.map((entry) => [keyOf(entry, name) ?? entry, entry]),
  )
  for (const entry of patch as readonly Json[]) {
    const key = keyOf(entry, name)
    if (entry[DIRECTIVE] === 'delete') merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), entry))
  }
  return [...merged.values()]
}

function without({ [DIRECTIVE]: _, ...rest }: Json): Json {
  return rest
}

/** The patch that makes `to` of `from`; `undefined` when they are equal. */
export function diffPatch(from: unknown, to: unknown, name = ''): unknown {
  if (same(from, to)) return undefined
  if (Array.isArray(from) && Array.isArray(to)) return diffList(from, to, name)
  if (!isObject(from) || !isObject(to)) return to
  const patch: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    if (to[key] === undefined) {
      if (from[key] !== undefined) patch[key] = null
    } else {
      const inner = diffPatch(from[key], to[key], key)
      if (inner !== undefined) patch[key] = inner
    }
  }
  return patch
}

function diffList(from: readonly unknown[], to: readonly unknown[], name: string): unknown {
  const whole = KEYS[name] === undefined ? to : [{ [DIRECTIVE]: 'replace' }, ...to]
  const before = byKey(from, name)
  const after = byKey(to, name)
  if (!before || !after) return whole
  const patch: unknown[] = []
  for (const [key, entry] of after) {
    const inner = before.has(key) ? diffPatch(before.get(key), entry) : entry
    if (inner !== undefined) patch.push({ ...identity(entry, name), ...(inner as Json) })
  }
  for (const [key, entry] of before) {
    if (!after.has(key)) patch.push({ ...identity(entry, name), [DIRECTIVE]: 'delete' })
  }
  // The order of entries has a meaning (init containers, variables that use others): a merge may not change it.
  return same(mergeList(from, patch, name), to) ? patch : whole
}

function identity(entry: Json, list: string): Json {
  const key = KEYS[list]?.find((name) => entry[name] !== undefined) as string
  return {
    [key]: entry[key],
    ...(list === 'ports' && entry.protocol !== undefined ? { protocol: entry.protocol } : {}),
  }
}

function byKey(list: readonly unknown[], name: string): Map<string, Json> | undefined {
  const entries = list.map((entry) => [keyOf(entry, name), entry] as const)
  if (entries.some(([key]) => key === undefined)) return undefined
  const map = new Map(entries as [string, Json][])
  return map.size === list.length ? map : undefined
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null)
}

/** Without the keys that have no value. */
export function compact<T extends object>(value: T): T {
  // Without lists of entries between: a watch does this several times for each object it is told of.
  const kept: Partial<T> = {}
  for (const key of Object.keys(value) as (keyof T)[])
    if (value[key] !== undefined) kept[key] = value[key]
  return kept as T
}
