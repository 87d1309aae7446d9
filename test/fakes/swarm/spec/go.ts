import { refuse } from '../errors.ts'

/**
 * How a field of a Go struct is read and written: `text`, `number`, `flag`, `texts` and `map` are left out when empty;
 * `number!` is always there, `number?` and `flag?` whenever they were given.
 */
export type Field =
  | 'text'
  | 'text!'
  | 'number'
  | 'number!'
  | 'number?'
  | 'flag'
  | 'flag?'
  | 'texts'
  | 'map'
  | 'any'
  | { readonly struct: Struct }
  | { readonly list: Struct }

/** Fields in the order in which they are written. */
export interface Struct {
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
}

type Json = Readonly<Record<string, unknown>>

/** A JSON document as the engine's decoder takes it: case of keys does not count, unknown ones are passed over. */
export function decode(struct: Struct, value: unknown): Record<string, unknown> {
  const given = expect(isObject, value, struct.name, '', 'object')
  const byName = new Map(Object.entries(given).map(([key, one]) => [key.toLowerCase(), one]))
  const out: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(struct.fields)) {
    const read = one(field, byName.get(key.toLowerCase()), struct.name, key)
    if (read !== undefined) out[key] = read
  }
  return out
}

function one(field: Field, value: unknown, struct: string, key: string): unknown {
  if (typeof field === 'object') {
    if (value === undefined || value === null) return undefined
    if ('struct' in field) return decode(field.struct, value)
    const list = expect(Array.isArray, value, struct, key, `[]${field.list.name}`)
    return list.length > 0 ? list.map((item) => decode(field.list, item)) : undefined
  }
  const [kind, mark] = [field.replace(/[!?]$/, ''), field.at(-1)]
  if (value === undefined || value === null) {
    if (mark !== '!') return undefined
    return kind === 'number' ? 0 : ''
  }
  const read = scalar(kind, value, struct, key)
  return mark === '!' || mark === '?' || !isEmpty(read) ? read : undefined
}

function scalar(kind: string, value: unknown, struct: string, key: string): unknown {
  const is = (type: string) => (one: unknown) => typeof one === type
  switch (kind) {
    case 'text':
      return expect(is('string'), value, struct, key, 'string')
    case 'number':
      return expect(is('number'), value, struct, key, 'int64')
    case 'flag':
      return expect(is('boolean'), value, struct, key, 'bool')
    case 'texts': {
      const list = expect(Array.isArray, value, struct, key, '[]string')
      for (const text of list) expect(is('string'), text, struct, key, 'string')
      return list
    }
    case 'map':
      return expect(isObject, value, struct, key, 'map[string]string')
    default:
      return value
  }
}

function expect<T>(
  test: ((value: unknown) => value is T) | ((value: unknown) => boolean),
  value: unknown,
  struct: string,
  key: string,
  wanted: string,
): T {
  if (test(value)) return value as T
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const place = key
    ? `Go struct field ${struct}.${key} of type ${wanted}`
    : `Go value of type ${PACKAGES.get(struct) ?? 'swarm'}.${struct}`
  throw refuse(400, `json: cannot unmarshal ${found} into ${place}`)
}

/** Where a type is that is not one of the swarm's. */
const PACKAGES = new Map([
  ['NetworkCreateRequest', 'types'],
  ['ExecConfig', 'types'],
])

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
