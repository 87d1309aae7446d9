import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { falseFriend } from './false-friends.ts'
import { toPointer } from './pointer.ts'

/** One wrong place of an app as written. */
export interface Issue {
  /** JSON pointer into the app as written. */
  readonly path: string
  /** Starts where the path ends: `/replicas needs a whole number (got "three")`. */
  readonly message: string
  /** The key that is not known in this place, when that is what is wrong. */
  readonly key?: string | undefined
}

type Path = readonly string[]

const HINT = '; did you mean '

/** Words what zod found for the person who wrote the file. `toIssues` adds the value, because only it knows where. */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join(' ')
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `needs ${article(issue.expected, issue.inst)}${rightType(issue.expected, issue.input)}`
    case 'invalid_value':
      return needsOneOf(issue.values, issue.input)
    case 'too_small':
      return tooSmall(issue)
    case 'too_big':
      return issue.maximum === Number.MAX_SAFE_INTEGER
        ? 'is too large'
        : `takes at most ${issue.maximum}`
    case 'invalid_key':
      return `is not a valid key: ${issue.issues[0]?.message ?? 'choose another'}`
    case 'invalid_union':
      return 'is none of the forms this can have'
    default:
      return 'is not valid'
  }
}

/** What one finding means to a person: one issue for each thing that is wrong, with values unless they may be secret. */
export function toIssues(found: z.core.$ZodIssue): readonly Issue[] {
  return expand(found, [])
}

function expand(found: z.core.$ZodIssue, around: Path): readonly Issue[] {
  const path = [...around, ...found.path.map(String)]
  if (found.code === 'unrecognized_keys') {
    const known = found.message.split(' ')
    return found.keys.map((key) => ({
      path: toPointer(path),
      message: unknownKey(path, key, known),
      key,
    }))
  }
  if (found.code === 'invalid_union') {
    if (found.discriminator !== undefined) return [unknownTag(found, path)]
    const meant = meantBranch(found.errors)
    if (meant) return meant.flatMap((inner) => expand(inner, path))
  }
  return [issueAt(path, found.message, found.input)]
}

function issueAt(path: Path, message: string, input: unknown): Issue {
  const [what = '', hint] = message.split(HINT)
  // A hint is made from the value, and would tell it.
  if (mayBeSecret(path)) return { path: toPointer(path), message: what }
  const got = what.includes('(got ') ? '' : gotValue(input)
  return { path: toPointer(path), message: what + got + (hint === undefined ? '' : HINT + hint) }
}

/** The `type` that chooses among probes, volumes and metrics. */
function unknownTag(found: z.core.$ZodIssueInvalidUnion, path: Path): Issue {
  const key = found.discriminator ?? ''
  const { input } = found
  const tag =
    typeof input === 'object' && input !== null && Object.hasOwn(input, key)
      ? (input as Record<string, unknown>)[key]
      : undefined
  const known = 'options' in found && Array.isArray(found.options) ? found.options : []
  const message = needsOneOf(known, tag)
  return issueAt(path, tag === undefined ? `is missing: it ${message}` : message, tag)
}

/**
 * The alternative a person had in mind: the only one whose required keys are all there, or else one with a key that is
 * nearly right. Its own problems say more than "none of these".
 */
function meantBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const possible = branches.filter((issues) => !issues.some(excludes))
  if (possible.length === 1) return possible[0]
  for (const issues of branches) {
    const nearly = issues.filter(
      (issue) =>
        issue.code === 'unrecognized_keys' &&
        issue.keys.some((key) => similar(key, issue.message.split(' ')) !== undefined),
    )
    if (nearly.length > 0 && possible.length === 0) return nearly
  }
  return undefined
}

function excludes(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length === 0) return issue.code !== 'unrecognized_keys'
  return issue.path.length === 1 && issue.input === undefined
}

/** ` (got 12)`: short, one line, and nothing for objects. */
export function gotValue(input: unknown): string {
  if (input === undefined || (typeof input === 'object' && input !== null)) return ''
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input)
  return ` (got ${text.length > 60 ? `${text.slice(0, 57)}…` : text})`
}

const SECRETIVE: ReadonlySet<string> = new Set([
  'env',
  'files',
  'native',
  'headers',
  'options',
  'secrets',
  'configs',
])

function mayBeSecret(path: Path): boolean {
  return path.some((part) => SECRETIVE.has(part))
}

function unknownKey(path: Path, key: string, known: readonly string[]): string {
  const shown = key.length > 60 ? `${key.slice(0, 57)}…` : key
  const near = similar(key, known)
  const hint =
    falseFriend(path, key) ??
    (near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`)
  return `has an unknown key ${JSON.stringify(shown)}: ${hint}`
}

function similar(key: string, known: readonly string[]): string | undefined {
  // The distance is quadratic in the length, and nothing this long is a slip.
  if (known.length === 0 || key.length > 60) return undefined
  const plain = key.replaceAll(/[-_]/g, '').toLowerCase()
  const best = closest(
    plain,
    known.map((name) => name.toLowerCase()),
  )
  return distance(plain, best) <= Math.min(2, plain.length / 2)
    ? known.find((name) => name.toLowerCase() === best)
    : undefined
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape
  return shape ? Object.keys(shape).filter((key) => !key.startsWith('$')) : []
}

function needsOneOf(values: readonly unknown[], input: unknown): string {
  const texts = values.filter((value) => typeof value === 'string')
  const near = typeof input === 'string' ? similar(input, texts) : undefined
  const list = values.map((value) => JSON.stringify(value)).join(', ')
  const hint = near === undefined ? '' : `${HINT}"${near}"?`
  return `needs ${values.length > 1 ? 'one of ' : ''}${list}${hint}`
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>) {
  if (origin === 'string') return 'is empty'
  if (origin === 'array') return `needs at least ${minimum} ${minimum === 1 ? 'entry' : 'entries'}`
  return `needs ${inclusive === false ? 'more than' : 'at least'} ${minimum}`
}

function article(expected: string, schema: unknown): string {
  const format = (schema as { _zod?: { def?: { format?: unknown } } } | undefined)?._zod?.def
    ?.format
  if (expected === 'number') return format === 'safeint' ? 'a whole number' : 'a number'
  return ARTICLES[expected] ?? 'another kind of value'
}

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  string: 'text (in quotes)',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

/** `"3"` where a number is needed, `3` where text is: what it would be without, or with, its quotes. */
function rightType(expected: string, input: unknown): string {
  if (typeof input === 'string') {
    const text = input.trim().toLowerCase()
    const right = expected === 'boolean' ? /^(?:true|false)$/ : /^-?\d{1,15}$/
    const wanted = expected === 'boolean' || expected === 'number' || expected === 'int'
    return wanted && right.test(text) ? `${HINT}${text}?` : ''
  }
  const scalar = typeof input === 'number' || typeof input === 'boolean'
  return expected === 'string' && scalar ? `${HINT}"${input}"?` : ''
}
