import { type App, resolveAmount } from 'intermodal'
import { stopInstance } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { isLive } from './instances.ts'
import type { AppRecord } from './model.ts'
import { intolerable } from './placement.ts'

/**
 * Sends away what sits on draining nodes, or on nodes with a taint that it may not stay with: as many at once as the
 * app's `disruption` leaves, at least one that serves nobody anyway. What is left goes when others are ready.
 */
export function drainNode(engine: Engine, record: AppRecord): void {
  const live = record.instances.filter(isLive)
  let spare =
    live.filter(({ ready }) => ready).length - minimumReady(record.spec.app, record.replicas)
  for (const instance of live) {
    const node = engine.state.nodes.get(instance.node ?? '')
    if (!node || node.state === 'down') continue
    const app = specOf(record, instance.revision)
    const unwanted = node.state === 'draining' || intolerable(node, app, ['NoExecute']).length > 0
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
