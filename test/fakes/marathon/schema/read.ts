import type { z } from 'zod'
import { invalid, type Problem } from '../errors.ts'

type Issue = z.core.$ZodIssue

/** Checks a body against a schema. Throws the answer Marathon gives to one that does not fit. */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(withoutNulls(body))
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, []))
  const wrongType = problems.some(({ error }) => error.startsWith('error.'))
  throw invalid(wrongType ? 'Invalid JSON' : 'Object is not valid', problems)
}

/** `null` is the same as absent, everywhere but inside lists. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === null ? [] : [[key, withoutNulls(inner)]],
    ),
  )
}

function problemsOf(issue: Issue, base: readonly PropertyKey[]): Problem[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_union') {
    // As Marathon's readers try one form after the other, what is told is why the last one did not fit.
    const last = issue.errors.at(-1) ?? []
    return last.flatMap((inner) => problemsOf(inner, path))
  }
  return [{ path: pathText(path), error: sentence(issue) }]
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'error.expected.jsstring',
  number: 'error.expected.jsnumber',
  int: 'error.expected.jsnumber',
  boolean: 'error.expected.jsboolean',
  array: 'error.expected.jsarray',
  object: 'error.expected.jsobject',
  record: 'error.expected.jsobject',
}

function sentence(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'error.path.missing'
        : (EXPECTED[issue.expected] ?? 'error.expected.jsobject')
    case 'invalid_value':
      return 'error.unknown.enum.literal'
    case 'too_small':
      if (issue.origin === 'string') return 'error.minLength'
      return issue.origin === 'array' ? 'error.minLength' : `is less than ${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'string') return 'error.maxLength'
      return issue.origin === 'array' ? 'error.maxLength' : `is greater than ${issue.maximum}`
    case 'invalid_format':
      return issue.format === 'datetime' ? 'error.expected.date.isoformat' : 'error.pattern'
    case 'custom':
      return issue.message
    default:
      return 'error.invalid'
  }
}

/** `/apps(0)/id`, as Marathon writes where something is. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `(${part})` : `/${String(part)}`))
    .join('')
  return text === '' ? '/' : text
}
