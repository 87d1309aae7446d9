import type { ClusterNode } from '../adapter.ts'
import { formatCpu, formatMemory } from '../app/quantity.ts'
import type { App, AppId } from '../app/schema.ts'
import { type Budget, budgetFor, type Effect } from './effect.ts'

export interface Outlook {
  readonly wanted: App
  readonly cluster: string
  readonly effect: Effect
  /** Instances wanted after the change, and running now. */
  readonly desired: number
  readonly running: number
  readonly nodes?: readonly ClusterNode[] | undefined
  /** Ids of the apps that are live on the cluster, where the caller knows. */
  readonly known?: ReadonlySet<AppId> | undefined
}

/** What will probably not work, or not as meant. */
export function* warningsFor(outlook: Outlook): Generator<string> {
  const { wanted, desired, effect, known, cluster } = outlook
  for (const id of Object.keys(wanted.dependsOn) as AppId[]) {
    if (known && !known.has(id)) yield `it depends on ${id}, which is not on ${cluster}`
  }
  const budget = budgetFor(wanted, desired)
  const rolls = effect === 'rollingRestart' && outlook.running > 0
  if (rolls && wanted.kind !== 'daemon' && budget.stuck) yield stuckBudget(wanted, desired)
  const ready = outlook.nodes?.filter(({ state }) => state === 'ready')
  if (!ready || wanted.kind === 'cron') return
  if (ready.length === 0 && desired > 0) {
    yield `no node of ${cluster} is ready, so nothing can be placed`
    return
  }
  yield* perNodeWarnings(outlook, ready.length, budget, rolls)
  const tooBig = [...oversized(wanted, ready)]
  yield* tooBig
  if (tooBig.length === 0) yield* roomWarnings(outlook, ready, rolls ? budget : undefined)
}

function stuckBudget({ update }: App, desired: number): string {
  return `maxUnavailable ${update.maxUnavailable} of ${desired} is no instance and maxSurge is ${update.maxSurge}: the update has no room to replace any`
}

function* perNodeWarnings(
  { wanted, desired }: Outlook,
  nodes: number,
  budget: Budget,
  rolls: boolean,
): Generator<string> {
  const fixedPort = wanted.ports.find(({ hostPort }) => typeof hostPort === 'number')
  const perNode = fixedPort ? 1 : wanted.placement.maxPerNode
  if (perNode === undefined || wanted.kind === 'daemon') return
  const cause = fixedPort
    ? `host port ${fixedPort.hostPort} allows one instance on each node`
    : `maxPerNode is ${perNode}`
  const places = nodes * perNode
  if (desired > places) {
    yield `${cause}, and ${count(nodes, 'node')} ${nodes === 1 ? 'is' : 'are'} ready: ${desired - places} of ${desired} instances will find no place`
  } else if (rolls && budget.unavailable === 0 && desired === places) {
    yield `${cause}, every place is taken, and maxUnavailable is 0: a new instance finds no place until an old one stops; set maxUnavailable to 1`
  }
}

const RESOURCES = [
  ['cpu', 'cpu', (value: number) => String(formatCpu(value))],
  ['memory', 'memory', (value: number) => String(formatMemory(value))],
  ['disk', 'disk', (value: number) => String(formatMemory(value))],
] as const

function* oversized(wanted: App, nodes: readonly ClusterNode[]): Generator<string> {
  for (const [key, word, format] of RESOURCES) {
    const needed = requested(wanted, key)
    const sizes = nodes.map(({ capacity }) => capacity[key])
    if (needed === 0 || !sizes.every((size) => size !== undefined)) continue
    const largest = Math.max(...sizes)
    if (needed > largest)
      yield `each instance needs ${format(needed)} ${word}, the largest node has ${format(largest)}`
  }
}

/** Counts how many of the instances to come find a place in what is free now. */
function* roomWarnings(
  { wanted, desired, running }: Outlook,
  nodes: readonly ClusterNode[],
  budget: Budget | undefined,
): Generator<string> {
  const surge = budget?.unavailable === 0 ? Math.min(1, budget.surge) : 0
  const more = Math.max(0, desired - running) + surge
  if (more === 0 || wanted.kind === 'daemon') return
  const places = nodes.reduce((sum, node) => sum + placesOn(node, wanted), 0)
  if (places >= more) return
  yield `${places === 0 ? 'none' : `${places}`} of ${count(more, 'more instance')} ${more === 1 ? 'finds' : 'find'} a place in what the nodes have free now`
}

function placesOn(node: ClusterNode, wanted: App): number {
  const perResource = RESOURCES.flatMap(([key]) => {
    const needed = requested(wanted, key)
    const capacity = node.capacity[key]
    if (needed === 0 || capacity === undefined) return []
    return [Math.max(0, Math.floor((capacity - (node.reserved[key] ?? 0)) / needed))]
  })
  return Math.min(Number.MAX_SAFE_INTEGER / 1e6, ...perResource)
}

/** What placement counts for one instance: the main container and its sidecars. */
export function requested(app: App, key: 'cpu' | 'memory' | 'disk'): number {
  return [app, ...Object.values(app.sidecars)].reduce(
    (sum, { resources }) => sum + (resources.requests?.[key] ?? 0),
    0,
  )
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
