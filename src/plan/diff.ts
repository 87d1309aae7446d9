import type { Path } from '../app/pointer.ts'
import { canonicalJson } from '../app/revision.ts'
import type { App } from '../app/schema.ts'

/** One place where two apps differ, with the values as the library keeps them; absent means not there. */
export interface Difference {
  readonly path: Path
  readonly before?: unknown
  readonly after?: unknown
}

/**
 * Where two apps differ, as deep as the difference goes. An absent `replicas` in the wanted app is no difference: the
 * live count stays.
 */
export function diffApps(live: App, wanted: App): readonly Difference[] {
  return [...differences(live, wanted, [])].filter(
    ({ path, after }) => !(path.length === 1 && path[0] === 'replicas' && after === undefined),
  )
}

/** The paths of everything a value holds; an empty object or list is a leaf itself. */
export function leafPaths(value: unknown, path: Path): readonly Path[] {
  const inner = isObject(value) || Array.isArray(value) ? Object.entries(value) : []
  const set = inner.filter(([, child]) => child !== undefined)
  return set.length === 0 ? [path] : set.flatMap(([key, child]) => leafPaths(child, [...path, key]))
}

function* differences(before: unknown, after: unknown, path: Path): Generator<Difference> {
  if (before === after) return
  if (isObject(before) && isObject(after) && sameType(before, after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(before[key], after[key], [...path, key])
    }
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    yield* listDifferences(before, after, path)
    return
  }
  yield {
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

/** Entries with a name are compared by it; the pointer counts in the wanted list, for removed ones in the live list. */
function* listDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: Path,
): Generator<Difference> {
  const [old, next] = [byName(before), byName(after)]
  if (!old || !next || !sameOrder(old, next)) {
    if (canonicalJson(before) !== canonicalJson(after)) yield { path, before, after }
    return
  }
  for (const [name, { value, index }] of next) {
    yield* differences(old.get(name)?.value, value, [...path, String(index)])
  }
  for (const [name, { value, index }] of old) {
    if (!next.has(name)) yield { path: [...path, String(index)], before: value }
  }
}

type Named = ReadonlyMap<string, { readonly value: unknown; readonly index: number }>

function byName(list: readonly unknown[]): Named | undefined {
  const named = new Map<string, { value: unknown; index: number }>()
  for (const [index, value] of list.entries()) {
    if (!isObject(value) || typeof value.name !== 'string') return undefined
    named.set(value.name, { value, index })
  }
  return named.size === list.length ? named : undefined
}

function sameOrder(before: Named, after: Named): boolean {
  const common = [...before.keys()].filter((name) => after.has(name))
  const shared = [...after.keys()].filter((name) => before.has(name))
  return common.every((name, index) => name === shared[index])
}

/** A probe or volume of another type is another one: its fields are not compared one by one. */
function sameType(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
  return before.type === after.type
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
