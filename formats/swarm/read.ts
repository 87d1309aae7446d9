import type { SwarmNative } from 'intermodal/swarm'
import type { Draft } from '../draft.ts'
import { documentsOf, interpretUnits, placeIn, type Unit } from '../engine.ts'
import type { Report } from '../report.ts'
import type { ImportSource } from '../source.ts'
import { type MapNode, type Node, plain, step } from '../text/node.ts'

/** What `docker service inspect` prints, the API's lists of services, and bare service specs. */
export async function readSwarm(
  sources: readonly ImportSource[],
  report: Report,
  group: string | undefined,
): Promise<Draft[]> {
  const { swarm } = await import('intermodal/swarm')
  await using adapter = swarm({})
  const units = sources.flatMap((source) =>
    documentsOf(source, report).flatMap((root) =>
      services(root, '', report).flatMap(({ pointer, node }) =>
        unitOf(root, pointer, node, report),
      ),
    ),
  )
  return interpretUnits(units, (native) => adapter.interpret(native), report, group)
}

function services(
  root: Node,
  pointer: string,
  report: Report,
): { pointer: string; node: MapNode }[] {
  if (root.type === 'list')
    return root.items.flatMap((item, index) => services(item, pointer + step(index), report))
  if (root.type === 'map') return [{ pointer, node: root }]
  report.problem(root.at, 'is no service of Swarm: it needs a map of keys')
  return []
}

/** What the engine notes about a service, which is no wish of anybody. */
const NOTES: ReadonlySet<string> = new Set([
  ...['ID', 'Version', 'CreatedAt', 'UpdatedAt', 'Endpoint', 'ServiceStatus', 'JobStatus'],
  ...['UpdateStatus', 'PreviousSpec'],
])

function unitOf(root: Node, pointer: string, node: MapNode, report: Report): Unit<SwarmNative>[] {
  const wrapped = node.entries.get('Spec')
  const spec = wrapped ?? node
  const prefix = wrapped ? `${pointer}/Spec` : pointer
  if (spec.type !== 'map' || !spec.entries.has('TaskTemplate') || !spec.entries.has('Name')) {
    report.problem(
      node.at,
      'is no service of Swarm: it needs a Spec with a Name and a TaskTemplate',
    )
    return []
  }
  if (wrapped)
    for (const [key, { at }] of node.entries) {
      if (key === 'Spec') continue
      if (NOTES.has(key)) report.loss(at, 'warning', WRITTEN)
      else report.loss(at, 'dropped', 'is no part of a service that is known here')
    }
  reportIds(spec, report)
  return [
    {
      native: { service: plain(spec), configs: [], networks: [] } as unknown as SwarmNative,
      at: placeIn(root, prefix),
      locate: (path) => placeIn(root, prefix + path.replace(/^\/service/, '')),
    },
  ]
}

const WRITTEN = 'is written by the engine, and is no wish of anybody'

/** An inspection names networks by ids that mean nothing on another cluster. */
function reportIds(spec: MapNode, report: Report): void {
  const task = inner(spec, 'TaskTemplate')
  const container = inner(task, 'ContainerSpec')
  const forced = inner(task, 'ForceUpdate')
  if (forced) report.loss(forced.at, 'warning', 'counts the restarts that were asked for')
  for (const [list, key] of [
    ['Configs', 'ConfigID'],
    ['Secrets', 'SecretID'],
  ] as const) {
    for (const reference of items(inner(container, list))) {
      const id = inner(reference, key)
      if (id)
        report.loss(id.at, 'warning', 'is an id in its own cluster: the name beside it counts')
    }
  }
  for (const network of items(inner(task, 'Networks'))) {
    const target = inner(network, 'Target')
    if (target?.type === 'scalar' && /^[a-z0-9]{25}$/.test(String(target.value)))
      report.loss(
        target.at,
        'warning',
        'is the id of a network in its own cluster',
        'write its name in network.names, or export the app: intermodal export',
      )
  }
}

function inner(node: Node | undefined, key: string): Node | undefined {
  return node?.type === 'map' ? node.entries.get(key) : undefined
}

function items(node: Node | undefined): readonly Node[] {
  return node?.type === 'list' ? node.items : []
}
