type Json = Readonly<Record<string, unknown>>

/** Lists whose entries have a name of their own: a patch changes or adds the entries it holds. */
const KEYS: Readonly<Record<string, (entry: unknown) => string | undefined>> = {
  Env: (entry) => (typeof entry === 'string' ? entry.split('=', 1)[0] : undefined),
  Mounts: (entry) => textAt(entry, 'Target'),
  Secrets: (entry) => textAt(entry, 'File', 'Name'),
  Configs: (entry) => textAt(entry, 'File', 'Name'),
}

function textAt(entry: unknown, ...path: string[]): string | undefined {
  const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), entry)
  return typeof value === 'string' ? value : undefined
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * JSON Merge Patch (RFC 7396): objects merge, `null` removes, everything else replaces; except that lists with named
 * entries (`Env`, `Mounts`, `Secrets`, `Configs`) merge by name, so that a patch need not repeat what the app says.
 */
export function mergePatch(target: unknown, patch: unknown, name = ''): unknown {
  if (Array.isArray(patch)) return mergeList(target, patch, name)
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value, key)
  }
  return merged
}

function mergeList(target: unknown, patch: readonly unknown[], name: string): unknown {
  const keyOf = KEYS[name]
  if (!keyOf || !Array.isArray(target)) return patch
  const merged = new Map<unknown, unknown>(target.map((entry) => [keyOf(entry) ?? entry, entry]))
  for (const entry of patch) {
    const key = keyOf(entry) ?? entry
    merged.set(key, mergePatch(merged.get(key), entry))
  }
  return [...merged.values()]
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
  const keyOf = KEYS[name]
  if (!keyOf) return to
  const before = new Map<unknown, unknown>(from.map((entry) => [keyOf(entry) ?? entry, entry]))
  const after = new Map<unknown, unknown>(to.map((entry) => [keyOf(entry) ?? entry, entry]))
  // A merged list cannot lose an entry: `diffPatch` is only asked about lists that grew or changed.
  return [...after]
    .filter(([key, entry]) => !same(before.get(key), entry))
    .map(([, entry]) => entry)
}

/** Whether two JSON values are equal; a key that is `undefined` is not there. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((entry, index) => same(entry, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  for (const key in a) if (!same(a[key], b[key])) return false
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false
  return true
}
