import type { ApiTypes, Declaration, Declared, Library, Property } from './library.ts'
import { isScalar, preview, scalarProblems } from './scalar.ts'

export interface ValidateOptions {
  /** `null` is the same as absent: Marathon's readers say so, and its writers did it before 1.5. */
  readonly nullIsAbsent?: boolean
  /** An update: of the outermost object, and of groups in groups, nothing is required. */
  readonly partial?: boolean
  /** Properties that the code knows and the description forgot, by their names. */
  readonly forgotten?: ReadonlySet<string>
}

interface At extends ValidateOptions {
  readonly library: Library
  readonly path: string
}

/**
 * What is wrong with a value that should be of this type, `app.App`: one sentence each, with the path. Properties nobody
 * declared are wrong too. Throws when the version does not know the type.
 */
export function problemsOf(
  types: ApiTypes,
  reference: string,
  value: unknown,
  options: ValidateOptions = {},
): readonly string[] {
  const list = reference.endsWith('[]')
  const found = types.find(list ? reference.slice(0, -2) : reference)
  if (!found) throw new Error(`the RAML of ${types.version} has no ${reference}`)
  const { library, name } = found
  return [...check(list ? `${name}[]` : name, value, { ...options, library, path: '' })]
}

function* check(declared: Declaration, value: unknown, at: At): Generator<string, void, void> {
  if (declared === null) return yield* check('string', value, at)
  if (typeof declared === 'string') return yield* checkExpression(declared, value, at)
  const { type } = declared
  if (declared.properties || type === 'object' || declared.discriminator)
    return yield* checkObject(declared, value, at)
  if (type === 'array' || declared.items !== undefined)
    return yield* checkArray(declared, declared.items ?? 'any', value, at)
  if (type === undefined || isScalar(type)) {
    for (const problem of scalarProblems(type ?? 'string', declared, value))
      yield `${at.path}: ${problem}`
    return
  }
  if (type.endsWith('[]')) return yield* checkArray(declared, type.slice(0, -2), value, at)
  yield* checkExpression(type, value, at)
  yield* checkFacets(declared, value, at)
}

/** Facets that are added to a type of another name. */
function* checkFacets(declared: Declared, value: unknown, at: At): Generator<string, void, void> {
  const kind =
    typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : undefined
  if (kind === undefined) return
  for (const problem of scalarProblems(kind, declared, value)) yield `${at.path}: ${problem}`
}

function* checkExpression(
  expression: string,
  value: unknown,
  at: At,
): Generator<string, void, void> {
  const text = expression.trim().replace(/^\((.*)\)$/, '$1')
  if (text.includes('|')) return yield* checkUnion(text.split('|'), value, at)
  if (text.endsWith('?')) {
    if (value !== null) yield* checkExpression(text.slice(0, -1), value, at)
    return
  }
  if (text.endsWith('[]')) return yield* checkArray({}, text.slice(0, -2), value, at)
  if (text === 'object') return yield* checkObject({}, value, at)
  if (isScalar(text)) {
    for (const problem of scalarProblems(text, {}, value)) yield `${at.path}: ${problem}`
    return
  }
  const { library, name } = at.library.find(text)
  const declared = library.declaration(name) as Declaration
  // Updates are of what is on top, and of groups all the way down.
  const partial = at.partial && (at.path === '' || name === 'GroupUpdate')
  yield* check(declared, value, { ...at, library, partial: partial ?? false })
}

/** Of the branches that do not fit, the one that comes closest is told. */
function* checkUnion(
  branches: readonly string[],
  value: unknown,
  at: At,
): Generator<string, void, void> {
  const found = branches.map((branch) => [...check(branch.trim(), value, at)])
  if (found.some((problems) => problems.length === 0)) return
  const isAbout = (problems: readonly string[]) => !problems[0]?.startsWith(`${at.path}: `)
  // One that is of the right kind, with something wrong inside, is closer than one of another kind.
  const [closest = []] = found.sort(
    (a, b) => Number(isAbout(b)) - Number(isAbout(a)) || a.length - b.length,
  )
  yield* closest
}

function* checkArray(
  { minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems }: Declared,
  items: Declaration,
  value: unknown,
  at: At,
): Generator<string, void, void> {
  if (!Array.isArray(value)) {
    yield `${at.path}: is no array (${preview(value)})`
    return
  }
  if (value.length < minItems) yield `${at.path}: has fewer than ${minItems} items`
  if (value.length > maxItems) yield `${at.path}: has more than ${maxItems} items`
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length)
    yield `${at.path}: has the same item twice`
  for (const [index, item] of value.entries())
    yield* check(items, item, { ...at, path: `${at.path}/${index}`, partial: false })
}

interface Rule {
  readonly library: Library
  readonly required: boolean
  readonly declared: Declaration
}

interface Shape {
  readonly named: Map<string, Rule>
  readonly patterns: { readonly pattern: RegExp; readonly rule: Rule }[]
}

function* checkObject(declared: Declared, value: unknown, at: At): Generator<string, void, void> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield `${at.path}: is no object (${preview(value)})`
    return
  }
  const entries = Object.entries(value)
  const shape = shapeOf(declared, value as Record<string, unknown>, at.library)
  for (const [key, inner] of entries) {
    const path = `${at.path}/${key}`
    if (inner === null && at.nullIsAbsent) continue
    const rule =
      shape.named.get(key) ?? shape.patterns.find(({ pattern }) => pattern.test(key))?.rule
    if (rule) yield* check(rule.declared, inner, { ...at, library: rule.library, path })
    else if (isClosed(shape) && !at.forgotten?.has(key)) yield `${path}: is not declared`
  }
  if (at.partial) return
  for (const [key, { required }] of shape.named) {
    const inner = (value as Record<string, unknown>)[key]
    if (required && (inner === undefined || (inner === null && at.nullIsAbsent)))
      yield `${at.path}/${key}: is missing`
  }
}

/** An object without any properties may have all. */
function isClosed({ named, patterns }: Shape): boolean {
  return named.size + patterns.length > 0
}

/** Its own properties and those of the types it extends; told apart by the discriminator, those of the one it is. */
function shapeOf(declared: Declared, value: Record<string, unknown>, library: Library): Shape {
  const shape: Shape = { named: new Map(), patterns: [] }
  const subtype = subtypeOf(declared, value, library)
  collect(subtype ?? declared, library, shape)
  return shape
}

function subtypeOf(
  { discriminator }: Declared,
  value: Record<string, unknown>,
  library: Library,
): Declared | undefined {
  if (discriminator === undefined) return undefined
  for (const name of library.names) {
    const declared = library.declaration(name)
    if (typeof declared !== 'object' || declared === null) continue
    const { discriminatorValue: wanted } = declared
    if (wanted !== undefined && wanted === value[discriminator]) return declared
  }
  return undefined
}

function collect({ type, properties = {} }: Declared, library: Library, shape: Shape): void {
  if (type !== undefined && type !== 'object') {
    const found = library.find(type)
    const base = found.library.declaration(found.name)
    if (typeof base === 'object' && base !== null) collect(base, found.library, shape)
  }
  for (const [written, property] of Object.entries(properties)) {
    const declared: Property = property
    const rule = { library, declared, required: isRequired(written, declared) }
    const pattern = /^\/(.*)\/$/.exec(written)?.[1]
    if (pattern !== undefined) shape.patterns.push({ pattern: new RegExp(pattern), rule })
    else shape.named.set(written.replace(/\?$/, ''), rule)
  }
}

function isRequired(written: string, property: Property): boolean {
  if (written.endsWith('?')) return false
  if (typeof property !== 'object' || property === null) return true
  // What has a default need not be written, although the description says so.
  return property.required ?? !('default' in property)
}
