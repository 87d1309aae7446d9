import type { Report } from '../report.ts'
import { isNothing, kindOf, type MapNode, type Node } from './node.ts'

/**
 * The keys of one map, each taken once. What was not taken when the reader is done is what it does not know: so no key
 * is passed over in silence.
 */
export class Fields {
  readonly node: MapNode | undefined
  readonly #report: Report
  readonly #taken = new Set<string>()

  /** Anything but a map is a problem; nothing at all is a map without keys. */
  constructor(node: Node | undefined, report: Report) {
    this.#report = report
    if (node !== undefined && node.type !== 'map' && !isNothing(node))
      report.problem(node.at, `needs a map of keys, not ${kindOf(node)}`)
    this.node = node?.type === 'map' ? node : undefined
  }

  /** A key without a value is as good as absent. */
  take(key: string): Node | undefined {
    this.#taken.add(key)
    const node = this.node?.entries.get(key)
    return isNothing(node) ? undefined : node
  }

  fields(key: string): Fields {
    return new Fields(this.take(key), this.#report)
  }

  text(key: string): string | undefined {
    return textOf(this.take(key), this.#report)
  }

  number(key: string): number | undefined {
    return numberOf(this.take(key), this.#report)
  }

  /** A whole number from `least`. */
  count(key: string, least = 0): number | undefined {
    const node = this.take(key)
    const value = numberOf(node, this.#report)
    if (node === undefined || value === undefined) return undefined
    return Number.isSafeInteger(value) && value >= least
      ? value
      : this.#report.problem(node.at, `needs a whole number from ${least}`)
  }

  flag(key: string): boolean | undefined {
    return flagOf(this.take(key), this.#report)
  }

  /** A list of texts; one text alone is a list of one. */
  texts(key: string): { readonly text: string; readonly node: Node }[] {
    return this.list(key).flatMap((node) => {
      const text = textOf(node, this.#report)
      return text === undefined ? [] : [{ text, node }]
    })
  }

  list(key: string): readonly Node[] {
    const node = this.take(key)
    if (node === undefined) return []
    if (node.type === 'map') this.#report.problem(node.at, 'needs a list, not a map of keys')
    if (node.type === 'list') return node.items.filter((item) => !isNothing(item))
    return node.type === 'scalar' ? [node] : []
  }

  has(key: string): boolean {
    return !isNothing(this.node?.entries.get(key))
  }

  /** What nobody asked for. */
  rest(): [key: string, node: Node][] {
    return [...(this.node?.entries ?? [])].filter(([key]) => !this.#taken.has(key))
  }
}

export function textOf(node: Node | undefined, report: Report): string | undefined {
  if (node === undefined) return undefined
  if (node.type !== 'scalar') return report.problem(node.at, `needs text, not ${kindOf(node)}`)
  return node.value === null ? undefined : String(node.value)
}

/** Also a number in quotes: what interpolation gives is text, and nothing where a variable is not set. */
export function numberOf(node: Node | undefined, report: Report): number | undefined {
  if (node === undefined) return undefined
  const value = node.type === 'scalar' ? node.value : undefined
  if (value === '' || value === null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string' && /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*$/.test(value))
    return Number(value)
  return report.problem(node.at, `needs a number, not ${kindOf(node)}`)
}

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  y: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  n: false,
  no: false,
  off: false,
  '0': false,
}

export function flagOf(node: Node | undefined, report: Report): boolean | undefined {
  if (node === undefined) return undefined
  const value = node.type === 'scalar' ? node.value : undefined
  if (value === '' || value === null) return undefined
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word]
  return report.problem(node.at, `needs true or false, not ${kindOf(node)}`)
}
