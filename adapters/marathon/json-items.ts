import { HttpError } from './http-error.ts'
import { isObject, type Json } from './patch.ts'

export interface ItemsOptions {
  /** Of the object around the list; the answer is the list itself when absent. */
  readonly key?: string | undefined
  /** For messages. */
  readonly at: string
  /** The largest item, and the largest answer in all, bytes. */
  readonly maxItem: number
  readonly maxAll: number
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA] = [
  ...Buffer.from('"\\{}[],'),
] as [number, number, number, number, number, number, number]

/**
 * The objects of a list, each as soon as it has come: `{"apps":[…]}` of a large cluster is tens of megabytes, of which only
 * what follows from each app is kept. Throws an `HttpError`: `garbled` for what is no such list, `too-large`.
 */
export async function* jsonItems(
  chunks: AsyncIterable<Uint8Array>,
  options: ItemsOptions,
): AsyncGenerator<Json, void, void> {
  const { at, maxAll } = options
  const around = new Kept(options)
  const item = new Kept(options)
  const within: Within = { depth: 0, inString: false, escaped: false }
  let phase: 'before' | 'list' | 'after' = 'before'
  let all = 0
  for await (const chunk of chunks) {
    all += chunk.byteLength
    if (all > maxAll) throw new HttpError('too-large', { at })
    let start = 0
    for (let index = 0; index < chunk.length && phase !== 'after'; ) {
      if (within.depth > 0) {
        index = skip(chunk, index, within)
        if (within.depth > 0) continue
        item.add(chunk.subarray(start, index))
        yield parse(item.take(), at) as Json
        start = index
        continue
      }
      const byte = chunk[index] as number
      if (phase === 'before') {
        index++
        if (byte !== OPEN_LIST) continue
        around.add(chunk.subarray(start, index))
        checkStart(around.text(), options)
        phase = 'list'
        start = index
      } else if (byte === OPEN) {
        within.depth = 1
        start = index++
      } else if (byte === CLOSE_LIST) {
        phase = 'after'
        start = index
      } else if (byte !== COMMA && byte > 0x20) throw odd(at)
      else index++
    }
    if (within.depth > 0) item.add(chunk.subarray(start))
    else if (phase !== 'list') around.add(chunk.subarray(start))
  }
  // Without the items the rest has to be whole: an answer that was cut is none.
  const rest = parse(around.take(), at)
  if (phase !== 'after' || !isList(rest, options)) throw odd(at)
}

/** Where in an item we are. */
interface Within {
  depth: number
  inString: boolean
  escaped: boolean
}

/** Goes on to the end of the item or of what there is of it. Apart from the generator, whose variables are slow to reach. */
function skip(chunk: Uint8Array, from: number, within: Within): number {
  let { depth, inString, escaped } = within
  let index = from
  for (; index < chunk.length && depth > 0; index++) {
    const byte = chunk[index] as number
    if (escaped) escaped = false
    else if (inString) {
      if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (byte === CLOSE || byte === CLOSE_LIST) depth--
  }
  within.depth = depth
  within.inString = inString
  within.escaped = escaped
  return index
}

/** Parts of one text, up to a size. */
class Kept {
  readonly #at: string
  readonly #most: number
  #parts: Uint8Array[] = []
  #size = 0

  constructor({ at, maxItem }: ItemsOptions) {
    this.#at = at
    this.#most = maxItem
  }

  add(part: Uint8Array): void {
    this.#size += part.byteLength
    if (this.#size > this.#most) throw new HttpError('too-large', { at: this.#at })
    this.#parts.push(part)
  }

  text(): string {
    return Buffer.concat(this.#parts, this.#size).toString()
  }

  take(): string {
    const text = this.text()
    this.#parts = []
    this.#size = 0
    return text
  }
}

/** Whether the list that begins here is the one that was asked for: closed at once, it would be a whole answer. */
function checkStart(text: string, options: ItemsOptions): void {
  const whole = `${text}]${options.key === undefined ? '' : '}'}`
  if (!isList(parse(whole, options.at), options)) throw odd(options.at)
}

function isList(value: unknown, { key }: ItemsOptions): boolean {
  if (key === undefined) return Array.isArray(value)
  return isObject(value) && Array.isArray(value[key])
}

export function parse(text: string, at: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own words quote the answer.
    throw new HttpError('garbled', { at, text: 'the answer is no JSON' })
  }
}

function odd(at: string): HttpError {
  return new HttpError('garbled', { at, text: 'the answer is not of Marathon’s shape' })
}
