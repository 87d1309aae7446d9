import { type MapNode, mapOf, type Node, plain } from '../text/node.ts'
import { mountTarget, portKey } from './short.ts'

/** Lists that mean one thing as a whole: the later one replaces the earlier one. */
const WHOLE: ReadonlySet<string> = new Set(['command', 'entrypoint', 'test'])

/** Lists whose entries have an identity: the later entry replaces the earlier one with the same. */
const KEYED: Readonly<Record<string, (node: Node) => string | undefined>> = {
  ports: portKey,
  volumes: mountTarget,
  secrets: sourceKey,
  configs: sourceKey,
}

function sourceKey(node: Node): string | undefined {
  if (node.type === 'scalar') return String(node.value)
  const target = node.type === 'map' && (node.entries.get('target') ?? node.entries.get('source'))
  return target && target.type === 'scalar' ? String(target.value) : undefined
}

/**
 * Two values of one key, the later file's over the earlier one's. Source: the Compose Specification, 13-merge.md.
 * `undefined`: `!reset` took it away.
 */
export function mergeNodes(key: string, base: Node | undefined, over: Node): Node | undefined {
  if (over.tag === '!reset') return undefined
  if (base === undefined || over.tag === '!override') return over
  if (over.type === 'scalar' && over.value === null && base.type !== 'scalar') return base
  if (base.type === 'map' && over.type === 'map') return mergeMaps(base, over)
  if (base.type === 'list' && over.type === 'list' && !WHOLE.has(key)) {
    return { ...over, items: mergeLists(key, base.items, over.items) }
  }
  return over
}

export function mergeMaps(base: MapNode, over: MapNode): MapNode {
  const entries = new Map(base.entries)
  for (const [key, value] of over.entries) {
    const merged = mergeNodes(key, entries.get(key), value)
    if (merged) entries.set(key, merged)
    else entries.delete(key)
  }
  return mapOf(over.at, entries)
}

function mergeLists(key: string, base: readonly Node[], over: readonly Node[]): Node[] {
  const identity = KEYED[key] ?? (() => undefined)
  const merged = new Map<string, Node>()
  for (const item of [...base, ...over]) {
    merged.set(identity(item) ?? JSON.stringify(plain(item)), item)
  }
  return [...merged.values()]
}

/** What is left of `!reset` where there was nothing to take away. */
export function withoutResets(node: Node): Node {
  if (node.type === 'list') return { ...node, items: node.items.map(withoutResets) }
  if (node.type !== 'map') return node
  return mapOf(
    node.at,
    [...node.entries].flatMap(([key, value]) =>
      value.tag === '!reset' ? [] : [[key, withoutResets(value)] as const],
    ),
  )
}
