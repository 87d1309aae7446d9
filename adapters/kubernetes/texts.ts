/** So many are remembered; then it begins anew. */
const MOST = 1024

/**
 * Keeps one copy of what is said again and again: moments, reasons, images, nodes. A parser makes a new string each time,
 * which of thousands of pods is much of what they take.
 */
export class Texts {
  readonly #known = new Map<string, string>()

  /** The same object, with strings of others in the place of equal ones of its own. */
  share<T extends object>(value: T): T {
    const entries = value as Record<string, unknown>
    for (const key of Object.keys(entries)) {
      const inner = entries[key]
      if (typeof inner === 'object' && inner !== null) this.share(inner)
      else if (typeof inner === 'string' && isCommon(key, inner)) entries[key] = this.#one(inner)
    }
    return value
  }

  #one(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(text, text)
    return text
  }
}

/** Shorter ones the parser shares by itself; names of objects come once. */
function isCommon(key: string, { length }: string): boolean {
  return length > 10 && length < 100 && key !== 'uid' && key !== 'name'
}
