import type { At } from '../report.ts'

/** Where a node stands, and what paths written there are relative to. */
export interface NodeAt extends At {
  /** The folder, seen from the project's: `''`, or `base` for a file that was extended from there. */
  readonly base: string
}

export interface ScalarNode {
  readonly type: 'scalar'
  readonly at: NodeAt
  readonly value: string | number | boolean | null
  /** As written, for numbers: `0440` is octal to whom it means a file mode. */
  readonly source?: string | undefined
  readonly tag?: string | undefined
}
export interface ListNode {
  readonly type: 'list'
  readonly at: NodeAt
  readonly items: readonly Node[]
  readonly tag?: string | undefined
}
export interface MapNode {
  readonly type: 'map'
  readonly at: NodeAt
  readonly entries: ReadonlyMap<string, Node>
  readonly tag?: string | undefined
}

/** A value of a source that knows where it came from, through aliases, merges and includes. */
export type Node = ScalarNode | ListNode | MapNode

export function mapOf(at: NodeAt, entries: Iterable<readonly [string, Node]>): MapNode {
  return { type: 'map', at, entries: new Map(entries) }
}

export function listOf(at: NodeAt, items: readonly Node[]): ListNode {
  return { type: 'list', at, items }
}

export function scalarOf(at: NodeAt, value: ScalarNode['value']): ScalarNode {
  return { type: 'scalar', at, value }
}

export function isNothing(node: Node | undefined): boolean {
  return node === undefined || (node.type === 'scalar' && node.value === null)
}

/** Without places: what a JSON parser would give. */
export function plain(node: Node): unknown {
  if (node.type === 'scalar') return node.value
  if (node.type === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]))
}

/** `a list`, `a number`: for messages. */
export function kindOf(node: Node): string {
  if (node.type !== 'scalar') return node.type === 'list' ? 'a list' : 'a map of keys'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') return 'text'
  return typeof node.value === 'number' ? 'a number' : String(node.value)
}

/** One more step of a JSON pointer. */
export function step(part: string | number): string {
  return `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
