import type { Report } from '../report.ts'
import { type MapNode, mapOf, type Node, scalarOf } from './node.ts'

/**
 * The same with texts in place of numbers and booleans, in the maps whose values can only be texts; each one is told.
 * YAML takes `version: 1.10` for a number, and many a label is written like that.
 */
export function coerced(node: Node, keys: ReadonlySet<string>, report: Report): Node {
  if (node.type === 'list')
    return { ...node, items: node.items.map((item) => coerced(item, keys, report)) }
  if (node.type !== 'map') return node
  const entries = [...node.entries].map(([key, value]) => {
    const inner = keys.has(key) && value.type === 'map' ? texts(value, report) : value
    return [key, coerced(inner, keys, report)] as const
  })
  return { ...mapOf(node.at, entries), ...(node.tag === undefined ? {} : { tag: node.tag }) }
}

function texts(map: MapNode, report: Report): MapNode {
  const entries = [...map.entries].map(([key, value]) => {
    if (value.type !== 'scalar' || value.value === null || typeof value.value === 'string')
      return [key, value] as const
    const text =
      typeof value.value === 'number' ? (value.source ?? `${value.value}`) : `${value.value}`
    // Never the value: it may be of a variable that is secret.
    report.loss(
      value.at,
      'coerced',
      'is kept as text: nothing else can stand here',
      'put it in quotes',
    )
    return [key, scalarOf(value.at, text)] as const
  })
  return mapOf(map.at, entries)
}
