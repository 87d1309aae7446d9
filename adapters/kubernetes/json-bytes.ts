export const QUOTE = 34
export const BACKSLASH = 92
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
  let quoted = false
  let at = from
  for (; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        quoted = !quoted
        break
      case BACKSLASH:
        at++
        break
      case OPEN:
      case OPEN_LIST:
        if (!quoted) depth++
        break
      case CLOSE:
      case CLOSE_LIST:
        if (!quoted && --depth === 0) return at
    }
  }
  return at
}
