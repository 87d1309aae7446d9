import { isObject, type Json, same } from './patch.ts'

/** JSON Merge Patch (RFC 7396): objects merge, `null` removes, everything else replaces. */
export function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value)
  }
  return merged
}

/** The merge patch that makes `to` of `from`; `undefined` when they are equal. */
export function difference(from: unknown, to: unknown): Json | unknown {
  if (same(from, to)) return undefined
  if (!isObject(from) || !isObject(to)) return to
  const patch: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const inner = to[key] === undefined ? null : difference(from[key], to[key])
    if (inner === null ? from[key] !== undefined : inner !== undefined) patch[key] = inner
  }
  return patch
}
