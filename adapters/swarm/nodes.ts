import type { ClusterNode } from 'intermodal'
import type { Engine } from './client.ts'
import type { Node, Task } from './wire.ts'

const NANO_PER_MILLI = 1_000_000

export async function listNodes(
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly ClusterNode[]> {
  const [nodes, tasks] = await Promise.all([
    engine.nodes(signal),
    engine.tasks(signal, { 'desired-state': ['running'] }),
  ])
  return describeNodes(nodes, tasks)
}

/** Reserved is what the tasks placed on a node ask for, as Swarm's own scheduler counts it. */
export function describeNodes(
  nodes: readonly Node[],
  tasks: readonly Task[],
): readonly ClusterNode[] {
  const byNode = Map.groupBy(tasks, ({ NodeID }) => NodeID)
  return nodes.map((node) => {
    const resources = node.Description?.Resources
    return {
      id: node.ID,
      name: node.Description?.Hostname ?? node.ID,
      state: stateOf(node),
      attributes: attributesOf(node),
      capacity: amounts(resources?.NanoCPUs, resources?.MemoryBytes),
      reserved: reservedBy(byNode.get(node.ID) ?? []),
    }
  })
}

function reservedBy(tasks: readonly Task[]): { readonly cpu: number; readonly memory: number } {
  let cpu = 0
  let memory = 0
  for (const { Spec } of tasks) {
    cpu += Spec.Resources?.Reservations?.NanoCPUs ?? 0
    memory += Spec.Resources?.Reservations?.MemoryBytes ?? 0
  }
  return { cpu: Math.round(cpu / NANO_PER_MILLI), memory }
}

function amounts(
  nanoCpus: number | undefined,
  memory: number | undefined,
): { readonly cpu?: number; readonly memory?: number } {
  return {
    ...(nanoCpus === undefined ? {} : { cpu: Math.round(nanoCpus / NANO_PER_MILLI) }),
    ...(memory === undefined ? {} : { memory }),
  }
}

function stateOf({ Status, Spec }: Node): ClusterNode['state'] {
  if (Status.State === 'down' || Status.State === 'disconnected') return 'down'
  if (Status.State !== 'ready') return 'unknown'
  return Spec.Availability === 'drain' || Spec.Availability === 'pause' ? 'draining' : 'ready'
}

/** Everything a placement constraint can name, under the constraint's own words. */
export function attributesOf(node: Node): Readonly<Record<string, string>> {
  const { Spec, Description } = node
  const attributes: Record<string, string> = { ...Spec.Labels }
  const facts: Readonly<Record<string, string | undefined>> = {
    'node.id': node.ID,
    'node.name': Description?.Hostname,
    'node.role': Spec.Role,
    'node.platform.os': Description?.Platform?.OS,
    'node.platform.arch': Description?.Platform?.Architecture,
  }
  for (const [key, value] of Object.entries(facts)) if (value !== undefined) attributes[key] = value
  for (const [key, value] of Object.entries(Description?.Engine?.Labels ?? {}))
    attributes[`engine.labels.${key}`] = value
  return attributes
}
