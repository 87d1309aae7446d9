import { badRequest, Refused } from '../errors.ts'
import { isList, isObject, type Json, type JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { Primitive, Schema, Schemas } from './schema.ts'

export interface Decoded {
  readonly object: JsonObject
  /** Paths the API does not know; they are dropped. */
  readonly unknown: readonly string[]
}

/** Takes what the API knows of an object, in the forms it knows. Throws the 400 for a value of another type. */
export function decode(schemas: Schemas, kind: Kind, given: JsonObject): Decoded {
  const unknown: string[] = []
  const visit = (value: Json, schema: Schema, path: string, place: Place): Json | undefined => {
    if (value === null) return undefined
    switch (schema.type) {
      case 'primitive':
        return primitive(kind, value, schema.primitive, place)
      case 'list': {
        if (!isList(value)) throw mismatch(kind, value, place, listType(schema.item))
        return value.flatMap((item, index) => {
          const read = visit(item, schema.item, `${path}[${index}]`, place)
          return read === undefined ? [] : [read]
        })
      }
      case 'map': {
        if (!isObject(value))
          throw mismatch(kind, value, place, `map[string]${goType(schema.item)}`)
        return Object.fromEntries(
          Object.entries(value).flatMap(([key, item]) => {
            if (item === undefined) return []
            const read = visit(item, schema.item, `${path}.${key}`, place)
            return [[key, read ?? '']]
          }),
        )
      }
      default:
        return struct(value, schema.name, path, place)
    }
  }
  const struct = (value: Json, name: string, path: string, place: Place): JsonObject => {
    if (!isObject(value)) throw mismatch(kind, value, place, `v1.${name}`)
    const { fields } = schemas.struct(name)
    const result: Record<string, Json | undefined> = {}
    for (const [key, item] of Object.entries(value)) {
      const field = fields.get(key)
      const below = path ? `${path}.${key}` : key
      if (!field) unknown.push(below)
      else if (item !== undefined) {
        const read = visit(item, field.schema, below, { struct: name, path: [...place.path, key] })
        const says = field.presence !== 'omitted' || field.schema.type === 'struct' || !isZero(read)
        if (read !== undefined && says) result[key] = read
      }
    }
    return result
  }
  return { object: struct(given, kind.type, '', { struct: kind.type, path: [] }), unknown }
}

/** What Go's types have when nothing was said. */
export function isZero(value: Json | undefined): boolean {
  if (isList(value)) return value.length === 0
  if (isObject(value)) return Object.keys(value).length === 0
  return !value
}

/** Where a value stands, in Go's words. */
interface Place {
  readonly struct: string
  readonly path: readonly string[]
}

const GO: Readonly<Record<Primitive, string>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  b: 'bool',
  f: 'float64',
  q: 'resource.Quantity',
  t: 'v1.Time',
  u: 'v1.MicroTime',
  x: 'intstr.IntOrString',
  y: '[]uint8',
  o: 'interface {}',
}

function goType(schema: Schema): string {
  if (schema.type === 'primitive') return GO[schema.primitive]
  return schema.type === 'struct' ? `v1.${schema.name}` : listType(schema)
}

function listType(item: Schema): string {
  return `[]${goType(item)}`
}

function primitive(kind: Kind, value: Json, type: Primitive, place: Place): Json {
  const whole = typeof value === 'number' && Number.isInteger(value)
  const fits =
    type === 'o' ||
    (type === 'b'
      ? typeof value === 'boolean'
      : type === 'i' || type === 'l'
        ? whole
        : type === 'f'
          ? typeof value === 'number'
          : type === 'x'
            ? whole || typeof value === 'string'
            : type === 'q'
              ? typeof value === 'number' || typeof value === 'string'
              : typeof value === 'string')
  if (!fits) throw mismatch(kind, value, place, GO[type])
  if (type !== 'q') return value
  const text = String(value)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.test(text))
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    )
  return quantity(text)
}

/** The one way the API writes an amount: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`. */
export function quantity(text: string): string {
  const binary = /^\+?(\d+)(Ki|Mi|Gi|Ti|Pi)$/.exec(text)
  if (binary) {
    const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
    let [amount, unit] = [BigInt(binary[1] as string), units.indexOf(binary[2] as string)]
    while (amount > 0n && amount % 1024n === 0n && unit < 6)
      [amount, unit] = [amount / 1024n, unit + 1]
    return amount === 0n ? '0' : `${amount}${units[unit]}`
  }
  const decimal = /^\+?(\d+)(m|k|M|G|T|P)?$/.exec(text)
  if (decimal) {
    const units = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E']
    let [amount, unit] = [BigInt(decimal[1] as string), units.indexOf(decimal[2] ?? '')]
    while (amount > 0n && amount % 1000n === 0n && unit < 7)
      [amount, unit] = [amount / 1000n, unit + 1]
    return amount === 0n ? '0' : `${amount}${units[unit]}`
  }
  const fraction = /^\+?(\d*)\.(\d{1,3})0*$/.exec(text)
  if (fraction) {
    const millis =
      BigInt(fraction[1] || '0') * 1000n + BigInt((fraction[2] as string).padEnd(3, '0'))
    return quantity(`${millis}m`)
  }
  return text
}

/** A value of another type than its field has. */
export class Mismatch extends Refused {
  /** As it is said of a value that is not read from JSON but turned from one object into another. */
  readonly plain: string

  constructor(refused: Refused, plain: string) {
    super(refused.status)
    this.plain = plain
  }
}

function mismatch(kind: Kind, value: Json, { struct, path }: Place, type: string): Mismatch {
  const got = isList(value)
    ? 'array'
    : isObject(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value
  const shown = got === 'number' && /^int/.test(type) ? `number ${JSON.stringify(value)}` : got
  const refused = badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${shown} into Go struct field ${struct}.${path.join('.')} of type ${type}`,
  )
  return new Mismatch(refused, plainly(value, type))
}

function plainly(value: Json, type: string): string {
  const from = isList(value)
    ? 'slice'
    : isObject(value)
      ? 'map'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'int64'
          : 'float64'
        : typeof value === 'boolean'
          ? 'bool'
          : 'string'
  if (type.startsWith('[]')) return `cannot restore slice from ${from}`
  if (type.startsWith('map')) return `cannot restore map from ${from}`
  if (type.startsWith('v1.')) return `cannot restore struct from: ${from}`
  if (from === 'int64' && type === 'string') return 'cannot convert int64 to string'
  return `unrecognized type: ${type}`
}
