import type { Report } from '../report.ts'
import type { MapNode, Node } from '../text/node.ts'

/** What the engine notes about a service, which is no wish of anybody. */
const NOTES: ReadonlySet<string> = new Set([
  ...['ID', 'Version', 'CreatedAt', 'UpdatedAt', 'Endpoint', 'ServiceStatus', 'JobStatus'],
  ...['UpdateStatus', 'PreviousSpec'],
])

/** Names what stands around the spec of a service. */
export function reportAround(service: MapNode, report: Report): void {
  for (const [key, { at }] of service.entries) {
    if (key === 'Spec') continue
    if (NOTES.has(key))
      report.loss(at, 'warning', 'is written by the engine, and is no wish of anybody')
    else report.loss(at, 'dropped', 'is no part of a service that is known here')
  }
}

/** Names what a spec says in vain: ids of another cluster, counters, and what something else in it overrules. */
export function reportNotes(spec: MapNode, report: Report): void {
  const task = inner(spec, 'TaskTemplate')
  const container = inner(task, 'ContainerSpec')
  const tell = (node: Node | undefined, detail: string, remedy?: string) =>
    node && report.loss(node.at, 'warning', detail, remedy)
  tell(inner(task, 'ForceUpdate'), 'counts the restarts that were asked for')
  for (const [list, key] of [
    ['Configs', 'ConfigID'],
    ['Secrets', 'SecretID'],
  ] as const)
    for (const reference of items(inner(container, list)))
      tell(inner(reference, key), 'is an id in its own cluster: the name beside it counts')
  for (const network of items(inner(task, 'Networks'))) {
    const target = inner(network, 'Target')
    if (target?.type === 'scalar' && /^[a-z0-9]{25}$/.test(String(target.value)))
      tell(
        target,
        'is the id of a network in its own cluster',
        'write its name in network.names, or export the app: intermodal export',
      )
  }
  if (inner(task, 'Networks'))
    tell(inner(spec, 'Networks'), 'is overruled by the networks of the task template')
  const mode = inner(spec, 'Mode')
  if (inner(mode, 'ReplicatedJob') ?? inner(mode, 'GlobalJob'))
    for (const key of ['UpdateConfig', 'RollbackConfig'])
      tell(inner(spec, key), 'says nothing of a job: its tasks are not replaced in steps')
  const check = inner(container, 'Healthcheck')
  const [kind] = items(inner(check, 'Test'))
  if (kind?.type === 'scalar' && kind.value === 'NONE')
    for (const key of ['Interval', 'Timeout', 'Retries', 'StartPeriod', 'StartInterval'])
      tell(inner(check, key), 'says nothing where no check runs')
}

function inner(node: Node | undefined, key: string): Node | undefined {
  return node?.type === 'map' ? node.entries.get(key) : undefined
}

function items(node: Node | undefined): readonly Node[] {
  return node?.type === 'list' ? node.items : []
}
