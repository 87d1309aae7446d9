import { type ClusterNode, formatCpu, formatMemory, type Reason } from 'intermodal'
import type { Engine } from './client.ts'
import { attributesOf, describeNodes } from './nodes.ts'
import type { Node, Service, Task } from './wire.ts'

const NANO_PER_MILLI = 1_000_000

/**
 * What the nodes add to the status: how much room there is at most where resources are short, and how many nodes
 * each constraint leaves.
 */
export async function explainPlacement(
  engine: Engine,
  service: Service,
  now: number,
  signal: AbortSignal,
): Promise<readonly Reason[]> {
  const [tasks, nodes] = await Promise.all([engine.tasks(signal), engine.nodes(signal)])
  const mine = tasks.filter(({ ServiceID }) => ServiceID === service.ID)
  const running = tasks.filter(({ DesiredState }) => DesiredState === 'running')
  return placementReasons(service, mine, nodes, describeNodes(nodes, running), now)
}

export function placementReasons(
  service: Service,
  tasks: readonly Task[],
  nodes: readonly Node[],
  described: readonly ClusterNode[],
  now: number,
): readonly Reason[] {
  const pending = tasks.filter(
    ({ Status, DesiredState }) => Status.State === 'pending' && DesiredState !== 'shutdown',
  )
  const count = pending.length
  if (count === 0) return []
  const since = Math.min(...pending.map(({ Status }) => Date.parse(Status.Timestamp ?? '') || now))
  const errors = pending.map(({ Status }) => Status.Err ?? '').join('; ')
  const ready = described.filter(({ state }) => state === 'ready')
  const reasons: Reason[] = []
  const say = (code: Reason['code'], message: string) =>
    reasons.push({ code, message, count, since })
  if (ready.length === 0)
    say('NoNodes', `none of ${nodes.length} nodes takes work: each is down, drained or paused`)
  if (/scheduling constraints/.test(errors)) {
    for (const message of constraintFacts(service, nodes)) say('ConstraintUnsatisfied', message)
  }
  if (/insufficient resources/.test(errors)) {
    const wanted = service.Spec.TaskTemplate.Resources?.Reservations ?? {}
    const cpu = Math.round((wanted.NanoCPUs ?? 0) / NANO_PER_MILLI)
    const freeCpu = roomiest(ready, 'cpu')
    const freeMemory = roomiest(ready, 'memory')
    if (cpu > freeCpu)
      say(
        'InsufficientCpu',
        `needs ${formatCpu(cpu)} cpu, the emptiest node has ${formatCpu(freeCpu)}`,
      )
    if ((wanted.MemoryBytes ?? 0) > freeMemory)
      say(
        'InsufficientMemory',
        `needs ${formatMemory(wanted.MemoryBytes ?? 0)} of memory, the emptiest node has ${formatMemory(freeMemory)}`,
      )
  }
  return reasons
}

function roomiest(nodes: readonly ClusterNode[], what: 'cpu' | 'memory'): number {
  return Math.max(
    0,
    ...nodes.map(({ capacity, reserved }) => (capacity[what] ?? 0) - (reserved[what] ?? 0)),
  )
}

/** One sentence for each constraint that leaves out nodes. */
function constraintFacts({ Spec }: Service, nodes: readonly Node[]): string[] {
  const constraints = Spec.TaskTemplate.Placement?.Constraints ?? []
  return constraints.flatMap((constraint) => {
    const fitting = nodes.filter((node) => satisfies(constraint, node)).length
    return fitting === nodes.length
      ? []
      : [`${constraint} holds on ${fitting} of ${nodes.length} nodes`]
  })
}

function satisfies(constraint: string, node: Node): boolean {
  const [, key = '', operator, value = ''] =
    /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
  const name =
    key.toLowerCase() === 'node.hostname' ? 'node.name' : key.replace(/^node\.labels\./, '')
  const equal = (attributesOf(node)[name] ?? '').toLowerCase() === value.toLowerCase()
  return operator === '!=' ? !equal : equal
}
