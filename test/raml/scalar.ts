import type { Declared } from './library.ts'

/** What RAML knows by itself, and whether a value is of that kind. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  any: () => true,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  nil: (value) => value === null,
  datetime: (value) => typeof value === 'string' && DATETIME.test(value),
}
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

export function isScalar(type: string): boolean {
  return type in KINDS
}

export function* scalarProblems(
  type: string,
  facets: Declared,
  value: unknown,
): Generator<string, void, void> {
  if (!KINDS[type]?.(value)) {
    yield `is no ${type} (${preview(value)})`
    return
  }
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = facets
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = facets
  if (facets.enum && !facets.enum.includes(value))
    yield `is none of ${facets.enum.join(', ')} (${preview(value)})`
  if (typeof value === 'string') {
    if (value.length < minLength) yield `is shorter than ${minLength}`
    if (value.length > maxLength) yield `is longer than ${maxLength}`
    if (pattern !== undefined && !new RegExp(pattern).test(value))
      yield `does not match ${pattern} (${preview(value)})`
  }
  if (typeof value === 'number') {
    if (value < minimum) yield `is less than ${minimum} (${value})`
    if (value > maximum) yield `is greater than ${maximum} (${value})`
  }
}

export function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
