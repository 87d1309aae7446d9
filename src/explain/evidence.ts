import type { ClusterNode } from '../adapter.ts'
import { formatCpu, formatMemory } from '../app/quantity.ts'
import type { App } from '../app/schema.ts'
import { requested } from '../plan/warnings.ts'
import type { ReasonCode } from '../status.ts'

const SCARCE = {
  InsufficientCpu: ['cpu', (value: number) => String(formatCpu(value))],
  InsufficientMemory: ['memory', (value: number) => String(formatMemory(value))],
  InsufficientDisk: ['disk', (value: number) => String(formatMemory(value))],
} as const

/** What the nodes say to a reason, in numbers: `needs 2 cpu, the emptiest node has 1.5`. */
export function evidenceFor(
  code: ReasonCode,
  nodes: readonly ClusterNode[] | undefined,
  app: App | undefined,
): string | undefined {
  if (!nodes) return undefined
  const ready = nodes.filter(({ state }) => state === 'ready')
  if (code === 'NoNodes') return nodeStates(nodes)
  if (ready.length === 0) return nodeStates(nodes)
  if (code === 'ConstraintUnsatisfied') return app && attributes(ready, app)
  if (!(code in SCARCE)) return undefined
  const [key, format] = SCARCE[code as keyof typeof SCARCE]
  const free = ready.flatMap(({ capacity, reserved }) => {
    const size = capacity[key]
    return size === undefined ? [] : [Math.max(0, size - (reserved[key] ?? 0))]
  })
  if (free.length === 0) return undefined
  const best = format(Math.max(...free))
  const needed = app ? requested(app, key) : 0
  return needed > 0
    ? `needs ${format(needed)} ${key}, the emptiest node has ${best}`
    : `the emptiest node has ${best} ${key} free`
}

function nodeStates(nodes: readonly ClusterNode[]): string {
  if (nodes.length === 0) return 'the cluster has no nodes'
  const idle = nodes.filter(({ state }) => state !== 'ready')
  const shown = idle.slice(0, 5).map(({ name, state }) => `${name} is ${state}`)
  const more = idle.length > shown.length ? ` and ${idle.length - shown.length} more` : ''
  const list = shown.length > 0 ? `: ${shown.join(', ')}${more}` : ''
  return `${nodes.length - idle.length} of ${nodes.length} nodes ready${list}`
}

/** Each required attribute next to the values there are. */
function attributes(nodes: readonly ClusterNode[], app: App): string | undefined {
  const rules = app.placement.require.map(({ attribute, op, values }) => {
    const found = [
      ...new Set(
        nodes.flatMap((node) =>
          attribute === 'node.name' ? [node.name] : (node.attributes[attribute] ?? []),
        ),
      ),
    ].sort()
    const has = found.length > 0 ? `nodes have ${found.slice(0, 8).join(', ')}` : 'no node has it'
    return `needs ${attribute} ${op}${values.length > 0 ? ` ${values.join(', ')}` : ''}, ${has}`
  })
  return rules.length > 0 ? rules.join('; ') : undefined
}
