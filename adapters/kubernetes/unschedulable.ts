import type { ReasonCode } from 'intermodal'
import type { Cause } from './reasons.ts'

const CAUSES: readonly (readonly [pattern: RegExp, code: ReasonCode])[] = [
  [/insufficient cpu/i, 'InsufficientCpu'],
  [/insufficient memory/i, 'InsufficientMemory'],
  [/insufficient ephemeral-storage/i, 'InsufficientDisk'],
  [/insufficient (?:\S*gpu\S*|amd\.com\/|nvidia\.com\/)/i, 'InsufficientGpu'],
  [/free ports/i, 'PortConflict'],
  [/persistentvolumeclaim|volume|storage class/i, 'VolumeUnavailable'],
  [/affinity|selector|topology spread/i, 'ConstraintUnsatisfied'],
  [/too many pods|insufficient pods/i, 'NoNodes'],
  [/unreachable|not-ready|network-unavailable|unschedulable|cordon/i, 'NoNodes'],
  [/taint/i, 'ConstraintUnsatisfied'],
  [/insufficient/i, 'ConstraintUnsatisfied'],
  [/no nodes/i, 'NoNodes'],
]

/**
 * What the scheduler says of a pod: `0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient
 * cpu. preemption: …`. The cause most nodes give counts; nodes that are closed to everyone count last.
 */
export function unschedulableCause(message: string): Cause {
  const told = message.replace(/\s*preemption:.*$/s, '').replace(/[.\s]+$/, '')
  const [, funnel = told] = /nodes are available: (.*)$/s.exec(told) ?? []
  const parts = funnel.split(/,\s+(?=\d+ )/).map((part) => ({
    nodes: Number(/^(\d+) /.exec(part)?.[1] ?? 0),
    code: CAUSES.find(([pattern]) => pattern.test(part))?.[1],
  }))
  const [main] = parts
    .filter((part) => part.code !== undefined)
    .sort((a, b) => weight(b) - weight(a))
  return { code: main?.code ?? 'NoNodes', message: told === '' ? 'no node takes it' : told }
}

function weight({
  nodes,
  code,
}: {
  readonly nodes: number
  readonly code: ReasonCode | undefined
}): number {
  return code === 'NoNodes' ? nodes - 1_000_000 : nodes
}
