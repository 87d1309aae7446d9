import fc from 'fast-check'

/** The part of JSON Schema that the published schema uses. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly pattern?: string
}

/** Values the schema allows, small ones, so that whole apps stay readable when they are counterexamples. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const either = schema.anyOf ?? schema.oneOf
  if (either) return fc.oneof(...either.map(valuesOf))
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'object':
      return objectsOf(schema)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: 2,
      })
    case 'string':
      return textsOf(schema)
    case 'integer':
      return fc.integer({
        min: schema.minimum ?? -5,
        max: schema.maximum ?? (schema.minimum ?? 0) + 9,
      })
    case 'number':
      return fc.double({
        min: schema.minimum ?? schema.exclusiveMinimum ?? 0,
        minExcluded: schema.exclusiveMinimum !== undefined,
        max: schema.maximum ?? 9,
        noNaN: true,
      })
    case 'boolean':
      return fc.boolean()
    default:
      return fc.jsonValue({ maxDepth: 1 })
  }
}

function objectsOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.properties) {
    const model = Object.entries(schema.properties).map(([key, inner]) => [key, valuesOf(inner)])
    return fc.record(Object.fromEntries(model) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [...(schema.required ?? [])],
      noNullPrototype: true,
    })
  }
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
  return fc.dictionary(textsOf(schema.propertyNames ?? {}), valuesOf(inner), {
    maxKeys: 2,
    noNullPrototype: true,
  })
}

function textsOf({ pattern, allOf = [], minLength = 0 }: Schema): fc.Arbitrary<string> {
  const [first, ...others] = [pattern, ...allOf.map((part) => part.pattern)]
    .filter((source) => source !== undefined)
    .map((source) => new RegExp(source))
  if (!first) return fc.string({ minLength, maxLength: 5 })
  // A stringMatching does not know look-ahead; what it says is checked afterwards.
  const plain = new RegExp(first.source.replace(/^\(\?=\.\*\[1-9\]\)/, ''))
  return fc
    .stringMatching(plain, { size: '-1' })
    .filter((text) => text.length <= 200 && [first, ...others].every((rule) => rule.test(text)))
}
