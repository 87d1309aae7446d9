import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'

export interface Issue {
  /** JSON pointer into the app as written. */
  readonly path: string
  /** Starts where the path ends: `/replicas needs a whole number (got "three")`. */
  readonly message: string
}

/** Words each message for the person who wrote the file. Values are shown unless they may be secret. */
export const explainIssue: z.core.$ZodErrorMap = (issue) => {
  const got = issue.path && mayBeSecret(issue.path) ? '' : gotValue(issue.input)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, knownKeys(issue.inst))).join('; ')
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `needs ${article(issue.expected)}${got}`
    case 'invalid_value':
      return `needs one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}${nearest(issue.input, issue.values)}${got}`
    case 'too_small':
      return `needs at least ${issue.minimum}${got}`
    case 'too_big':
      return `takes at most ${issue.maximum}${got}`
    case 'invalid_key':
      return `holds a key that is not allowed: ${issue.issues.map((inner) => inner.message).join('; ')}`
    default:
      return undefined
  }
}

/** ` (got 12)`: short, one line, and nothing for objects. */
export function gotValue(input: unknown): string {
  if (input === undefined || (typeof input === 'object' && input !== null)) return ''
  const text = JSON.stringify(input) ?? String(input)
  return ` (got ${text.length > 60 ? `${text.slice(0, 57)}…` : text})`
}

function mayBeSecret(path: readonly PropertyKey[]): boolean {
  return path.some((part) => part === 'env' || part === 'files' || part === 'native')
}

function unknownKey(key: string, known: readonly string[]): string {
  const best = known.length > 0 ? closest(key, [...known]) : undefined
  const close =
    best !== undefined &&
    distance(key.toLowerCase(), best.toLowerCase()) <= Math.max(2, key.length / 3)
  const hint =
    FALSE_FRIENDS[key] ?? (close ? `did you mean "${best}"?` : `known keys: ${known.join(', ')}`)
  return `has an unknown key "${key}": ${hint}`
}

/** What other formats call it; the nearest spelling would mislead. */
const FALSE_FRIENDS: Readonly<Record<string, string>> = {
  command:
    'it means ENTRYPOINT in Kubernetes and CMD in Compose; write "entrypoint", "args" or "shell"',
  cmd: 'write "shell" for one shell line, or "args"',
  instances: 'write "replicas"',
  cpus: 'write "resources: { requests: { cpu } }"',
  cpu: 'write "resources: { requests: { cpu } }"',
  mem: 'write "resources: { requests: { memory } }"',
  memory: 'write "resources: { requests: { memory } }"',
  healthChecks: 'write "probes"',
  constraints: 'write "placement"',
  upgradeStrategy: 'write "update"',
  dependencies: 'write "dependsOn"',
  depends_on: 'write "dependsOn"',
  environment: 'write "env"',
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape
  return shape ? Object.keys(shape).filter((key) => !key.startsWith('$')) : []
}

function nearest(input: unknown, values: readonly unknown[]): string {
  if (typeof input !== 'string') return ''
  const texts = values.filter((value) => typeof value === 'string')
  const best = texts.length > 0 ? closest(input, texts) : undefined
  return best !== undefined && distance(input, best) <= 2 ? `; did you mean "${best}"?` : ''
}

function article(expected: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'text (in quotes)',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map of keys',
    record: 'a map of keys',
  }
  return words[expected] ?? expected
}
