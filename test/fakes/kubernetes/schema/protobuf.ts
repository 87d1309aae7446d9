import { badRequest } from '../errors.ts'
import { isList, isObject, type Json, type JsonObject } from '../json.ts'
import { time } from '../objects.ts'
import { isZero } from './decode.ts'
import type { Field, Primitive, Schema, Schemas } from './schema.ts'

/** What every body in protobuf begins with. */
const MAGIC = Buffer.from('k8s\0')

/**
 * Reads an object as clients written in Go send it: an envelope that names its kind, and the message in it. What the sender's
 * types write of fields nobody set is left out, so that it is the same as what the same client would have sent as JSON.
 */
export function readProtobuf(schemas: Schemas, type: string, body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.split('.').at(-1)}): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (${glimpse(body)})`,
    )
  try {
    const envelope = new Map(wire(body.subarray(MAGIC.length)))
    const about = new Map(wire(bytes(envelope.get(1))))
    const [apiVersion, kind] = [1, 2].map((number) => bytes(about.get(number)).toString('utf8'))
    return {
      ...(apiVersion ? { apiVersion } : {}),
      ...(kind ? { kind } : {}),
      ...message(schemas, bytes(envelope.get(2)), tableOf(schemas, type)),
    }
  } catch (error) {
    if (error instanceof RangeError) throw badRequest('unexpected EOF')
    throw error
  }
}

const SEEN = 30

/** The beginning of it, as text if it looks like JSON. */
function glimpse(body: Buffer): string {
  if (body.length === 0) return '<empty>'
  const start = body.subarray(0, SEEN).toString(body[0] === 0x7b ? 'utf8' : 'hex')
  return body.length > SEEN ? `${start} ...` : start
}

type Value = bigint | Buffer
type Table = ReadonlyMap<number, Entry | Table>
type Entry = readonly [name: string, field: Field]

/** The fields of a message in the order they were sent. Throws a `RangeError` when it breaks off. */
function* wire(message: Buffer): Iterable<readonly [number, Value]> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
  }
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('the message breaks off')
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const tag = Number(varint())
    const form = tag & 7
    const number = tag >>> 3
    if (form === 0) yield [number, varint()]
    else if (form === 1) yield [number, take(8)]
    else if (form === 2) yield [number, take(Number(varint()))]
    else if (form === 5) yield [number, take(4)]
    else throw new RangeError(`there is no form ${form} of fields`)
  }
}

function bytes(value: Value | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

function tableOf(schemas: Schemas, type: string): Table {
  const table = new Map<number, Entry | Table>()
  for (const [name, field] of schemas.struct(type).fields) {
    const number = field.path.at(-1)
    if (number === undefined) continue
    let within = table
    for (const wrapper of field.path.slice(0, -1)) {
      const known = within.get(wrapper)
      const next = known instanceof Map ? known : new Map<number, Entry | Table>()
      within.set(wrapper, next)
      within = next
    }
    within.set(number, [name, field])
  }
  return table
}

function message(schemas: Schemas, body: Buffer, table: Table): Record<string, Json | undefined> {
  const result: Record<string, Json | undefined> = {}
  for (const [number, value] of wire(body)) {
    const entry = table.get(number)
    if (entry instanceof Map) Object.assign(result, message(schemas, bytes(value), entry))
    if (!entry || entry instanceof Map) continue
    const [name, { schema, presence }] = entry as Entry
    const item = read(schemas, schema, value, result[name])
    const kept = presence === 'always' && typeof item !== 'object'
    if (presence === 'pointer' || kept || !isZero(item)) result[name] = item
  }
  return result
}

/** Lists and maps come item by item. */
function read(
  schemas: Schemas,
  schema: Schema,
  value: Value,
  before: Json | undefined,
): Json | undefined {
  switch (schema.type) {
    case 'primitive':
      return PRIMITIVES[schema.primitive](value)
    case 'struct':
      return message(schemas, bytes(value), tableOf(schemas, schema.name))
    case 'list': {
      const item = read(schemas, schema.item, value, undefined)
      return [...(isList(before) ? before : []), item ?? null]
    }
    case 'map': {
      const pair = new Map(wire(bytes(value)))
      const key = bytes(pair.get(1)).toString('utf8')
      const item = itemOf(schemas, schema.item, pair.get(2) ?? Buffer.alloc(0))
      return { ...(isObject(before) ? before : {}), [key]: item }
    }
  }
}

/** A list cannot be the value of a map in protobuf: it is wrapped in a message. */
function itemOf(schemas: Schemas, schema: Schema, value: Value): Json | undefined {
  if (schema.type !== 'list') return read(schemas, schema, value, undefined)
  return [...wire(bytes(value))].map(
    ([, one]) => read(schemas, schema.item, one, undefined) ?? null,
  )
}

const text = (value: Value) => bytes(value).toString('utf8')
const whole = (value: Value | undefined) => (typeof value === 'bigint' ? Number(value) : 0)

/** Absent for the time that is no time. */
function instant(value: Value, digits: number): string | undefined {
  const parts = new Map(wire(bytes(value)))
  const [seconds, nanos] = [whole(parts.get(1)), whole(parts.get(2))]
  if (seconds === 0 && nanos === 0) return undefined
  const fraction = String(nanos).padStart(9, '0').slice(0, digits)
  return time(seconds * 1000).replace('Z', `${fraction && `.${fraction}`}Z`)
}

const PRIMITIVES: Readonly<Record<Primitive, (value: Value) => Json | undefined>> = {
  s: text,
  i: whole,
  l: whole,
  b: (value) => whole(value) !== 0,
  f: (value) => bytes(value).readDoubleLE(),
  q: (value) => text(new Map(wire(bytes(value))).get(1) ?? 0n),
  t: (value) => instant(value, 0),
  u: (value) => instant(value, 6),
  x: (value) => {
    const parts = new Map(wire(bytes(value)))
    return whole(parts.get(1)) === 1 ? text(parts.get(3) ?? 0n) : whole(parts.get(2))
  },
  y: (value) => bytes(value).toString('base64'),
  o: (value) => {
    const json = text(new Map(wire(bytes(value))).get(1) ?? 0n)
    return json === '' ? undefined : (JSON.parse(json) as Json)
  },
}
