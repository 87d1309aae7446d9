import { isList, isObject, type Json, sameJson } from '../json.ts'
import type { ListSchema, Schema, Schemas } from '../schema/schema.ts'
import { mergePatch } from './patches.ts'

/** Kubernetes' own: lists with a merge key are merged item by item, and directives say what goes. */
export function strategicPatch(
  schemas: Schemas,
  value: Json | undefined,
  patch: Json,
  schema: Schema,
): Json {
  if (patch === null) return null
  if (schema.type === 'list') return strategicList(schemas, value, patch, schema)
  if (!isObject(patch)) return patch
  const { $patch: directive, $retainKeys: retained, ...changes } = patch
  if (directive === 'replace') return changes
  if (directive === 'delete') return {}
  let base: Record<string, Json | undefined> = isObject(value) ? { ...value } : {}
  if (isList(retained))
    base = Object.fromEntries(Object.entries(base).filter(([key]) => retained.includes(key)))
  const deletions = '$deleteFromPrimitiveList/'
  const order = '$setElementOrder/'
  for (const [key, change] of Object.entries(changes)) {
    if (change === undefined || key.startsWith(order)) continue
    if (key.startsWith(deletions)) {
      const field = key.slice(deletions.length)
      const [list, gone] = [base[field], change]
      if (isList(list) && isList(gone))
        base[field] = list.filter((item) => !gone.some((other) => sameJson(item, other)))
      continue
    }
    const below = schemas.fieldOf(schema, key)
    if (change === null) delete base[key]
    else
      base[key] = below
        ? strategicPatch(schemas, base[key], change, below)
        : mergePatch(base[key], change)
  }
  for (const [key, wanted] of Object.entries(changes)) {
    if (!key.startsWith(order) || !isList(wanted)) continue
    const field = key.slice(order.length)
    const below = schemas.fieldOf(schema, field)
    const list = base[field]
    const old = isObject(value) ? value[field] : undefined
    if (below?.type === 'list' && isList(list))
      base[field] = ordered(list, {
        mergeKey: below.mergeKey ?? '',
        wanted,
        before: isList(old) ? old : [],
      })
  }
  return base
}

function strategicList(
  schemas: Schemas,
  value: Json | undefined,
  patch: Json,
  { mergeKey, item: schema }: ListSchema,
): Json {
  if (!isList(patch)) return patch
  if (mergeKey === undefined) return patch.filter((one) => !(isObject(one) && one.$patch))
  const current = isList(value) ? [...value] : []
  const order = { mergeKey, wanted: patch, before: current }
  if (mergeKey === '') {
    const news = patch.filter((one) => !current.some((other) => sameJson(one, other)))
    return ordered([...current, ...news], order)
  }
  if (
    patch.some((one) => isObject(one) && one.$patch === 'replace' && Object.keys(one).length === 1)
  )
    return patch.filter((one) => !(isObject(one) && one.$patch))
  let result = current
  for (const change of patch) {
    if (!isObject(change)) continue
    const key = change[mergeKey]
    const index = result.findIndex((one) => isObject(one) && sameJson(one[mergeKey], key))
    if (change.$patch === 'delete') result = result.filter((_, at) => at !== index)
    else if (index < 0) result = [...result, strategicPatch(schemas, undefined, change, schema)]
    else result = result.with(index, strategicPatch(schemas, result[index], change, schema))
  }
  return ordered(result, order)
}

interface Order {
  readonly mergeKey: string
  /** What the patch names, in its order. */
  readonly wanted: readonly Json[]
  /** The list as it was. */
  readonly before: readonly Json[]
}

/** What the patch names comes in its order, and before what it does not name, but for what stood further ahead. */
function ordered(list: readonly Json[], { mergeKey, wanted, before }: Order): Json {
  const keyOf = (one: Json) => (mergeKey !== '' && isObject(one) ? one[mergeKey] : one)
  const placeIn = (all: readonly Json[], one: Json) =>
    all.findIndex((other) => sameJson(keyOf(other), keyOf(one)))
  const named = list
    .filter((one) => placeIn(wanted, one) >= 0)
    .sort((a, b) => placeIn(wanted, a) - placeIn(wanted, b))
  const others = list.filter((one) => placeIn(wanted, one) < 0)
  const result: Json[] = []
  for (const one of named) {
    const place = placeIn(before, one)
    while (others[0] !== undefined && place >= 0 && placeIn(before, others[0]) < place)
      result.push(others.shift() as Json)
    result.push(one)
  }
  return [...result, ...others]
}
