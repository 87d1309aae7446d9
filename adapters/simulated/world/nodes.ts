import { type Engine, specOf } from './engine.ts'
import type { AppRecord, InstanceRecord, NodeRecord } from './model.ts'
import { demandOf } from './placement.ts'

/** The ports nodes give out where an app leaves the choice to the engine. */
const DYNAMIC = { first: 30_000, last: 32_767 }

/** Books what the instance needs on the node, dynamic ports included. */
export function reserve(
  _engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  node: NodeRecord,
): void {
  const app = specOf(record, instance.revision)
  const demand = demandOf(app)
  instance.node = node.name
  addUse(node, demand, 1)
  const ports: Record<string, number> = {}
  let candidate = DYNAMIC.first
  for (const { name, hostPort, protocol } of app.ports) {
    if (hostPort === undefined) continue
    if (hostPort === 'dynamic') {
      while (node.ports[`${candidate}/${protocol}`] && candidate < DYNAMIC.last) candidate++
    }
    const port = hostPort === 'dynamic' ? candidate : hostPort
    node.ports[`${port}/${protocol}`] = true
    ports[name] = port
  }
  if (Object.keys(ports).length > 0) instance.ports = ports
}

/** Gives everything back. Nothing happens when it has no node. */
export function release(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const node = engine.state.nodes.get(instance.node ?? '')
  const holds =
    instance.state !== 'failed' && instance.state !== 'succeeded' && instance.state !== 'rejected'
  if (!node || !holds) return
  const app = specOf(record, instance.revision)
  addUse(node, demandOf(app), -1)
  for (const { name, protocol } of app.ports) {
    const port = instance.ports?.[name]
    if (port !== undefined) delete node.ports[`${port}/${protocol}`]
  }
  engine.placeFreed()
}

function addUse(node: NodeRecord, demand: ReturnType<typeof demandOf>, sign: 1 | -1): void {
  const { cpu, memory, disk, gpus } = node.used
  node.used = {
    cpu: cpu + sign * demand.cpu,
    memory: memory + sign * demand.memory,
    disk: disk + sign * demand.disk,
    gpus: gpus + sign * demand.gpus,
  }
}
