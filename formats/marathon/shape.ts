import type { Report } from '../report.ts'
import { isNothing, kindOf, type MapNode, type Node } from '../text/node.ts'

const MEMBERS = ['apps', 'pods', 'groups'] as const

/** Whether what groups are taken apart by has the kinds of values Marathon knows. What has not is a problem. */
export function isWellFormed(node: MapNode, report: Report): boolean {
  const before = report.problems.length
  checkMember(node, report, false)
  return report.problems.length === before
}

function checkMember(node: Node, report: Report, named: boolean): void {
  if (node.type !== 'map') {
    report.problem(node.at, `needs a map of keys, not ${kindOf(node)}`)
    return
  }
  const id = node.entries.get('id')
  // An answer of the API holds apps without being a group of its own.
  if (id === undefined) {
    if (named) report.problem(node.at, 'has no "id"')
  } else if (!isText(id)) report.problem(id.at, `needs text, not ${kindOf(id)}`)
  for (const dependency of itemsOf(node, 'dependencies', report))
    if (!isText(dependency))
      report.problem(dependency.at, `needs the id of an app, not ${kindOf(dependency)}`)
  for (const key of MEMBERS)
    for (const member of itemsOf(node, key, report)) checkMember(member, report, key !== 'groups')
  for (const container of itemsOf(node, 'containers', report))
    if (container.type !== 'map')
      report.problem(container.at, `needs a map of keys, not ${kindOf(container)}`)
}

function isText(node: Node): boolean {
  return node.type === 'scalar' && typeof node.value === 'string'
}

function itemsOf(node: MapNode, key: string, report: Report): readonly Node[] {
  const list = node.entries.get(key)
  if (list === undefined || isNothing(list)) return []
  if (list.type === 'list') return list.items
  report.problem(list.at, `needs a list, not ${kindOf(list)}`)
  return []
}
