import { canonicalJson } from 'intermodal'

export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * JSON Merge Patch (RFC 7396): objects merge, `null` removes, everything else replaces; except that a list of objects
 * merges entry by entry with one of the same length, so that a label of one port need not repeat all ports.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    return mergesByEntry(target, patch)
      ? patch.map((entry, index) => mergePatch(target[index], entry))
      : patch
  }
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

/** The patch that makes `to` of `from`; `undefined` when they are equal. */
export function diffPatch(from: unknown, to: unknown): unknown {
  if (same(from, to)) return undefined
  if (Array.isArray(to)) {
    return mergesByEntry(from, to)
      ? to.map((entry, index) => diffPatch(from[index], entry) ?? {})
      : to
  }
  if (!isObject(from) || !isObject(to)) return to
  const patch: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    if (to[key] === undefined) {
      if (from[key] !== undefined) patch[key] = null
    } else {
      const inner = diffPatch(from[key], to[key])
      if (inner !== undefined) patch[key] = inner
    }
  }
  return patch
}

function mergesByEntry(target: unknown, patch: readonly unknown[]): target is readonly unknown[] {
  return (
    Array.isArray(target) &&
    target.length === patch.length &&
    target.every(isObject) &&
    patch.every(isObject)
  )
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null)
}
