import types from './types.json' with { type: 'json' }

export type Primitive = 's' | 'i' | 'l' | 'b' | 'f' | 'q' | 't' | 'u' | 'x' | 'y' | 'o'

/** What a value may be, as the API's own schema has it. */
export type Schema =
  | {
      readonly type: 'primitive'
      readonly primitive: Primitive
      readonly values?: readonly string[]
    }
  | { readonly type: 'map'; readonly atomic: boolean; readonly item: Schema }
  | ListSchema
  | { readonly type: 'struct'; readonly name: string }

export interface ListSchema {
  readonly type: 'list'
  /** How server-side apply tells items apart. Absent: the list is one value. */
  readonly identity?: readonly string[] | 'value' | undefined
  /** What a strategic merge patch goes by: a field, or the value itself when empty. */
  readonly mergeKey?: string | undefined
  readonly item: Schema
}

export interface Struct {
  readonly name: string
  readonly atomic: boolean
  readonly fields: ReadonlyMap<string, Field>
  /** Structs that are there whether something is in them or not. */
  readonly inner: readonly string[]
}

export interface Field {
  readonly schema: Schema
  readonly required: boolean
  /** Its number in protobuf, below the numbers of the messages it is wrapped in. Empty: it is not in the message. */
  readonly path: readonly number[]
  /** A value that says nothing is as good as none: what comes without a pointer, to Go. */
  readonly presence: 'pointer' | 'omitted' | 'always'
}

const ANY: Schema = { type: 'primitive', primitive: 'o' }

/** The types of the API, each parsed when it is first asked for. */
export class Schemas {
  readonly #structs = new Map<string, Struct>()

  struct(name: string): Struct {
    const known = this.#structs.get(name)
    if (known) return known
    const text = (types as Readonly<Record<string, string>>)[name]
    if (text === undefined) throw new RangeError(`there is no type ${name}`)
    const atomic = text.startsWith('! ')
    const fields = new Map((atomic ? text.slice(2) : text).split(' ').filter(Boolean).map(fieldOf))
    const inner = [...fields].flatMap(([key, { schema, presence }]) =>
      schema.type === 'struct' && presence !== 'pointer' ? [key] : [],
    )
    const struct = { name, atomic, fields, inner }
    this.#structs.set(name, struct)
    return struct
  }

  names(): readonly string[] {
    return Object.keys(types)
  }

  /** Of a field of a value of that kind; anything goes where the schema says nothing. */
  fieldOf(schema: Schema, name: string): Schema | undefined {
    if (schema.type === 'struct') return this.struct(schema.name).fields.get(name)?.schema
    if (schema.type === 'map') return schema.item
    return schema.type === 'primitive' && schema.primitive === 'o' ? ANY : undefined
  }

  /** One value as far as owners of fields are concerned. */
  isAtomic(schema: Schema): boolean {
    if (schema.type === 'primitive') return true
    if (schema.type === 'map') return schema.atomic
    if (schema.type === 'list') return schema.identity === undefined
    return this.struct(schema.name).atomic
  }
}

const PRESENCE = { '-': 'omitted', '+': 'always' } as const

/** `replicas=1*:i`: the name, the number, what is known of its presence, and the type. */
function fieldOf(part: string): readonly [string, Field] {
  const [, name = '', number, sign = '', star, code = ''] =
    /^(\w+)(?:=([\d.]+))?([+-]?)(\*?):(.+)$/.exec(part) ?? []
  const path = number?.split('.').map(Number) ?? []
  const presence = sign === '-' || sign === '+' ? PRESENCE[sign] : 'pointer'
  return [name, { schema: parse(code), required: star === '*', path, presence }]
}

function parse(code: string): Schema {
  if (code.startsWith('[')) {
    const end = code.indexOf(']')
    const [keys = '', merge] = code.slice(1, end).split('~')
    return {
      type: 'list',
      identity: keys === '=' ? 'value' : keys === '' ? undefined : keys.split(','),
      mergeKey: merge,
      item: parse(code.slice(end + 1)),
    }
  }
  if (code.startsWith('{}')) return { type: 'map', atomic: false, item: parse(code.slice(2)) }
  if (code.startsWith('{!}')) return { type: 'map', atomic: true, item: parse(code.slice(3)) }
  const enumeration = /^s<(.*)>$/.exec(code)
  if (enumeration)
    return { type: 'primitive', primitive: 's', values: (enumeration[1] as string).split('|') }
  return code.length === 1
    ? { type: 'primitive', primitive: code as Primitive }
    : { type: 'struct', name: code }
}
