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
  const codes = new Set([...extra, ...status.reasons].map(({ code }) => code))
  const troubled = status.instances.flatMap((instance) => {
    const reason = instance.reason ?? silent(instance, status)
    return reason ? [{ instance, reason }] : []
  })
  for (const { instance, reason } of troubled) {
    // One that is fine again is only listed when the app as a whole still names its reason.
    if (!instance.ready) codes.add(reason.code)
  }
  return [...codes]
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

function finding(
  code: ReasonCode,
  { status, extra, nodes, app }: Evidence,
  troubled: readonly { readonly instance: Instance; readonly reason: Reason }[],
): Finding {
  const told = extra.filter((reason) => reason.code === code)
  const known = status.reasons.filter((reason) => reason.code === code)
  const own = troubled.map(({ reason }) => reason)
  // One answer of the engine beats the status; several, one for each node, say less than its sentence over all.
  const all = told.length > 1 ? [...known, ...own, ...told] : [...told, ...known, ...own]
  // The status' own count already contains those of the instances; the engine's answers are about the same ones.
  const sum = (reasons: readonly Reason[]) => reasons.reduce((total, { count }) => total + count, 0)
  return {
    code,
    message: withEvidence(all[0]?.message ?? '', evidenceFor(code, nodes, app)),
    count: Math.max(...told.map(({ count }) => count), sum(known), sum(own)),
    since: Math.min(...all.map(({ since }) => since)),
    instances: troubled.map(({ instance }) => instance.id),
    remedies: remediesFor(code),
  }
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
