import type { ClusterNode } from '../adapter.ts'
import type { App } from '../app/schema.ts'
import type { Finding } from '../explain.ts'
import type { AppStatus, Instance, Reason, ReasonCode } from '../status.ts'
import { evidenceFor } from './evidence.ts'
import { importanceOf, remediesFor } from './remedies.ts'

export interface Evidence {
  readonly status: AppStatus
  /** What the engine knows beyond the status. */
  readonly extra: readonly Reason[]
  readonly nodes: readonly ClusterNode[] | undefined
  readonly app: App | undefined
}

/** Every reason there is, one finding for each code, the one that explains most first. */
export function findingsOf(evidence: Evidence): readonly Finding[] {
  const { status, extra } = evidence
  const troubled = status.instances.flatMap((instance) => {
    const reason = instance.reason ?? silent(instance, status)
    return reason ? [{ instance, reason }] : []
  })
  const reasons = [...extra, ...status.reasons, ...troubled.map(({ reason }) => reason)]
  return [...new Set(reasons.map(({ code }) => code))]
    .filter((code) => !isOver(code, evidence, troubled))
    .map((code) =>
      finding(
        code,
        evidence,
        troubled.filter(({ reason }) => reason.code === code),
      ),
    )
    .sort(
      (a, b) =>
        importanceOf(a.code) - importanceOf(b.code) || b.count - a.count || a.since - b.since,
    )
}

interface Trouble {
  readonly instance: Instance
  readonly reason: Reason
}

/** Whether every instance that had this reason is well again, and nobody else names it. */
function isOver(
  code: ReasonCode,
  { status, extra }: Evidence,
  troubled: readonly Trouble[],
): boolean {
  const own = troubled.filter(({ reason }) => reason.code === code)
  return (
    own.length > 0 &&
    own.every(({ instance }) => instance.ready) &&
    extra.every((reason) => reason.code !== code) &&
    total(status.reasons.filter((reason) => reason.code === code)) <=
      total(own.map(({ reason }) => reason))
  )
}

function finding(
  code: ReasonCode,
  { status, extra, nodes, app }: Evidence,
  troubled: readonly Trouble[],
): Finding {
  const told = extra.filter((reason) => reason.code === code)
  const known = status.reasons.filter((reason) => reason.code === code)
  const own = troubled.map(({ reason }) => reason)
  // One answer of the engine beats the status; several, one for each node, say less than its sentence over all.
  const all = told.length > 1 ? [...known, ...own, ...told] : [...told, ...known, ...own]
  // The status' own count already contains those of the instances; the engine's answers are about the same ones.
  return {
    code,
    message: withEvidence(all[0]?.message ?? '', evidenceFor(code, nodes, app)),
    count: Math.max(...told.map(({ count }) => count), total(known), total(own)),
    since: Math.min(...all.map(({ since }) => since)),
    instances: troubled.map(({ instance }) => instance.id),
    remedies: remediesFor(code),
  }
}

function total(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { count }) => sum + count, 0)
}

/** Engines that give the numbers themselves are not told again. */
function withEvidence(message: string, evidence: string | undefined): string {
  if (!evidence || message.includes(evidence) || /\bnodes? ha(s|ve) \d/.test(message))
    return message
  return message ? `${message}: ${evidence}` : evidence
}

/** A reason for an instance in trouble about which the engine says nothing. */
function silent(instance: Instance, status: AppStatus): Reason | undefined {
  if (instance.ready || instance.revision !== status.revision) return undefined
  const since = instance.finishedAt ?? instance.startedAt ?? status.observed.at
  const because = (code: ReasonCode, message: string): Reason => ({
    code,
    message,
    count: 1,
    since,
  })
  if (instance.state === 'lost')
    return because('NodeLost', `the node ${instance.node ?? 'it ran on'} cannot be reached`)
  if (instance.state === 'failed' && instance.exitCode !== undefined)
    return because('ExitNonZero', `exited with ${instance.exitCode}`)
  if (instance.state === 'failed' || instance.state === 'rejected')
    return because('Unknown', `is ${instance.state}, and the engine does not say why`)
  if (instance.state === 'running' && instance.health === 'unhealthy')
    return because('ReadinessFailed', 'runs, but its health check fails')
  return undefined
}
