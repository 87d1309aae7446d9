import { unprocessable } from './errors.ts'

type Labels = Readonly<Record<string, string>>
type Matcher = (labels: Labels) => boolean

/** Letters, digits, `-`, `_` and `.`; any other character after a backslash. */
const WORD = String.raw`(?:[-A-Za-z0-9_.]|\\.)+`
const SET = new RegExp(
  String.raw`^(${WORD})\s+(in|notin)\s*\(\s*(${WORD}(?:\s*,\s*${WORD})*)?\s*\)`,
)
const EQUAL = new RegExp(String.raw`^(${WORD})\s*(==|!=)\s*(${WORD})`)
const EXISTS = new RegExp(`^(${WORD})`)

/**
 * `tier==front, stage in (a, b), !=` and the like: all have to hold. Throws the 422 for one that cannot be read. Other
 * than one would think, `!=` and `notin` only hold where the label is there.
 */
export function parseSelector(text: string): Matcher {
  const matchers: Matcher[] = []
  let rest = text.trim()
  while (rest !== '') {
    const { matcher, length } = parseOne(rest, text)
    matchers.push(matcher)
    rest = rest.slice(length).trim()
    if (rest === '') break
    if (!rest.startsWith(',')) throw unreadable(text)
    rest = rest.slice(1).trim()
    if (rest === '') throw unreadable(text)
  }
  return (labels) => matchers.every((matches) => matches(labels))
}

function parseOne(
  rest: string,
  whole: string,
): { readonly matcher: Matcher; readonly length: number } {
  const set = SET.exec(rest)
  if (set) {
    const [{ length }, key = '', operator, list = ''] = set
    const values = list.match(new RegExp(WORD, 'g'))?.map(plain) ?? []
    return {
      length,
      matcher: has(plain(key), (value) => values.includes(value) === (operator === 'in')),
    }
  }
  const equal = EQUAL.exec(rest)
  if (equal) {
    const [{ length }, key = '', operator, wanted = ''] = equal
    return {
      length,
      matcher: has(plain(key), (value) => (value === plain(wanted)) === (operator === '==')),
    }
  }
  const exists = EXISTS.exec(rest)
  if (!exists) throw unreadable(whole)
  return { length: exists[0].length, matcher: has(plain(exists[1] ?? ''), () => true) }
}

function has(key: string, fits: (value: string) => boolean): Matcher {
  return (labels) => {
    const value = labels[key]
    return value !== undefined && fits(value)
  }
}

function plain(word: string): string {
  return word.replace(/\\(.)/g, '$1')
}

function unreadable(text: string): Error {
  return unprocessable(
    `Can not parse label selector '${text}': string matching regex '[-A-Za-z0-9_.]+' expected`,
  )
}
