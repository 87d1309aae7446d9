import type { Report } from '../report.ts'
import {
  isNothing,
  listOf,
  type MapNode,
  mapOf,
  type Node,
  type NodeAt,
  scalarOf,
} from '../text/node.ts'

/** Written as a list of `KEY=value` or as a map. */
const PAIRS: ReadonlySet<string> = new Set(['environment', 'labels', 'annotations', 'sysctls'])
/** One text, or a list of them. */
const SEVERAL: ReadonlySet<string> = new Set([
  'env_file',
  'label_file',
  'dns',
  'dns_search',
  'dns_opt',
  'tmpfs',
  'expose',
  'profiles',
])

/** A service with one spelling for everything that has two, so that services can be merged key by key. */
export function canonicalService(service: MapNode, report: Report): MapNode {
  const entries = [...service.entries].map(([key, node]) => {
    if (key === 'deploy' && node.type === 'map')
      return [key, canonicalDeploy(node, report)] as const
    return [key, canonicalValue(key, node, report)] as const
  })
  return { ...mapOf(service.at, entries), tag: service.tag }
}

function canonicalDeploy(deploy: MapNode, report: Report): MapNode {
  const entries = [...deploy.entries].map(
    ([key, node]) => [key, key === 'labels' ? pairs(node, report) : node] as const,
  )
  return { ...mapOf(deploy.at, entries), tag: deploy.tag }
}

function canonicalValue(key: string, node: Node, report: Report): Node {
  if (PAIRS.has(key)) return pairs(node, report)
  if (SEVERAL.has(key) && node.type === 'scalar' && node.value !== null)
    return { ...listOf(node.at, [node]), tag: node.tag }
  if (key === 'depends_on') return names(node, report, started)
  if (key === 'networks') return names(node, report, (at) => scalarOf(at, null))
  return node
}

function started(at: NodeAt): Node {
  return mapOf(at, [['condition', scalarOf(at, 'service_started')]])
}

function pairs(node: Node, report: Report): Node {
  if (node.type !== 'list') return node
  return fromList(node, report, (text, item) => {
    const at = text.indexOf('=')
    return at < 0
      ? [text, scalarOf(item.at, null)]
      : [text.slice(0, at), scalarOf(item.at, text.slice(at + 1))]
  })
}

function names(node: Node, report: Report, value: (at: NodeAt) => Node): Node {
  return node.type === 'list' ? fromList(node, report, (text, { at }) => [text, value(at)]) : node
}

function fromList(
  list: Extract<Node, { type: 'list' }>,
  report: Report,
  entry: (text: string, item: Node) => [string, Node],
): MapNode {
  const entries = new Map<string, Node>()
  for (const item of list.items) {
    if (isNothing(item)) continue
    if (item.type !== 'scalar') {
      report.problem(item.at, 'needs text')
      continue
    }
    const [key, value] = entry(String(item.value), item)
    const before = entries.get(key)
    if (before)
      report.loss(before.at, 'dropped', `${key} is given again further down, and that counts`)
    entries.set(key, value)
  }
  return { ...mapOf(list.at, entries), tag: list.tag }
}
