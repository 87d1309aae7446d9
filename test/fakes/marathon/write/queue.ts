import type { NodeRecord } from '../../../../adapters/simulated/world/model.ts'
import { demandOf, holds } from '../../../../adapters/simulated/world/placement.ts'
import type { Marathon } from '../marathon.ts'
import { instancesOf, roleOf, type Spec } from '../store/root.ts'
import { worldApp } from '../world/app.ts'
import type { AppRecord } from '../world/cluster.ts'
import { hasTask, waitsForImage } from '../world/tasks.ts'
import { appJson } from './app.ts'
import { podJson } from './pod.ts'
import { iso } from './task.ts'

/** How often every agent makes an offer, milliseconds. */
const OFFERS = 5000

/** The funnel an offer goes through, in Marathon's order. */
const REASONS = [
  'UnfulfilledRole',
  'UnfulfilledConstraint',
  'NoCorrespondingReservationFound',
  'AgentMaintenance',
  'InsufficientCpus',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpus',
  'InsufficientPorts',
  'DeclinedScarceResources',
] as const
type RejectReason = (typeof REASONS)[number]

/** What waits to be launched, and why it does. Nothing for an app that has all it wants. */
export function queueItem(marathon: Marathon, spec: Spec, withOffers: boolean): object | undefined {
  const { cluster, setup, dialect } = marathon
  const record = cluster.record(spec.id)
  if (!record || record.deleting) return undefined
  const waiting = record.instances.filter((one) => one.state === 'pending' || waitsForImage(one))
  const launched = record.instances.filter(hasTask)
  const count = Math.max(
    waiting.length,
    Math.min(record.replicas, instancesOf(spec)) - launched.length,
  )
  if (count <= 0) return undefined
  const { now } = cluster
  const since = Math.min(now, ...waiting.map(({ createdAt }) => createdAt))
  const delay = Math.max(0, ...waiting.map(({ notBefore = 0 }) => notBefore - now))
  const refusals = refusalsOf(marathon, spec, record)
  // While it is delayed no offer is looked at.
  const rounds = delay > 0 ? 0 : 1 + Math.floor((now - since) / OFFERS)
  const processed = refusals.length * rounds
  const declined = refusals.filter(({ reason }) => reason !== undefined).length
  return {
    count,
    ...(dialect.since('1.9') ? { role: roleOf(spec, setup.role) } : {}),
    delay: { timeLeftSeconds: Math.ceil(delay / 1000), overdue: delay <= 0 },
    since: iso(since),
    processedOffersSummary: {
      processedOffersCount: processed,
      unusedOffersCount: declined * rounds,
      ...(declined * rounds > 0 ? { lastUnusedOfferAt: iso(now) } : {}),
      rejectSummaryLastOffers: rounds === 0 ? [] : funnel(refusals, 1),
      rejectSummaryLaunchAttempt: rounds === 0 ? [] : funnel(refusals, rounds),
    },
    ...(withOffers && rounds > 0
      ? {
          lastUnusedOffers: refusals.flatMap(({ node, reason }, index) =>
            reason === undefined ? [] : [offerJson(marathon, node, reason, index)],
          ),
        }
      : {}),
    ...(spec.kind === 'app' ? { app: appJson(spec, dialect) } : { pod: podJson(spec, dialect) }),
  }
}

interface Refusal {
  readonly node: NodeRecord
  /** The first reason against it; none: it would do. */
  readonly reason: RejectReason | undefined
}

/** An agent that is down makes no offer. */
function refusalsOf({ cluster }: Marathon, spec: Spec, record: AppRecord): readonly Refusal[] {
  const app = worldApp(spec)
  const tally = new Map<string, number>()
  for (const one of record.instances)
    if (one.node !== undefined && hasTask(one)) tally.set(one.node, (tally.get(one.node) ?? 0) + 1)
  return cluster
    .agents()
    .filter(({ node }) => node.state !== 'down')
    .map(({ node }) => ({ node, reason: reasonAgainst(node, app, tally.get(node.name) ?? 0) }))
}

function reasonAgainst(
  node: NodeRecord,
  app: ReturnType<typeof worldApp>,
  here: number,
): RejectReason | undefined {
  const { require, maxPerNode } = app.placement
  if (!require.every((rule) => holds(rule, node))) return 'UnfulfilledConstraint'
  if (maxPerNode !== undefined && here >= maxPerNode) return 'UnfulfilledConstraint'
  if (node.taints.length > 0) return 'UnfulfilledRole'
  if (node.state === 'draining') return 'AgentMaintenance'
  const demand = demandOf(app)
  const left = (what: 'cpu' | 'memory' | 'disk' | 'gpus') => node.capacity[what] - node.used[what]
  if (left('cpu') < demand.cpu) return 'InsufficientCpus'
  if (left('memory') < demand.memory) return 'InsufficientMemory'
  if (left('disk') < demand.disk) return 'InsufficientDisk'
  if (left('gpus') < demand.gpus) return 'InsufficientGpus'
  return demand.ports.some((port) => node.ports[port]) ? 'InsufficientPorts' : undefined
}

function funnel(refusals: readonly Refusal[], rounds: number): readonly object[] {
  let processed = refusals.length * rounds
  return REASONS.map((reason) => {
    const declined = refusals.filter((refusal) => refusal.reason === reason).length * rounds
    const step = { reason, declined, processed }
    processed -= declined
    return step
  })
}

function offerJson(
  { cluster, setup }: Marathon,
  node: NodeRecord,
  reason: RejectReason,
  index: number,
): object {
  const { capacity, used, attributes } = node
  const scalar = (name: string, amount: number) => ({ name, role: setup.role, scalar: amount })
  return {
    offer: {
      id: `96d7da70-b731-4cfb-96a7-0ee877af615d-O${index}`,
      hostname: node.name,
      agentId: cluster.agents().find((agent) => agent.node === node)?.id,
      resources: [
        scalar('cpus', (capacity.cpu - used.cpu) / 1000),
        scalar('mem', (capacity.memory - used.memory) / 2 ** 20),
        scalar('disk', (capacity.disk - used.disk) / 2 ** 20),
        scalar('gpus', capacity.gpus - used.gpus),
      ],
      attributes: Object.entries(attributes).map(([name, text]) => ({ name, text })),
    },
    reason: [reason],
    timestamp: iso(cluster.now),
  }
}
