import { CLOSE, CLOSE_LIST, endOfText, OPEN, OPEN_LIST, QUOTE } from './json-bytes.ts'

/** What is before a list's items. A key of another name cannot end so: a quote in it is escaped. */
const BEFORE_ITEMS = /[{,]\s*"items"\s*:\s*$/

/**
 * A list as it comes from the wire. Each object in it is handed over as soon as it is whole, so that of thousands only one
 * is there at a time.
 */
export class ListBody {
  readonly #take: (item: Buffer) => void
  readonly #most: number
  readonly #tooLong: () => Error
  /** The list without its items, each of which leaves a zero. One character for each byte. */
  #around = ''
  /** The item that has begun, in the pieces it came in. */
  #item: Buffer[] | undefined
  #size = 0
  #count = 0
  #depth = 0
  #quoted = false
  #amongItems = false
  /** Where to go on in the next chunk: an escape may be cut in two. */
  #at = 0

  /** Throws what `tooLong` gives when an item, or what is around the items, has more bytes than that. */
  constructor(take: (item: Buffer) => void, most: number, tooLong: () => Error) {
    this.#take = take
    this.#most = most
    this.#tooLong = tooLong
  }

  push(chunk: Buffer): void {
    const { length } = chunk
    let depth = this.#depth
    let quoted = this.#quoted
    let begin = 0
    let at = this.#at
    while (at < length) {
      if (quoted) {
        at = endOfText(chunk, at)
        if (at >= length) break
        quoted = false
      } else {
        const byte = chunk[at]
        if (byte === QUOTE) quoted = true
        else if (byte === OPEN || byte === OPEN_LIST) {
          if (depth === 1 || depth === 2) begin = this.#open(chunk, begin, at, depth)
          depth++
        } else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 2)
          begin = this.#close(chunk, begin, at + 1)
      }
      at++
    }
    this.#keep(chunk.subarray(begin))
    this.#depth = depth
    this.#quoted = quoted
    this.#at = at - length
  }

  /** The list, with a zero in the place of each item. Throws a `SyntaxError` for what is no JSON. */
  end(): unknown {
    const list = JSON.parse(Buffer.from(this.#around, 'latin1').toString('utf8'))
    const items: unknown = list?.items
    if (Array.isArray(items) && items.length !== this.#count)
      throw new SyntaxError('an item is no object')
    return list
  }

  /** Where what is not kept yet begins: something opens there that may be the list of the items, or one of them. */
  #open(chunk: Buffer, begin: number, at: number, depth: number): number {
    const list = chunk[at] === OPEN_LIST
    if (depth === 2 && (list || !this.#amongItems)) return begin
    this.#keep(chunk.subarray(begin, at))
    if (depth === 1) this.#amongItems = list && BEFORE_ITEMS.test(this.#around)
    else {
      this.#item = []
      this.#size = 0
    }
    return at
  }

  /** The same for the end of what may be an item. */
  #close(chunk: Buffer, begin: number, end: number): number {
    const item = this.#item
    if (!item) return begin
    this.#keep(chunk.subarray(begin, end))
    this.#item = undefined
    this.#around += '0'
    this.#size = this.#around.length
    this.#count++
    const [first] = item
    this.#take(first && item.length === 1 ? first : Buffer.concat(item))
    return end
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length
    if (this.#size > this.#most) throw this.#tooLong()
    if (this.#item) this.#item.push(piece)
    else this.#around += piece.toString('latin1')
  }
}
