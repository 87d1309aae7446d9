export const QUOTE = 34
const BACKSLASH = 92
export const OPEN_LIST = 91
export const CLOSE_LIST = 93
export const OPEN = 123
export const CLOSE = 125

const MANAGED_FIELDS = Buffer.from('"managedFields":[')

/**
 * The text of an object without the list of who wrote which of its fields, a third of what the server sends. It stays where
 * it is written in any other way than the server's.
 */
export function withoutManagedFields(json: Buffer): string {
  // In the middle of a text its quotes would be escaped.
  const begin = json.indexOf(MANAGED_FIELDS)
  if (begin < 0) return json.toString('utf8')
  const open = begin + MANAGED_FIELDS.length
  return json.toString('utf8', 0, open) + json.toString('utf8', endOf(json, open))
}

/** Where the bracket is that closes what was opened before. */
function endOf(json: Buffer, from: number): number {
  let depth = 1
  for (let at = from; at < json.length; at++) {
    const byte = json[at]
    if (byte === QUOTE) at = endOfText(json, at + 1)
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return at
  }
  return json.length
}

/** Where the quote is that ends a text; beyond the end when it does not end here, by as many bytes as it goes on at least. */
export function endOfText(json: Buffer, from: number): number {
  const { length } = json
  let at = from
  while (at < length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at
}
