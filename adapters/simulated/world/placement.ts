import { type App, formatCpu, formatMemory, type PlacementRule, type ReasonCode } from 'intermodal'
import type { Amounts, NodeRecord, Taint } from './model.ts'

/** What one instance reserves. */
export interface Demand extends Amounts {
  /** Fixed host ports, `80/tcp`. */
  readonly ports: readonly string[]
}

export interface Refusal {
  readonly code: ReasonCode
  readonly message: string
}

export interface PlacementQuery {
  readonly app: App
  readonly nodes: readonly NodeRecord[]
  /** How many instances of this app each node already has, by node name. */
  readonly tally: ReadonlyMap<string, number>
  /** The only node that will do. */
  readonly only?: string | undefined
}

/** Requests are what counts, limits where there are none, sidecars included; as Kubernetes does. */
export function demandOf(app: App): Demand {
  const total = { cpu: 0, memory: 0, disk: 0, gpus: 0 }
  for (const { resources } of [app, ...Object.values(app.sidecars)]) {
    for (const key of ['cpu', 'memory', 'disk'] as const) {
      total[key] += resources.requests?.[key] ?? resources.limits?.[key] ?? 0
    }
    total.gpus += resources.gpus ?? 0
  }
  const ports = app.ports.flatMap(({ hostPort, protocol }) =>
    typeof hostPort === 'number' ? [`${hostPort}/${protocol}`] : [],
  )
  return { ...total, ports }
}

/**
 * The best node for one more instance, or why there is none, with the numbers. A node has to satisfy every rule and
 * have room; among those, preferred rules count most, then the spread, then few instances of the same app, then room.
 */
export function place(query: PlacementQuery): NodeRecord | Refusal {
  const { app, nodes, only } = query
  const ready = nodes.filter(({ state, name }) => state === 'ready' && (!only || name === only))
  if (ready.length === 0) return noNodes(nodes, only)
  const fitting = ready.filter((node) => satisfies(node, app))
  if (fitting.length === 0) return unsatisfied(ready, app)
  const domains = app.placement.spread.map(({ by }) => countByDomain(fitting, query.tally, by))
  const open = fitting.filter((node) => roomForOneMore(node, domains, query))
  if (open.length === 0)
    return { code: 'ConstraintUnsatisfied', message: fullMessage(app, fitting.length) }
  const demand = demandOf(app)
  const roomy = open.filter((node) => hasRoom(node, demand))
  if (roomy.length === 0) return noRoom(open, demand)
  let best: NodeRecord | undefined
  let bestScore = Number.NEGATIVE_INFINITY
  for (const node of roomy) {
    const score = scoreOf(node, domains, query)
    if (score > bestScore) {
      best = node
      bestScore = score
    }
  }
  return best as NodeRecord
}

export function isRefusal(result: NodeRecord | Refusal): result is Refusal {
  return 'code' in result
}

/** Whether the app's rules let it onto the node, room aside. */
export function satisfies(node: NodeRecord, app: App): boolean {
  const { require, pool } = app.placement
  return (
    (pool === undefined || node.pool === pool) &&
    require.every((rule) => holds(rule, node)) &&
    intolerable(node, app, ['NoSchedule', 'NoExecute']).length === 0
  )
}

/** The taints of those effects that the app does not tolerate. */
export function intolerable(
  node: NodeRecord,
  app: App,
  effects: readonly string[],
): NodeRecord['taints'] {
  if (node.taints.length === 0) return node.taints
  const tolerations = app.placement.tolerations ?? []
  return node.taints.filter(
    (taint) =>
      effects.includes(taint.effect) &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  )
}

type Toleration = NonNullable<App['placement']['tolerations']>[number]

/** What a toleration leaves out, it tolerates whatever it is. */
export function tolerates({ key, value, effect }: Toleration, taint: Taint): boolean {
  return (
    (key === undefined || key === taint.key) &&
    (value === undefined || value === (taint.value ?? '')) &&
    (effect === undefined || effect === taint.effect)
  )
}

export function attributeOf(node: NodeRecord, attribute: string): string | undefined {
  if (attribute === 'node.name') return node.name
  if (attribute === 'node.pool') return node.pool
  return node.attributes[attribute]
}

export function holds(rule: PlacementRule, node: NodeRecord): boolean {
  const value = attributeOf(node, rule.attribute)
  const first = rule.values[0] ?? ''
  switch (rule.op) {
    case 'in':
      return value !== undefined && rule.values.includes(value)
    case 'notIn':
      return value === undefined || !rule.values.includes(value)
    case 'exists':
      return value !== undefined
    case 'absent':
      return value === undefined
    case 'matches':
      return value !== undefined && rule.values.some((pattern) => whole(pattern).test(value))
    case 'notMatches':
      return value === undefined || !rule.values.some((pattern) => whole(pattern).test(value))
    case 'gt':
      return value !== undefined && Number(value) > Number(first)
    case 'lt':
      return value !== undefined && Number(value) < Number(first)
  }
}

/** A pattern speaks of the whole value, as Marathon's LIKE does. */
function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

function hasRoom(node: NodeRecord, demand: Demand): boolean {
  const { capacity, used } = node
  // Spelt out: this is asked of every node for every instance.
  return (
    capacity.cpu - used.cpu >= demand.cpu &&
    capacity.memory - used.memory >= demand.memory &&
    capacity.disk - used.disk >= demand.disk &&
    capacity.gpus - used.gpus >= demand.gpus &&
    demand.ports.every((port) => !node.ports[port])
  )
}

function roomForOneMore(
  node: NodeRecord,
  domains: readonly Domains[],
  { app, tally }: PlacementQuery,
): boolean {
  const { maxPerNode, spread } = app.placement
  if (maxPerNode !== undefined && (tally.get(node.name) ?? 0) >= maxPerNode) return false
  return spread.every(({ by, maxSkew }, index) => {
    if (maxSkew === undefined) return true
    const { counts, fewest } = domains[index] ?? { counts: new Map<string, number>(), fewest: 0 }
    return (counts.get(attributeOf(node, by) ?? '') ?? 0) + 1 - fewest <= maxSkew
  })
}

/** How many instances of the app there are for each value of an attribute. */
interface Domains {
  readonly counts: ReadonlyMap<string, number>
  readonly fewest: number
}

function countByDomain(
  nodes: readonly NodeRecord[],
  tally: ReadonlyMap<string, number>,
  by: string,
): Domains {
  const domains = new Map<string, number>()
  for (const node of nodes) {
    const domain = attributeOf(node, by) ?? ''
    domains.set(domain, (domains.get(domain) ?? 0) + (tally.get(node.name) ?? 0))
  }
  return { counts: domains, fewest: Math.min(...domains.values()) }
}

function scoreOf(
  node: NodeRecord,
  domains: readonly Domains[],
  { app, tally }: PlacementQuery,
): number {
  const { prefer, spread } = app.placement
  let score = 0
  for (const rule of prefer) if (holds(rule, node)) score += 1e6
  score -= 1e6 * intolerable(node, app, ['PreferNoSchedule']).length
  for (const [index, { by }] of spread.entries()) {
    score -= 1e3 * (domains[index]?.counts.get(attributeOf(node, by) ?? '') ?? 0)
  }
  score -= 10 * (tally.get(node.name) ?? 0)
  const { capacity, used } = node
  return score - used.cpu / (capacity.cpu || 1) - used.memory / (capacity.memory || 1)
}

function noNodes(nodes: readonly NodeRecord[], only: string | undefined): Refusal {
  const down = nodes.filter(({ state }) => state === 'down').length
  const draining = nodes.filter(({ state }) => state === 'draining').length
  const message = only
    ? `only ${only} will do, and it is not ready`
    : `no node is ready: of ${nodes.length}, ${down} are down and ${draining} draining`
  return { code: 'NoNodes', message }
}

function unsatisfied(nodes: readonly NodeRecord[], app: App): Refusal {
  const { pool, require } = app.placement
  const code = 'ConstraintUnsatisfied'
  const of = `of ${nodes.length} ready nodes`
  if (pool !== undefined && !nodes.some((node) => node.pool === pool)) {
    return { code, message: `${of} none is in pool ${pool}` }
  }
  const impossible = require.find((rule) => !nodes.some((node) => holds(rule, node)))
  if (impossible) return { code, message: `${of} none has ${ruleText(impossible)}` }
  const taint = nodes.flatMap((node) => intolerable(node, app, ['NoSchedule', 'NoExecute']))[0]
  return taint
    ? {
        code,
        message: `${of} none is free of taints the app does not tolerate, such as ${taint.key}`,
      }
    : { code, message: `${of} none satisfies all of ${require.map(ruleText).join(' and ')}` }
}

export function ruleText({ attribute, op, values }: PlacementRule): string {
  return op === 'exists' || op === 'absent'
    ? `${attribute} ${op}`
    : `${attribute} ${op} ${values.join(', ')}`
}

function fullMessage(app: App, fitting: number): string {
  const { maxPerNode, spread } = app.placement
  if (maxPerNode !== undefined) {
    return `each of the ${fitting} nodes that would do has its ${maxPerNode} already (maxPerNode)`
  }
  const strict = spread.filter(({ maxSkew }) => maxSkew !== undefined)
  const limits = strict.map(({ by, maxSkew }) => `${by} by more than ${maxSkew}`).join(' or ')
  return `one more anywhere would unbalance ${limits} (spread)`
}

const DIMENSIONS: readonly {
  readonly key: keyof Amounts
  readonly code: ReasonCode
  readonly say: (amount: number) => string
}[] = [
  { key: 'cpu', code: 'InsufficientCpu', say: (amount) => `${formatCpu(amount)} cpu` },
  { key: 'memory', code: 'InsufficientMemory', say: (amount) => `${roundMemory(amount)} memory` },
  { key: 'disk', code: 'InsufficientDisk', say: (amount) => `${roundMemory(amount)} disk` },
  { key: 'gpus', code: 'InsufficientGpu', say: (amount) => `${amount} gpus` },
]

function roundMemory(bytes: number): string {
  return String(formatMemory(bytes))
}

function noRoom(nodes: readonly NodeRecord[], demand: Demand): Refusal {
  for (const { key, code, say } of DIMENSIONS) {
    const most = Math.max(...nodes.map((node) => node.capacity[key] - node.used[key]))
    if (most < demand[key]) {
      const [needed, left] = [say(demand[key]), say(most).split(' ')[0]]
      return { code, message: `needs ${needed}, the emptiest node has ${left}` }
    }
  }
  const taken = demand.ports.find((port) => nodes.every((node) => node.ports[port]))
  if (taken)
    return {
      code: 'PortConflict',
      message: `port ${taken} is taken on each of ${nodes.length} nodes`,
    }
  // Each thing is to be had somewhere, but not all of it in one place: told by what the roomiest node lacks.
  const roomiest = nodes.reduce((a, b) =>
    b.capacity.cpu - b.used.cpu > a.capacity.cpu - a.used.cpu ? b : a,
  )
  for (const { key, code, say } of DIMENSIONS) {
    const left = roomiest.capacity[key] - roomiest.used[key]
    if (left < demand[key]) {
      return {
        code,
        message: `needs ${say(demand[key])}, ${roomiest.name} has ${say(left).split(' ')[0]} and no other node has all it needs`,
      }
    }
  }
  const port = demand.ports.find((wanted) => roomiest.ports[wanted])
  return {
    code: 'PortConflict',
    message: `port ${port} is taken on ${roomiest.name}, and no other node has all it needs`,
  }
}
