type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON Merge Patch (RFC 7396): objects merge, `null` removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  // Entries, not assignments: a key may be called `__proto__`.
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else if (value !== undefined) merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/** The merge patch that makes `to` of `from`; `undefined` when they are equal. */
export function diffPatch(from: unknown, to: unknown): unknown {
  if (sameJson(from, to)) return undefined
  if (!isObject(from) || !isObject(to)) return to
  const patch = new Map<string, unknown>()
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = own(from, key)
    const after = own(to, key)
    const inner = after === undefined ? null : diffPatch(before, after)
    if (inner === null ? before !== undefined : inner !== undefined) patch.set(key, inner)
  }
  return Object.fromEntries(patch)
}

function own(value: Json, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

/** Whether two JSON values are equal; a key that is `undefined` is not there. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((entry, index) => sameJson(entry, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  return (
    Object.keys(a).every((key) => sameJson(a[key], own(b, key))) &&
    Object.keys(b).every((key) => b[key] === undefined || own(a, key) !== undefined)
  )
}
