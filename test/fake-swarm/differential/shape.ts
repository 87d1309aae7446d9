/** What a JSON document is made of: keys and types. Lists are as all of their elements together. */
export type Shape = string | { readonly [key: string]: Shape } | readonly Shape[]

/** Objects of the swarm, containers and digests. */
const ID = /\b(?:[0-9a-f]{64}|[0-9a-z]{25})\b/g
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    const shapes = value.map(shapeOf)
    return shapes.length === 0 ? [] : [shapes.reduce(both)]
  }
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [plain(key), shapeOf(one)]),
  )
}

function both(a: Shape, b: Shape): Shape {
  if (typeof a === 'string' || typeof b === 'string')
    return a === b ? a : `${String(a)}|${String(b)}`
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && a.length > 0 ? a : b
  const [left, right] = [a as Record<string, Shape>, b as Record<string, Shape>]
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
  return Object.fromEntries(
    keys.map((key) => {
      const [one, other] = [left[key], right[key]]
      return [
        key,
        one === undefined || other === undefined ? (one ?? other ?? '') : both(one, other),
      ]
    }),
  )
}

/** A sentence without what is never the same twice. */
export function plain(text: string): string {
  return text
    .replaceAll(ID, '<id>')
    .replaceAll(TIME, '<time>')
    .replaceAll(/[0-9a-f]{12}(?= is starting)/g, '<id>')
}

/** Where two shapes differ: `/Spec/Mode: object, but number`. */
export function shapeDifferences(real: Shape, fake: Shape, at = ''): string[] {
  if (Array.isArray(real) && Array.isArray(fake)) {
    const [one, other] = [real[0] as Shape | undefined, fake[0] as Shape | undefined]
    if (one === undefined && other === undefined) return []
    if (one === undefined || other === undefined) {
      return [
        `${at}/*: the list is ${one === undefined ? 'empty' : 'not empty'}, the fake's is not so`,
      ]
    }
    return shapeDifferences(one, other, `${at}/*`)
  }
  const objects = [real, fake].every((one) => typeof one === 'object' && !Array.isArray(one))
  if (!objects) {
    const [one, other] = [kind(real), kind(fake)]
    return one === other ? [] : [`${at || '/'}: ${one}, the fake has ${other}`]
  }
  const [left, right] = [real as Record<string, Shape>, fake as Record<string, Shape>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort().flatMap((key) => {
    const [one, other] = [left[key], right[key]]
    if (one === undefined) return [`${at}/${key}: not there, the fake has it`]
    if (other === undefined) return [`${at}/${key}: the fake lacks it`]
    return shapeDifferences(one, other, `${at}/${key}`)
  })
}

function kind(shape: Shape): string {
  return typeof shape === 'string' ? shape : Array.isArray(shape) ? 'list' : 'object'
}
