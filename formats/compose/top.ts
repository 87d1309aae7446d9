import { closest, distance } from 'fastest-levenshtein'
import type { Report } from '../report.ts'
import { kindOf, type MapNode, type Node } from '../text/node.ts'

const SECTIONS = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'] as const
const TOP: readonly string[] = ['version', 'name', 'include', ...SECTIONS]

/** Whether it is a Compose file of a version we read. */
export function checkTop(root: MapNode, report: Report): boolean {
  const before = report.problems.length
  const version = root.entries.get('version')
  if (version) checkVersion(version, report)
  const services = root.entries.get('services')
  if (!services && !root.entries.has('include')) {
    report.problem(
      root.at,
      isFirstVersion(root)
        ? 'is a Compose file of version 1, which has services at its top: put them under "services:"'
        : 'is no Compose file: it has no "services"',
    )
    return false
  }
  for (const [key, node] of root.entries) {
    if (!TOP.includes(key) && !key.startsWith('x-'))
      report.problem(node.at, unknownKey(key, TOP, 'at the top of a Compose file'))
    const section = (SECTIONS as readonly string[]).includes(key)
    if (section && node.type !== 'map' && !(node.type === 'scalar' && node.value === null))
      report.problem(node.at, `needs a map of keys, not ${kindOf(node)}`)
  }
  return report.problems.length === before
}

function checkVersion(node: Node, report: Report): void {
  const version = node.type === 'scalar' ? String(node.value) : ''
  if (!/^[23](?:\.\d+)?$/.test(version))
    report.problem(
      node.at,
      `is version ${JSON.stringify(version.slice(0, 20))}, which is not known: Compose files are of version 2 or 3, or name none`,
    )
}

/** Services at the top, as `docker-compose` had them before 2016. */
export function isFirstVersion(root: MapNode): boolean {
  const services = [...root.entries.values()]
  return (
    services.length > 0 &&
    services.every(
      (node) => node.type === 'map' && (node.entries.has('image') || node.entries.has('build')),
    )
  )
}

/** `"replica" is no key of deploy; did you mean "replicas"?` */
export function unknownKey(key: string, known: readonly string[], where: string): string {
  const shown = JSON.stringify(key.slice(0, 60))
  const near = key.length <= 60 ? closest(key.toLowerCase(), [...known]) : undefined
  const hint =
    near !== undefined && distance(key.toLowerCase(), near) <= Math.min(2, key.length / 2)
      ? `; did you mean "${near}"?`
      : ''
  return `${shown} is no key ${where}${hint}`
}
