import type { SwarmNative } from 'intermodal/swarm'
import type { Draft } from '../draft.ts'
import { documentsOf, interpretUnits, placeIn, type Unit } from '../engine.ts'
import type { Report } from '../report.ts'
import type { ImportSource } from '../source.ts'
import { type MapNode, type Node, plain, step } from '../text/node.ts'
import { reportAround, reportNotes } from './notes.ts'

/** What `docker service inspect` and `intermodal render` print, the API's lists of services, and bare service specs. */
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

function unitOf(root: Node, pointer: string, node: MapNode, report: Report): Unit<SwarmNative>[] {
  if (node.entries.has('service')) return renderedUnit(root, pointer, node, report)
  const wrapped = node.entries.get('Spec')
  const spec = wrapped ?? node
  const prefix = wrapped ? `${pointer}/Spec` : pointer
  if (!isService(spec)) {
    report.problem(node.at, NO_SERVICE)
    return []
  }
  if (wrapped) reportAround(node, report)
  reportNotes(spec, report)
  return [
    {
      native: { service: plain(spec), configs: [], networks: [] } as unknown as SwarmNative,
      at: placeIn(root, prefix),
      locate: (path) => placeIn(root, prefix + path.replace(/^\/service/, '')),
    },
  ]
}

const NO_SERVICE = 'is no service of Swarm: it needs a Spec with a Name and a TaskTemplate'

function isService(node: Node | undefined): node is MapNode {
  return node?.type === 'map' && node.entries.has('TaskTemplate') && node.entries.has('Name')
}

/** What `render --to swarm` and `export --native` print: the service, and what has to exist before it. */
function renderedUnit(
  root: Node,
  pointer: string,
  node: MapNode,
  report: Report,
): Unit<SwarmNative>[] {
  const spec = node.entries.get('service')
  if (!isService(spec)) {
    report.problem(node.at, NO_SERVICE)
    return []
  }
  for (const [key, { at }] of node.entries)
    if (!PARTS.has(key)) report.loss(at, 'dropped', 'is no part of a service that is known here')
  reportNotes(spec, report)
  const lists = { configs: [], networks: [] }
  return [
    {
      native: { ...lists, ...(plain(node) as object) } as unknown as SwarmNative,
      at: placeIn(root, pointer),
      locate: (path) => placeIn(root, pointer + path),
    },
  ]
}

const PARTS: ReadonlySet<string> = new Set(['service', 'configs', 'networks'])
