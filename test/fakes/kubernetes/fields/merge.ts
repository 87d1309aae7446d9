import { isList, isObject, type Json } from '../json.ts'
import type { ListSchema, Schema, Schemas } from '../schema/schema.ts'
import { type FieldSet, isEmptySet } from './field-set.ts'
import { elementOf } from './walk.ts'

/** What is live, with what is applied laid over it, list items by their keys. */
export function merged(
  schemas: Schemas,
  live: Json | undefined,
  applied: Json,
  schema: Schema,
): Json {
  if (live === undefined || live === null || schemas.isAtomic(schema)) return applied
  if (schema.type === 'list') return mergedList(schemas, live, applied, schema)
  if (!isObject(live) || !isObject(applied)) return applied
  const result: Record<string, Json | undefined> = { ...live }
  for (const [key, value] of Object.entries(applied)) {
    const below = schemas.fieldOf(schema, key)
    if (value !== undefined && below) result[key] = merged(schemas, live[key], value, below)
  }
  return result
}

/** In the order that was applied; what only is live comes after what it stood behind. */
function mergedList(schemas: Schemas, live: Json, applied: Json, schema: ListSchema): Json {
  if (!isList(live) || !isList(applied)) return applied
  const wanted = new Map(applied.map((item) => [elementOf(schema, item), item]))
  const known = new Map(live.map((item) => [elementOf(schema, item), item]))
  const result: Json[] = []
  const rest = [...wanted.keys()]
  const emit = (element: string | undefined) => {
    const [is, was] = [wanted.get(element), known.get(element)]
    if (is !== undefined)
      result.push(schema.identity === 'value' ? is : merged(schemas, was, is, schema.item))
  }
  for (const [element, item] of known) {
    if (!wanted.has(element)) {
      result.push(item)
      continue
    }
    while (rest.includes(element)) emit(rest.shift())
  }
  for (const element of rest) emit(element)
  return result
}

/**
 * Takes out what somebody applied before and does not any more, unless others own it too: a struct goes as a whole when
 * nothing in it is spoken of any longer, with the defaults that were filled in.
 */
export function pruned(
  schemas: Schemas,
  value: Json,
  schema: Schema,
  last: FieldSet,
  now: FieldSet | undefined,
  others: readonly FieldSet[],
): Json {
  const next = (element: string) => ({
    was: last.children.get(element),
    is: now?.children.get(element),
    owners: others.flatMap((set) => set.children.get(element) ?? []),
  })
  const isOver = ({ is, owners }: ReturnType<typeof next>) =>
    (is === undefined || isEmptySet(is)) && owners.every(isEmptySet)
  if (schema.type === 'list' && isList(value)) {
    return value.flatMap((item) => {
      const element = elementOf(schema, item)
      const part = next(element ?? '')
      if (!part.was) return [item]
      if (isOver(part)) return []
      if (schema.identity === 'value') return [item]
      return [pruned(schemas, item, schema.item, part.was, part.is, part.owners)]
    })
  }
  if (!isObject(value)) return value
  const result: Record<string, Json | undefined> = {}
  for (const [key, child] of Object.entries(value)) {
    const part = next(`f:${key}`)
    const below = schemas.fieldOf(schema, key)
    if (child === undefined || !part.was || !below) result[key] = child
    else if (!isOver(part))
      result[key] = schemas.isAtomic(below)
        ? child
        : pruned(schemas, child, below, part.was, part.is, part.owners)
  }
  return result
}
