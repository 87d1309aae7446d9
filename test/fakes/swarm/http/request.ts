import { refuse } from '../errors.ts'

/** A request that has been read whole. */
export interface Request {
  readonly method: string
  /** Decoded, without the version before it. */
  readonly path: string
  /** `1.41`, as the path names it. */
  readonly version: string | undefined
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Whether a version of the API is older than another: `1.9` than `1.12`, `1.41` than `1.41.1`. */
export function isLess(a: string, b: string): boolean {
  const [left = [], right = []] = [a, b].map((text) => text.split('.').map(Number))
  const at = right.findIndex((part, index) => part !== (left[index] ?? 0))
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0)
}

/** As Go reads a boolean of a query: anything but these is true. */
export function flag({ query }: Request, name: string): boolean {
  const value = (query.get(name) ?? '').trim().toLowerCase()
  return !(value === '' || value === '0' || value === 'no' || value === 'false' || value === 'none')
}

export function jsonBody({ body, headers }: Request): unknown {
  const type = String(headers['content-type'] ?? '')
  if (type !== '' && !/^application\/json\b/.test(type))
    throw refuse(400, `Content-Type specified (${type}) must be 'application/json'`)
  const text = body.toString('utf8')
  if (text === '') throw refuse(400, 'got EOF while reading request body')
  return parseGo(text, 400, 'unexpected EOF')
}

export type Filters = Readonly<Record<string, readonly string[]>>

/** `{"name":["web"]}`, or the older `{"name":{"web":true}}`. */
export function filtersOf(
  { query }: Request,
  status: number,
  known: readonly string[] | undefined,
  prefix = '',
): Filters {
  const text = query.get('filters')
  if (!text) return {}
  const parsed = parseGo(text, status, 'unexpected end of JSON input', prefix)
  const filters: Record<string, readonly string[]> = {}
  for (const [key, value] of Object.entries((parsed ?? {}) as Record<string, unknown>)) {
    if (known && !known.includes(key)) throw refuse(400, `Invalid filter '${key}'`)
    filters[key] = Array.isArray(value) ? value.map(String) : Object.keys(value ?? {})
  }
  return filters
}

function parseGo(text: string, status: number, cut: string, prefix = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refuse(status, `${prefix}${syntaxError(text, cut)}`)
  }
}

/** What Go says of the beginnings that come up; of what is wrong later on it says where, which nobody reads. */
function syntaxError(text: string, cut: string): string {
  const trimmed = text.trimStart()
  for (const literal of ['null', 'true', 'false']) {
    if (trimmed[0] !== literal[0]) continue
    const wrong = [...literal].findIndex((letter, index) => trimmed[index] !== letter)
    if (wrong > 0 && trimmed[wrong] !== undefined)
      return `invalid character '${trimmed[wrong]}' in literal ${literal} (expecting '${literal[wrong]}')`
  }
  if (trimmed !== '' && !/^[[{"\d-]/.test(trimmed))
    return `invalid character '${trimmed[0]}' looking for beginning of value`
  return cut
}

/** Whether labels are as filters want them: `key`, or `key=value`. */
export function hasLabels(
  labels: Readonly<Record<string, string>> | undefined,
  wanted: readonly string[] | undefined,
): boolean {
  return (wanted ?? []).every((text) => {
    const at = text.indexOf('=')
    if (at < 0) return labels?.[text] !== undefined
    return labels?.[text.slice(0, at)] === text.slice(at + 1)
  })
}

/** One of them has to fit, if there are any. */
export function any(
  wanted: readonly string[] | undefined,
  test: (text: string) => boolean,
): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.some(test)
}
