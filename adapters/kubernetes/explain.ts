import {
  type AppId,
  type Call,
  type Clock,
  type ClusterNode,
  formatCpu,
  formatMemory,
  type Reason,
} from 'intermodal'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { timeOf } from './moments.ts'
import { listNodes, requestsOf } from './nodes.ts'
import { eventsOf, existing, podsWhole } from './picture.ts'
import { type Cause, creationCause, mountCause, withTime } from './reasons.ts'
import { eventTime } from './status-events.ts'
import type { KubernetesEvent, Pod } from './workload.ts'

/**
 * What the status does not have: how much room there is at most where an instance finds no place, and what controllers
 * and nodes complained of lately.
 */
export async function explainApp(
  api: Api,
  clock: Clock,
  id: AppId,
  { signal }: Call,
): Promise<readonly Reason[]> {
  const { object: workload } = await existing(api, id, signal)
  const { pods, history } = await podsWhole(api, workload, signal)
  const placeless = pods.filter(isPlaceless)
  const [events, nodes] = await Promise.all([
    eventsOf(api, signal),
    placeless.length > 0 ? nodesIfAllowed(api, signal) : undefined,
  ])
  const about = new Set([workload, ...history, ...pods].map(({ metadata }) => metadata.uid))
  const own = events.filter(({ involvedObject }) => about.has(involvedObject?.uid))
  const room = nodes ? roomReasons(placeless, nodes, clock.now()) : []
  return [...room, ...complaints(own)]
}

async function nodesIfAllowed(
  api: Api,
  signal: AbortSignal,
): Promise<readonly ClusterNode[] | undefined> {
  try {
    return await listNodes(api, signal)
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}

function isPlaceless({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: on }) => type === 'PodScheduled' && on === 'False',
  )
}

export function roomReasons(
  pods: readonly Pod[],
  nodes: readonly ClusterNode[],
  now: number,
): readonly Reason[] {
  const ready = nodes.filter(({ state }) => state === 'ready')
  const [pod] = pods
  if (!pod) return []
  const since = Math.min(...pods.map(({ metadata }) => timeOf(metadata.creationTimestamp) ?? now))
  const say = (cause: Cause) => withTime(cause, since, pods.length)
  if (ready.length === 0) {
    const message = `none of ${nodes.length} nodes takes work: each is down or drained`
    return [say({ code: 'NoNodes', message })]
  }
  const { cpu = 0, memory = 0 } = requestsOf(pod)
  const freeCpu = roomiest(ready, 'cpu')
  const freeMemory = roomiest(ready, 'memory')
  return [
    ...(cpu > freeCpu
      ? [
          say({
            code: 'InsufficientCpu',
            message: `needs ${formatCpu(cpu)} cpu, the emptiest node has ${formatCpu(freeCpu)}`,
          }),
        ]
      : []),
    ...(memory > freeMemory
      ? [
          say({
            code: 'InsufficientMemory',
            message: `needs ${formatMemory(memory)} of memory, the emptiest node has ${formatMemory(freeMemory)}`,
          }),
        ]
      : []),
  ]
}

function roomiest(nodes: readonly ClusterNode[], what: 'cpu' | 'memory'): number {
  return Math.max(
    0,
    ...nodes.map(({ capacity, reserved }) => (capacity[what] ?? 0) - (reserved[what] ?? 0)),
  )
}

/** Warnings, the same ones together, the latest first. The scheduler's are in the status. */
export function complaints(events: readonly KubernetesEvent[]): readonly Reason[] {
  const warnings = events.filter(
    ({ type, reason }) => type === 'Warning' && reason !== 'FailedScheduling',
  )
  const alike = Map.groupBy(warnings, (event) => {
    const { code, message } = causeOf(event)
    return `${code} ${message}`
  })
  return [...alike.values()]
    .map((group) => {
      const [first] = group as [KubernetesEvent, ...KubernetesEvent[]]
      const times = group.reduce((sum, { count, series }) => sum + (series?.count ?? count ?? 1), 0)
      return withTime(causeOf(first), Math.max(...group.map(eventTime)), times)
    })
    .sort((a, b) => b.since - a.since)
}

function causeOf({ reason = '', message, note }: KubernetesEvent): Cause {
  const text = (message ?? note ?? '').replaceAll(/\s+/g, ' ').trim()
  switch (reason) {
    case 'FailedCreate':
      return creationCause(text)
    case 'FailedMount':
    case 'FailedAttachVolume':
      return mountCause(text)
    case 'Unhealthy':
      return {
        code: /^liveness/i.test(text)
          ? 'LivenessFailed'
          : /^startup/i.test(text)
            ? 'StartupTimeout'
            : 'ReadinessFailed',
        message: text,
      }
    case 'Failed':
      return { code: /pull/i.test(text) ? 'ImagePullFailed' : 'StartFailed', message: text }
    case 'BackOff':
      return { code: /pulling/i.test(text) ? 'ImagePullFailed' : 'CrashLoop', message: text }
    case 'Evicted':
      return { code: 'Evicted', message: text }
    case 'Preempted':
      return { code: 'Preempted', message: text }
    default:
      return { code: 'Unknown', message: text === '' ? reason : `${reason}: ${text}` }
  }
}
