import { type App, resolveAmount } from 'intermodal'
import { stopInstance } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { isLive } from './instances.ts'
import type { AppRecord, NodeRecord } from './model.ts'
import { intolerable, tolerates } from './placement.ts'

/**
 * Sends away what sits on draining nodes, or on nodes with a taint that it may not stay with: as many at once as the
 * app's `disruption` leaves, at least one that serves nobody anyway. What is left goes when others are ready.
 */
export function drainNode(engine: Engine, record: AppRecord): number | undefined {
  let next: number | undefined
  const live = record.instances.filter(isLive)
  let spare =
    live.filter(({ ready }) => ready).length - minimumReady(record.spec.app, record.replicas)
  for (const instance of live) {
    const node = engine.state.nodes.get(instance.node ?? '')
    if (!node || node.state === 'down') continue
    const app = specOf(record, instance.revision)
    const until = toleratedUntil(node, app, instance.createdAt)
    if (Number.isFinite(until) && until > engine.now) next = Math.min(next ?? until, until)
    const unwanted = node.state === 'draining' || until <= engine.now
    if (!unwanted || (instance.ready && spare <= 0)) continue
    if (instance.ready) spare--
    const reason = {
      code: 'NodeDrained',
      message: `${node.name} is being drained`,
      count: 1,
      since: engine.now,
    } as const
    stopInstance(engine, record, instance)
    if (record.instances.includes(instance)) instance.reason = reason
  }
  return next
}

/** How long an instance may stay: for ever, not at all, or as long as its toleration of a `NoExecute` taint says. */
function toleratedUntil(node: NodeRecord, app: App, createdAt: number): number {
  if (intolerable(node, app, ['NoExecute']).length > 0) return Number.NEGATIVE_INFINITY
  const limits = node.taints
    .filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => {
      const durations = (app.placement.tolerations ?? [])
        .filter((toleration) => tolerates(toleration, taint))
        .map(({ duration }) => duration ?? Number.POSITIVE_INFINITY)
      return Math.max(taint.since ?? createdAt, createdAt) + Math.max(...durations)
    })
  return Math.min(...limits)
}

/** How many have to stay ready, rounded so that a percentage protects at least what it says. */
function minimumReady({ disruption }: App, replicas: number): number {
  if (disruption?.minAvailable !== undefined) {
    return resolveAmount(disruption.minAvailable, replicas, Math.ceil)
  }
  if (disruption?.maxUnavailable !== undefined) {
    return replicas - resolveAmount(disruption.maxUnavailable, replicas, Math.floor)
  }
  return 0
}
