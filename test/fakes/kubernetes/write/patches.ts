import { badRequest, failure } from '../errors.ts'
import { isList, isObject, type Json, type JsonObject, sameJson } from '../json.ts'
import type { ListSchema, Schema, Schemas } from '../schema/schema.ts'

/** RFC 7386. */
export function mergePatch(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: Record<string, Json | undefined> = isObject(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key]
    else if (change !== undefined) result[key] = mergePatch(result[key], change)
  }
  return result
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: Json
}

/** RFC 6902. Throws the 422 for an operation that cannot be done, and for a test that fails. */
export function jsonPatch(value: JsonObject, patch: Json): JsonObject {
  if (!isList(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    )
  let result: Json = structuredClone(value) as JsonObject
  for (const operation of patch as unknown as readonly Operation[])
    result = operate(result, operation)
  return result as JsonObject
}

function operate(root: Json, { op, path, from = '', value = null }: Operation): Json {
  switch (op) {
    case 'add':
      return set(root, pointer(path), value, true)
    case 'replace':
      look(root, pointer(path))
      return set(root, pointer(path), value, false)
    case 'remove':
      look(root, pointer(path))
      return set(root, pointer(path), undefined, false)
    case 'move': {
      const moved = look(root, pointer(from))
      return set(set(root, pointer(from), undefined, false), pointer(path), moved, true)
    }
    case 'copy':
      return set(root, pointer(path), look(root, pointer(from)), true)
    case 'test':
      if (!sameJson(look(root, pointer(path)), value)) throw unprocessable()
      return root
    default:
      throw unprocessable()
  }
}

function pointer(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function look(root: Json, path: readonly string[]): Json {
  let value: Json | undefined = root
  for (const key of path)
    value = isList(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined
  if (value === undefined) throw unprocessable()
  return value
}

function set(
  root: Json,
  [key, ...rest]: readonly string[],
  value: Json | undefined,
  add: boolean,
): Json {
  if (key === undefined) return value ?? null
  if (isList(root)) {
    const index = key === '-' ? root.length : Number(key)
    if (!(index >= 0 && index <= root.length)) throw unprocessable()
    if (rest.length > 0) return root.with(index, set(root[index] as Json, rest, value, add))
    if (value === undefined) return root.toSpliced(index, 1)
    return add ? root.toSpliced(index, 0, value) : root.with(index, value)
  }
  if (!isObject(root)) throw unprocessable()
  if (rest.length > 0) {
    const below = root[key]
    if (below === undefined) throw unprocessable()
    return { ...root, [key]: set(below, rest, value, add) }
  }
  const { [key]: _, ...others } = root
  return value === undefined ? others : { ...root, [key]: value }
}

/** Whatever is wrong with a patch, the server says the same of it. */
function unprocessable() {
  const message = 'the server rejected our request due to an error in our request'
  return failure(422, 'Invalid', message, {})
}

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
    if (below?.type === 'list' && isList(list)) base[field] = ordered(list, wanted, below)
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
  if (mergeKey === '')
    return [...current, ...patch.filter((one) => !current.some((other) => sameJson(one, other)))]
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
  return result
}

function ordered(
  list: readonly Json[],
  wanted: readonly Json[],
  { mergeKey = '' }: ListSchema,
): Json {
  const keyOf = (one: Json) => (mergeKey !== '' && isObject(one) ? one[mergeKey] : one)
  const place = (one: Json) => wanted.findIndex((other) => sameJson(keyOf(other), keyOf(one)))
  const [named, others] = [
    list.filter((one) => place(one) >= 0).sort((a, b) => place(a) - place(b)),
    list.filter((one) => place(one) < 0),
  ]
  return [...named, ...others]
}
