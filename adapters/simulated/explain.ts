import type { Reason } from 'intermodal'
import type { AppRecord } from './world/model.ts'
import { isRefusal, place } from './world/placement.ts'
import type { World } from './world.ts'

/** What the scheduler knows beyond the status: for an app that waits, what is wrong with each node. */
export function explainPlacement(world: World, record: AppRecord): readonly Reason[] {
  const { nodes } = world.engine.state
  const waiting = record.instances.filter(({ state, reason }) => state === 'pending' && reason)
  if (waiting.length === 0) return []
  const tally = new Map<string, number>()
  for (const { node, state } of record.instances) {
    if (node !== undefined && state !== 'failed') tally.set(node, (tally.get(node) ?? 0) + 1)
  }
  const since = Math.min(...waiting.map(({ createdAt }) => createdAt))
  return [...nodes.values()].flatMap((node) => {
    const found = place({ app: record.spec.app, nodes: [node], tally })
    if (!isRefusal(found)) return []
    return [
      { code: found.code, message: `${node.name}: ${found.message}`, count: waiting.length, since },
    ]
  })
}
