import type { ClusterSummary, FleetEntry, FleetList, FleetSummary } from '../fleet.ts'
import { type AppState, type AppStatus, worstOf } from '../status.ts'
import type { Member } from './member.ts'

/** Counts a whole list, cluster by cluster. */
export async function summarizeList(
  members: readonly Member[],
  list: FleetList,
): Promise<FleetSummary> {
  const entries: FleetEntry[] = []
  for await (const entry of list) entries.push(entry)
  const clusters = members.map(({ name, client }): ClusterSummary => {
    const statuses = entries.flatMap(({ cluster, status }) => (cluster === name ? [status] : []))
    const problem = list.problems.find(({ cluster }) => cluster === name)
    return {
      cluster: name,
      kind: client.kind,
      ...tally(statuses, problem !== undefined),
      problem: problem?.error,
    }
  })
  return {
    clusters,
    total: tally(
      entries.map(({ status }) => status),
      list.problems.length > 0,
    ),
  }
}

function tally(statuses: readonly AppStatus[], troubled: boolean): FleetSummary['total'] {
  const states: Partial<Record<AppState, number>> = {}
  let desired = 0
  let ready = 0
  for (const { state, counts } of statuses) {
    states[state] = (states[state] ?? 0) + 1
    desired += counts.desired
    ready += counts.ready
  }
  const worst = worstOf([
    ...(Object.keys(states) as AppState[]),
    ...(troubled ? (['unknown'] as const) : []),
  ])
  return { apps: statuses.length, states, worst, instances: { desired, ready } }
}
