import { isObject, type JsonObject } from '../json.ts'

/**
 * A set of fields of one object, as a tree of path elements written the way `fieldsV1` writes them: `f:name`,
 * `k:{"name":"web"}`, `v:"x"`.
 */
export interface FieldSet {
  /** The path that leads here is in the set itself. */
  member: boolean
  readonly children: Map<string, FieldSet>
}

export function emptySet(member = false): FieldSet {
  return { member, children: new Map() }
}

export function isEmptySet({ member, children }: FieldSet): boolean {
  return !member && [...children.values()].every(isEmptySet)
}

/** The node at a path element, made when there is none. */
export function childOf(set: FieldSet, element: string): FieldSet {
  const known = set.children.get(element)
  if (known) return known
  const made = emptySet()
  set.children.set(element, made)
  return made
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result = emptySet(a.member || b.member)
  for (const element of new Set([...a.children.keys(), ...b.children.keys()])) {
    const [left, right] = [a.children.get(element), b.children.get(element)]
    const merged = left && right ? union(left, right) : ((left ?? right) as FieldSet)
    if (!isEmptySet(merged)) result.children.set(element, merged)
  }
  return result
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result = emptySet(a.member && !b.member)
  for (const [element, left] of a.children) {
    const right = b.children.get(element)
    const rest = right ? difference(left, right) : left
    if (!isEmptySet(rest)) result.children.set(element, rest)
  }
  return result
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result = emptySet(a.member && b.member)
  for (const [element, left] of a.children) {
    const right = b.children.get(element)
    if (!right) continue
    const both = intersection(left, right)
    if (!isEmptySet(both)) result.children.set(element, both)
  }
  return result
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a))
}

export function toFieldsV1({ member, children }: FieldSet): JsonObject {
  const entries = [...children]
    .filter(([, child]) => !isEmptySet(child))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([element, child]) => [element, toFieldsV1(child)] as const)
  return Object.fromEntries(member && entries.length > 0 ? [['.', {}], ...entries] : entries)
}

export function fromFieldsV1(json: JsonObject, root = true): FieldSet {
  const keys = Object.keys(json)
  const set = emptySet('.' in json || (!root && keys.length === 0))
  for (const key of keys) {
    const child = json[key]
    if (key !== '.' && isObject(child)) set.children.set(key, fromFieldsV1(child, false))
  }
  return set
}

/** Every path of the set, as conflicts name them: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  const own = set.member && prefix ? [prefix] : []
  const below = [...set.children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([element, child]) => pathsOf(child, prefix + shown(element)))
  return [...own, ...below]
}

function shown(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('v:')) return `[=${text}]`
  const keys = Object.entries(JSON.parse(text) as JsonObject)
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}
