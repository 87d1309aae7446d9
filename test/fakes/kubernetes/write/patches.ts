import { badRequest, failure } from '../errors.ts'
import { isList, isObject, type Json, type JsonObject, sameJson } from '../json.ts'

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
    case 'replace': {
      const parts = pointer(path)
      // The server's library takes it for an addition when the member is not there; an item of a list has to be.
      if (isList(look(root, parts.slice(0, -1)))) look(root, parts)
      return set(root, pointer(path), value, false)
    }
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
