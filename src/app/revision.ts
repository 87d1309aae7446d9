import type { App } from './schema.ts'

/** Fields that change without any instance being replaced. */
export const NOT_IN_INSTANCES: ReadonlySet<string> = new Set<keyof App>([
  'id',
  'replicas',
  'update',
  'labels',
  'annotations',
  'dependsOn',
  'autoscale',
  'disruption',
  'schedule',
])

/**
 * Names what an app's instances are made from: apps that differ only in replicas, update policy, labels, annotations
 * and the like have the same. Stable over processes, machines and key order.
 */
export function revisionOf(app: App): string {
  const template = Object.entries(app).filter(([key]) => !NOT_IN_INSTANCES.has(key))
  return contentHash(Object.fromEntries(template))
}

/** Ten hex digits over a value's canonical JSON. */
export function contentHash(value: unknown): string {
  // Not imported, because loading it would be a third of what importing the library costs, and most never hash.
  const { hash } = process.getBuiltinModule('node:crypto')
  return hash('sha256', canonicalJson(value)).slice(0, 10)
}

/** JSON with sorted keys and without `undefined`, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  if (Array.isArray(value)) return value.map(sorted)
  // Without a prototype, so that `__proto__` is a key like any other. Lists of entries would take twice as long.
  const inOrder: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(value).sort())
    inOrder[key] = sorted((value as Readonly<Record<string, unknown>>)[key])
  return inOrder
}
