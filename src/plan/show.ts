import type { Path } from '../app/pointer.ts'
import { printValue } from '../app/print.ts'
import { contentHash } from '../app/revision.ts'

const LONGEST = 60
const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token|credential|private|api_?-?key|authorization|cookie/i
/** Places whose keys people choose, and where values that should be secrets turn up. */
const FREE_KEYS: ReadonlySet<string> = new Set(['env', 'headers', 'native', 'options'])

/**
 * A value of an app for a plan: printed, long texts cut (their hash still tells two apart), and what looks like a
 * secret written out where a reference belongs is hidden.
 */
export function show(value: unknown, path: Path): unknown {
  return conceal(printValue(value, path), path)
}

function conceal(value: unknown, path: Path): unknown {
  if (typeof value === 'string') return concealText(value, path)
  if (Array.isArray(value)) return value.map((inner, i) => conceal(inner, [...path, String(i)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, conceal(inner, [...path, key])]),
  )
}

function concealText(text: string, path: Path): string {
  const key = path.at(-1) ?? ''
  const free = path.findIndex((part) => FREE_KEYS.has(part))
  // { secret: name } is a reference, and its name may be shown.
  const reference = path[free] === 'env' && path.length > free + 2
  if (free >= 0 && !reference && path.slice(free + 1).some((part) => SECRET_NAME.test(part)))
    return '(hidden)'
  const shown = text.replace(/:\/\/[^/\s@]*:[^/\s@]*@/g, '://(hidden)@')
  if (shown.length <= LONGEST || key === 'image') return shown
  return `${shown.slice(0, LONGEST - 20)}… (${text.length} characters, ${contentHash(text)})`
}
