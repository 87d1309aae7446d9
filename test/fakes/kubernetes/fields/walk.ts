import { isList, isObject, type Json, type JsonObject, sameJson } from '../json.ts'
import type { ListSchema, Schema, Schemas } from '../schema/schema.ts'
import { childOf, emptySet, type FieldSet } from './field-set.ts'

/** What nobody can own. */
const UNOWNED: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
])
/** These are there even when nothing is in them, so nobody adds them. */
const ALWAYS: ReadonlySet<string> = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'jobTemplate',
  'strategy',
  'updateStrategy',
  'containers',
])

/** What can be owned of an object. */
export function ownable(object: JsonObject): JsonObject {
  const { apiVersion: _, kind: __, metadata, ...rest } = object
  if (!isObject(metadata)) return rest
  const kept = Object.entries(metadata).filter(([key]) => !UNOWNED.has(key))
  return { ...(kept.length > 0 ? { metadata: Object.fromEntries(kept) } : {}), ...rest }
}

/** How an item of a list is told from the others; `undefined` when it lacks what tells it. */
export function elementOf({ identity }: ListSchema, item: Json): string | undefined {
  if (identity === 'value') return `v:${JSON.stringify(item)}`
  if (!isObject(item)) return undefined
  const keys = (identity ?? []).map((key) => [key, item[key] ?? FALLBACK[key]] as const)
  if (keys.every(([, value]) => value === undefined)) return undefined
  return `k:${JSON.stringify(Object.fromEntries(keys.filter(([, value]) => value !== undefined).sort()))}`
}

const FALLBACK: Readonly<Record<string, Json>> = { protocol: 'TCP' }

/** Everything an applied object speaks of. */
export function fieldsOf(schemas: Schemas, value: Json, schema: Schema): FieldSet {
  const set = emptySet()
  if (schemas.isAtomic(schema)) return emptySet(true)
  if (schema.type === 'list') {
    if (!isList(value) || value.length === 0) return emptySet(true)
    for (const item of value) {
      const element = elementOf(schema, item)
      if (element === undefined) continue
      const fields = schema.identity === 'value' ? emptySet() : fieldsOf(schemas, item, schema.item)
      fields.member = true
      set.children.set(element, fields)
    }
    return set
  }
  if (!isObject(value) || Object.keys(value).length === 0) return emptySet(true)
  for (const [key, child] of Object.entries(value)) {
    const below = schemas.fieldOf(schema, key)
    if (child === undefined || !below) continue
    set.children.set(`f:${key}`, fieldsOf(schemas, child, below))
  }
  return set
}

export interface Comparison {
  /** Added, or with another value than before. */
  readonly changed: FieldSet
  readonly removed: FieldSet
}

export function compare(
  schemas: Schemas,
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
): Comparison {
  const comparison = { changed: emptySet(), removed: emptySet() }
  walk(schemas, before, after, schema, comparison)
  return comparison
}

function walk(
  schemas: Schemas,
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
  { changed, removed }: Comparison,
): void {
  if (before === after) return
  if (schemas.isAtomic(schema)) {
    if (after === undefined) removed.member = true
    else if (!sameJson(before, after)) changed.member = true
    return
  }
  if (schema.type === 'list') {
    walkList(schemas, before, after, schema, { changed, removed })
    return
  }
  const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}]
  const keys = new Set([...Object.keys(old), ...Object.keys(now)])
  if (isObject(after) && Object.keys(now).length === 0 && before === undefined)
    changed.member = true
  for (const key of keys) {
    const below = schemas.fieldOf(schema, key)
    if (!below) continue
    const element = `f:${key}`
    const [was, is] = [old[key], now[key]]
    if (was === undefined && ALWAYS.has(key) && isObject(is) && Object.keys(is).length === 0)
      continue
    const part = { changed: emptySet(), removed: emptySet() }
    walk(schemas, was, is, below, part)
    if (!schemas.isAtomic(below) && (was === undefined) !== (is === undefined)) {
      if (was === undefined && !(ALWAYS.has(key) && !isFresh(before))) part.changed.member = true
      if (is === undefined) part.removed.member = true
    }
    put(changed, element, part.changed)
    put(removed, element, part.removed)
  }
}

/** Whether all of it is new: then there was nothing that is always there either. */
function isFresh(before: Json | undefined): boolean {
  return before === null
}

function walkList(
  schemas: Schemas,
  before: Json | undefined,
  after: Json | undefined,
  schema: ListSchema,
  { changed, removed }: Comparison,
): void {
  const [old, now] = [byElement(schema, before), byElement(schema, after)]
  if (isList(after) && after.length === 0 && before === undefined) changed.member = true
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(element), now.get(element)]
    const part = { changed: emptySet(), removed: emptySet() }
    if (schema.identity !== 'value') {
      if (was === undefined) walk(schemas, null, is, schema.item, part)
      else walk(schemas, was, is, schema.item, part)
    }
    if (was === undefined) part.changed.member = true
    if (is === undefined) part.removed.member = true
    put(changed, element, part.changed)
    put(removed, element, part.removed)
  }
}

function byElement(schema: ListSchema, value: Json | undefined): Map<string, Json> {
  const items = new Map<string, Json>()
  for (const item of isList(value) ? value : []) {
    const element = elementOf(schema, item)
    if (element !== undefined) items.set(element, item)
  }
  return items
}

function put(set: FieldSet, element: string, part: FieldSet): void {
  if (!part.member && part.children.size === 0) return
  const child = childOf(set, element)
  child.member = part.member
  for (const [key, value] of part.children) child.children.set(key, value)
}
