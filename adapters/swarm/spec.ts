import { canonicalJson } from 'intermodal'
import { OP } from './marks.ts'
import { rescaled } from './update-config.ts'
import type { ServiceSpec } from './wire.ts'

/** What the engine writes into every spec by itself. */
const FILLED_IN: readonly (readonly [key: string, value: unknown])[] = [
  ['Isolation', 'default'],
  ['Runtime', 'container'],
]

/**
 * Whether two specs mean the same: the engine drops zero values, adds a few of its own, and every write of ours carries
 * another operation id.
 */
export function sameSpec(a: ServiceSpec, b: ServiceSpec): boolean {
  return canonicalJson(essence(withoutOp(a))) === canonicalJson(essence(withoutOp(b)))
}

/** The same to the last label: nobody wrote it since. */
export function untouched(a: ServiceSpec, b: ServiceSpec): boolean {
  return canonicalJson(essence(a)) === canonicalJson(essence(b))
}

export function withLabels(
  spec: ServiceSpec,
  changes: Readonly<Record<string, string | undefined>>,
): ServiceSpec {
  const labels: Record<string, string> = {}
  for (const [key, value] of Object.entries({ ...spec.Labels, ...changes })) {
    if (value !== undefined) labels[key] = value
  }
  return { ...spec, Labels: labels }
}

/** Budgets in percent are counts on Swarm, so they change with the number of replicas. */
export function withReplicas(spec: ServiceSpec, replicas: number): ServiceSpec {
  return { ...rescaled(spec, replicas), Mode: { Replicated: { Replicas: replicas } } }
}

export function withForceUpdate(spec: ServiceSpec, count: number): ServiceSpec {
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: count } }
}

/** Undefined for daemons and jobs. */
export function replicasOf(spec: ServiceSpec): number | undefined {
  return spec.Mode?.Replicated ? (spec.Mode.Replicated.Replicas ?? 1) : undefined
}

function withoutOp(spec: ServiceSpec): ServiceSpec {
  return withLabels(spec, { [OP]: undefined })
}

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => essence(item) ?? null)
  if (typeof value !== 'object' || value === null) return isZero(value) ? undefined : value
  const kept = Object.entries(value)
    .filter(([key, inner]) => !FILLED_IN.some(([k, v]) => k === key && v === inner))
    .map(([key, inner]) => [key, essence(inner)] as const)
    .filter(([, inner]) => inner !== undefined && !isEmpty(inner))
  return Object.fromEntries(kept)
}

function isZero(value: unknown): boolean {
  return value === null || value === undefined || value === 0 || value === '' || value === false
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
