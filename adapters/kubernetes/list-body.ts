const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN = 123
const CLOSE = 125

/**
 * Parses a list's items one by one, so that of a page of 500 whole objects only one is there at a time, and returns the
 * list without them. Throws a `SyntaxError` for what is no JSON, possibly after items were handed over.
 */
export function parseList(body: Buffer, take: (item: unknown) => void): unknown {
  const begin = firstItem(body)
  if (begin === undefined) {
    const list = JSON.parse(body.toString('utf8')) as { readonly items?: unknown } | null
    if (Array.isArray(list?.items)) for (const item of list.items) take(item)
    return list
  }
  let at = skipSpace(body, begin)
  while (body[at] !== CLOSE_LIST) {
    const end = skipValue(body, at)
    take(JSON.parse(body.toString('utf8', at, end)))
    at = skipSpace(body, end)
    if (body[at] === CLOSE_LIST) break
    if (body[at] !== COMMA) throw new SyntaxError('an item is not followed by another one')
    at = skipSpace(body, at + 1)
    if (body[at] === CLOSE_LIST) throw new SyntaxError('an item is missing')
  }
  return JSON.parse(body.toString('utf8', 0, begin) + body.toString('utf8', at))
}

/** Where the first of the items is, after the bracket; undefined when there is no such list at the top. */
function firstItem(body: Buffer): number | undefined {
  let at = skipSpace(body, 0)
  if (body[at] !== OPEN) return undefined
  for (;;) {
    const key = skipSpace(body, at + 1)
    if (body[key] !== QUOTE) return undefined
    const end = skipValue(body, key)
    const colon = skipSpace(body, end)
    if (body[colon] !== COLON) return undefined
    const value = skipSpace(body, colon + 1)
    if (body.toString('utf8', key, end) === '"items"')
      return body[value] === OPEN_LIST ? value + 1 : undefined
    at = skipSpace(body, skipValue(body, value))
    if (body[at] !== COMMA) return undefined
  }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (body[at] === 32 || body[at] === 10 || body[at] === 13 || body[at] === 9) at++
  return at
}

/** The end of the value that begins there. Whether it is a good one is left to the parser. */
function skipValue(body: Buffer, from: number): number {
  const { length } = body
  let depth = 0
  for (let at = from; at < length; at++) {
    const byte = body[at]
    if (byte === QUOTE) {
      for (at++; at < length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++
      if (depth === 0) return at + 1
    } else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      // Of a number or a word this is the end of what is around it.
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (byte === COMMA && depth === 0) return at
  }
  return length
}
