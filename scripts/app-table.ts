import { readFileSync } from 'node:fs'
import { markdownTable } from './markdown-table.ts'

/** As much of a JSON Schema as `app.schema.json` uses and a reader wants to know. */
interface Schema {
  readonly $ref?: string
  readonly description?: string
  readonly default?: unknown
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

type Definitions = Readonly<Record<string, Schema>>

/** Every key of an app with what it takes and what it means, as the schema for editors has it. */
export function appTable(): string {
  const url = new URL('../app.schema.json', import.meta.url)
  const { definitions }: { definitions: Definitions } = JSON.parse(readFileSync(url, 'utf8'))
  const rows = rowsOf(definitions.app ?? {}, '', definitions, new Map())
  return markdownTable(['key', 'takes', 'meaning'], rows)
}

/** One row a key, what is inside it after it. What was told under another key already is only pointed at. */
function rowsOf(
  schema: Schema,
  prefix: string,
  definitions: Definitions,
  told: Map<string, string>,
): string[][] {
  return Object.entries(propertiesOf(schema, definitions)).flatMap(([name, property]) => {
    if (name === '$schema') return []
    const resolved = resolve(property, definitions)
    const key = `${prefix}${name}`
    const { inner, mark } = innerOf(resolved, definitions)
    const inside = Object.keys(propertiesOf(inner, definitions)).length > 0
    const same = inside ? JSON.stringify(propertiesOf(inner, definitions)) : key
    const before = told.get(same)
    told.set(same, before ?? key)
    const meaning = [
      resolved.description,
      ...defaultOf(resolved),
      ...(before ? [`As \`${before}\``] : []),
    ]
    const row = [`\`${key}\``, takes(resolved, definitions), meaning.filter(Boolean).join('. ')]
    return inside && !before ? [row, ...rowsOf(inner, `${key}${mark}.`, definitions, told)] : [row]
  })
}

function resolve({ $ref, ...own }: Schema, definitions: Definitions): Schema {
  const name = $ref?.split('/').at(-1)
  return name === undefined ? own : { ...resolve(definitions[name] ?? {}, definitions), ...own }
}

/** The keys of an object, or of all the objects it may be. */
function propertiesOf(schema: Schema, definitions: Definitions): Readonly<Record<string, Schema>> {
  const properties: Record<string, Schema> = {}
  for (const choice of choicesOf(schema, definitions)) {
    for (const [name, property] of Object.entries(choice.properties ?? {})) {
      const before = properties[name]
      properties[name] =
        before?.const !== undefined || before?.enum
          ? {
              ...before,
              const: undefined,
              enum: [...(before.enum ?? [before.const]), property.const],
            }
          : (before ?? property)
    }
  }
  return properties
}

function choicesOf(schema: Schema, definitions: Definitions): readonly Schema[] {
  const resolved = resolve(schema, definitions)
  const choices = resolved.anyOf ?? resolved.oneOf
  return choices ? choices.flatMap((choice) => choicesOf(choice, definitions)) : [resolved]
}

/** What a list or a map holds, and how that is written in a key: `ports[].name`, `env.*.secret`. */
function innerOf(schema: Schema, definitions: Definitions): { inner: Schema; mark: string } {
  for (const choice of choicesOf(schema, definitions)) {
    if (choice.items) return { inner: choice.items, mark: '[]' }
    if (typeof choice.additionalProperties === 'object')
      return { inner: choice.additionalProperties, mark: '.*' }
  }
  return { inner: schema, mark: '' }
}

function takes(schema: Schema, definitions: Definitions): string {
  const words = choicesOf(schema, definitions).flatMap((choice) => {
    if (choice.enum)
      return choice.enum.filter((one) => one !== undefined).map((one) => `\`${one}\``)
    if (choice.const !== undefined) return [`\`${choice.const}\``]
    if (choice.type === 'array') return ['list']
    if (choice.type === 'object') return ['map']
    if (choice.type === 'integer') return ['whole number']
    return choice.type === undefined ? [] : [choice.type === 'string' ? 'text' : choice.type]
  })
  return [...new Set(words)].join(', ')
}

function defaultOf({ default: value }: Schema): string[] {
  if (value === undefined || (typeof value === 'object' && JSON.stringify(value).length <= 2))
    return []
  return [`Default \`${JSON.stringify(value)}\``]
}
