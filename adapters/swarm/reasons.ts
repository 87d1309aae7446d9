import { formatCpu, formatMemory, type Reason, type ReasonCode } from 'intermodal'
import type { Node, Task } from './wire.ts'

export interface Cause {
  readonly code: ReasonCode
  readonly message: string
}

export function withTime(cause: Cause, since: number, count = 1): Reason {
  return { ...cause, count, since }
}

/** Why a task is not running, from its error text: the only place where Swarm says so. */
export function causeOf(
  task: Task,
  nodes: ReadonlyMap<string, Node>,
  unhealthy: () => 'LivenessFailed' | 'ReadinessFailed',
): Cause | undefined {
  const { State, Err = '' } = task.Status
  if (State === 'pending') return Err === '' ? undefined : placementCause(task, Err, nodes)
  if (State === 'rejected') return rejectedCause(Err)
  if (State === 'failed') return failedCause(task, Err, unhealthy)
  if (State === 'complete') {
    // Exit code 0 says nothing of the cause: a health check that killed a well-behaved program ends the same way.
    return {
      code: 'Unknown',
      message: 'ended by itself with exit code 0, or was ended as unhealthy: Swarm does not tell',
    }
  }
  if (State === 'orphaned') {
    return { code: 'NodeLost', message: 'its node has not answered for a day' }
  }
  return undefined
}

const PLACEMENT: readonly (readonly [pattern: RegExp, code: ReasonCode])[] = [
  [/insufficient resources/, 'InsufficientCpu'],
  [/scheduling constraints not satisfied/, 'ConstraintUnsatisfied'],
  [/max replicas per node limit/, 'ConstraintUnsatisfied'],
  [/host-mode port already in use/, 'PortConflict'],
  [/unsupported platform/, 'ConstraintUnsatisfied'],
  [/missing plugin|volume/, 'VolumeUnavailable'],
  [/not available for new tasks/, 'NoNodes'],
]

/** `no suitable node (insufficient resources on 1 node; scheduling constraints not satisfied on 2 nodes)`. */
function placementCause(task: Task, text: string, nodes: ReadonlyMap<string, Node>): Cause {
  const [, list = ''] = /\((.*)\)\s*$/.exec(text) ?? []
  const parts = list
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const found = PLACEMENT.flatMap(([pattern, code]) =>
    parts.filter((part) => pattern.test(part)).map((part) => ({ code, weight: nodesIn(part) })),
  )
  // Nodes that take no new tasks are rarely the point when others have said why not.
  const [main] = found.sort((a, b) => rank(a) - rank(b))
  const told = parts.length > 0 ? `no suitable node: ${parts.join('; ')}` : text
  if (main === undefined) return { code: 'NoNodes', message: told }
  if (main.code === 'InsufficientCpu') return resourceCause(task, told, nodes)
  const detail = main.code === 'ConstraintUnsatisfied' ? constraintDetail(task, parts) : ''
  return { code: main.code, message: `${told}${detail}` }
}

function nodesIn(part: string): number {
  const [, count] = /(\d+) nodes?/.exec(part) ?? []
  return Number(count ?? 0)
}

function rank({ code, weight }: { readonly code: ReasonCode; readonly weight: number }): number {
  return (code === 'NoNodes' ? 1_000_000 : 0) - weight
}

function constraintDetail({ Spec }: Task, parts: readonly string[]): string {
  const { Constraints = [], MaxReplicas } = Spec.Placement ?? {}
  if (parts.some((part) => part.startsWith('max replicas')) && MaxReplicas) {
    return ` (at most ${MaxReplicas} on a node)`
  }
  return Constraints.length > 0 ? ` (needs ${Constraints.join(' and ')})` : ''
}

/** Swarm says "insufficient resources" and not which: what is reserved and what the nodes have tells more. */
function resourceCause({ Spec }: Task, told: string, nodes: ReadonlyMap<string, Node>): Cause {
  const wanted = Spec.Resources?.Reservations ?? {}
  const { NanoCPUs: cpu = 0, MemoryBytes: memory = 0, GenericResources = [] } = wanted
  const largest = (pick: 'NanoCPUs' | 'MemoryBytes') =>
    Math.max(0, ...[...nodes.values()].map((node) => node.Description?.Resources?.[pick] ?? 0))
  const [mostCpu, mostMemory] = [largest('NanoCPUs'), largest('MemoryBytes')]
  const has = [
    ...(cpu > 0 ? [`${cores(cpu)} cpu`] : []),
    ...(memory > 0 ? [`${formatMemory(memory)} memory`] : []),
    ...GenericResources.map(({ DiscreteResourceSpec: one, NamedResourceSpec: named }) =>
      one ? `${one.Value} ${one.Kind}` : `${named?.Kind} ${named?.Value}`,
    ),
  ].join(', ')
  const most =
    nodes.size > 0 ? `; the largest node has ${cores(mostCpu)} cpu, ${memoryOf(mostMemory)}` : ''
  const message = `${told}: needs ${has}${most}`
  if (nodes.size > 0 && cpu > mostCpu) return { code: 'InsufficientCpu', message }
  if (nodes.size > 0 && memory > mostMemory) return { code: 'InsufficientMemory', message }
  if (GenericResources.length > 0) return { code: 'InsufficientGpu', message }
  return { code: cpu > 0 ? 'InsufficientCpu' : 'InsufficientMemory', message }
}

function cores(nano: number): string {
  return String(formatCpu(Math.round(nano / 1_000_000)))
}

function memoryOf(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)}Gi memory`
}

const REJECTED: readonly (readonly [pattern: RegExp, code: ReasonCode])[] = [
  [/unauthorized|authentication required|access denied|no basic auth/i, 'RegistryAuth'],
  [
    /no such image|manifest unknown|manifest for .* not found|repository .* not found/i,
    'ImageNotFound',
  ],
  [
    /pull|registry|TLS handshake|\b(?:dial|lookup)\b.*(?:refused|no such host|timeout)/i,
    'ImagePullFailed',
  ],
  [/\bsecret\b/i, 'SecretMissing'],
  [/\bconfig reference|\bconfig\b.*not found/i, 'ConfigMissing'],
  [/mount|volume|bind source/i, 'VolumeUnavailable'],
  [/port is already allocated|address already in use/i, 'PortConflict'],
]

function rejectedCause(text: string): Cause {
  const code = REJECTED.find(([pattern]) => pattern.test(text))?.[1] ?? 'StartFailed'
  // Without credentials a registry answers the same for an image it has not and one it does not show.
  const hint = code === 'ImageNotFound' ? ' (or the registry does not show it to this cluster)' : ''
  return { code, message: `${text || 'the node refused it without saying why'}${hint}` }
}

function failedCause(
  task: Task,
  text: string,
  unhealthy: () => 'LivenessFailed' | 'ReadinessFailed',
): Cause {
  const exit = exitCodeOf(task)
  if (/unhealthy container/.test(text)) {
    return {
      code: unhealthy(),
      message: `its health check failed, so it was ended (exit code ${exit})`,
    }
  }
  if (/\boom\b|out of memory/i.test(text)) return { code: 'OomKilled', message: text }
  if (/starting container failed|OCI runtime|executable file not found/i.test(text)) {
    return { code: 'StartFailed', message: text }
  }
  if (/port is already allocated|address already in use/i.test(text)) {
    return { code: 'PortConflict', message: text }
  }
  if (exit === 137) return { code: 'ExitNonZero', message: killedMessage(task) }
  if (exit !== undefined && exit !== 0) {
    return { code: 'ExitNonZero', message: `exit code ${exit}` }
  }
  return { code: 'Unknown', message: text || 'failed without a word' }
}

// The word is only in the node's own events and container list, which a manager does not have.
function killedMessage({ Spec }: Task): string {
  const limit = Spec.Resources?.Limits?.MemoryBytes
  return limit
    ? `exit code 137: killed from outside, perhaps for passing its memory limit of ${formatMemory(limit)}`
    : 'exit code 137: killed from outside, perhaps because the node was out of memory'
}

/** From the error text first: the number beside it is left out when it is 0. */
export function exitCodeOf({ Status }: Task): number | undefined {
  const [, told] = /non-zero exit \((-?\d+)\)/.exec(Status.Err ?? '') ?? []
  if (told !== undefined) return Number(told)
  if (Status.State === 'complete') return 0
  return Status.State === 'failed' ? Status.ContainerStatus?.ExitCode : undefined
}
