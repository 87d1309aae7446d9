import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { share } from './pods.ts'

export function countOf({ spec }: KubeObject): number {
  return Number(spec?.replicas ?? 0)
}

/** The template without the mark the controller put on it. */
export function templateOf({ spec = {} }: KubeObject): JsonObject {
  const { metadata, ...rest } = (spec.template ?? {}) as { readonly metadata?: JsonObject }
  const { labels, ...others } = metadata ?? {}
  const { 'pod-template-hash': _, ...kept } = (labels ?? {}) as JsonObject
  return { ...rest, metadata: { ...others, labels: kept } }
}

/** How many more, and how many fewer, there may be than wanted: shares of surge round up, of absence down. */
export function limitsOf(spec: JsonObject): {
  readonly maxSurge: number
  readonly maxUnavailable: number
} {
  const { type, rollingUpdate } = (spec.strategy ?? {}) as JsonObject
  if (type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 }
  const whole = Number(spec.replicas ?? 0)
  const { maxSurge, maxUnavailable } = (rollingUpdate ?? {}) as JsonObject
  const surge = share(maxSurge, whole, 'up')
  const unavailable = Math.min(whole, share(maxUnavailable, whole, 'down'))
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** How many of the new ones there may be at this moment. */
export function wantedNew(
  { spec = {} }: KubeObject,
  others: readonly KubeObject[],
  now: number,
): number {
  const wanted = Number(spec.replicas ?? 0)
  if ((spec.strategy as JsonObject | undefined)?.type === 'Recreate') return wanted
  if (now > wanted) return wanted
  const most = wanted + limitsOf(spec).maxSurge
  const all = others.reduce((sum, set) => sum + countOf(set), now)
  return all >= most ? now : now + Math.min(most - all, wanted - now)
}

/** A change of the count in the middle of an update is shared between old and new as they stand. */
export function proportional(
  deployment: KubeObject,
  sets: readonly KubeObject[],
  fresh: KubeObject | undefined,
): readonly (readonly [KubeObject, number])[] {
  const { spec = {} } = deployment
  const wanted = Number(spec.replicas ?? 0)
  const active = sets.filter((set) => countOf(set) > 0)
  const [only] = active.length <= 1 ? [active[0] ?? fresh ?? sets.at(-1)] : []
  if (active.length <= 1) return only ? [[only, wanted]] : []
  const all = active.reduce((sum, set) => sum + countOf(set), 0)
  const most = wanted > 0 ? wanted + limitsOf(spec).maxSurge : 0
  let rest = most - all
  const largestFirst = [...active].sort((a, b) => countOf(b) - countOf(a))
  const counts = largestFirst.map((set) => {
    const before = Number(
      set.metadata.annotations?.['deployment.kubernetes.io/max-replicas'] ?? all,
    )
    const target = Math.round((countOf(set) * most) / (before || 1)) - countOf(set)
    const given =
      rest > 0 ? Math.max(0, Math.min(target, rest)) : Math.min(0, Math.max(target, rest))
    rest -= given
    return [set, countOf(set) + given] as const
  })
  const [[first, count] = [undefined, 0], ...others] = counts
  return first ? [[first, Math.max(0, count + rest)], ...others] : []
}

export function isFinished({ status }: KubeObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

export function isDone({ spec = {} }: KubeObject, { status = {} }: KubeObject): boolean {
  return Number(status.availableReplicas ?? 0) === Number(spec.replicas ?? 0)
}

export function sameNotes(
  { metadata }: KubeObject,
  notes: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(notes).every(([key, value]) => metadata.annotations?.[key] === value)
}
