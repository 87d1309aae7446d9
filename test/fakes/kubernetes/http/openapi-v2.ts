import { ALL_KINDS, type Kind } from '../kinds.ts'
import type { Primitive, Schema, Schemas } from '../schema/schema.ts'
import type { Answer } from './answer.ts'

const TYPES: Readonly<Record<Exclude<Primitive, 'o'>, string>> = {
  s: 'string',
  i: 'integer',
  l: 'integer',
  b: 'boolean',
  f: 'number',
  q: 'string',
  t: 'string',
  u: 'string',
  x: 'string',
  y: 'string',
}

/**
 * The older form of the API's description, in the protobuf of gnostic, which is all that kubectl reads of it: by this it checks
 * what is in a `List` before it sends the items.
 */
export function openapiV2(schemas: Schemas): Answer {
  const definitions = schemas
    .names()
    .map((name) => field(1, named(full(name), definition(schemas, name))))
  const info = message(field(1, 'Kubernetes'), field(2, 'v1.34.4'))
  return {
    status: 200,
    bytes: message(field(1, '2.0'), field(2, info), field(9, message(...definitions))),
    contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  }
}

/** Numbers of fields of gnostic's `Schema`. */
const REF = 1
const REQUIRED = 19
const ADDITIONAL = 21
const TYPE = 22
const ITEMS = 23
const PROPERTIES = 25
const EXTENSION = 31

function definition(schemas: Schemas, name: string): Buffer {
  const { fields } = schemas.struct(name)
  const kinds = ALL_KINDS.filter(({ type }) => type === name)
  const properties = [...fields].map(([key, { schema }]) => field(1, named(key, form(schema))))
  const required = [...fields].filter((entry) => entry[1].required).map(([key]) => key)
  return message(
    ...required.map((key) => field(REQUIRED, key)),
    typed('object'),
    field(PROPERTIES, message(...properties)),
    ...(kinds.length > 0 ? [field(EXTENSION, about(kinds))] : []),
  )
}

function about(kinds: readonly Kind[]): Buffer {
  const yaml = JSON.stringify(kinds.map(({ group, version, kind }) => ({ group, kind, version })))
  return named('x-kubernetes-group-version-kind', field(2, yaml))
}

function form(schema: Schema): Buffer {
  switch (schema.type) {
    case 'primitive':
      return schema.primitive === 'o' ? message() : typed(TYPES[schema.primitive])
    case 'struct':
      return field(REF, `#/definitions/${full(schema.name)}`)
    case 'map':
      return message(field(ADDITIONAL, field(1, form(schema.item))), typed('object'))
    case 'list':
      return message(typed('array'), field(ITEMS, field(1, form(schema.item))))
  }
}

function full(name: string): string {
  return `io.k8s.api.${name}`
}

function typed(type: string): Buffer {
  return field(TYPE, field(1, type))
}

function named(name: string, value: Buffer): Buffer {
  return message(field(1, name), field(2, value))
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields)
}

function field(number: number, value: string | Buffer): Buffer {
  const body = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(body.length), body])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}
