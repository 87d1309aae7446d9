import type { ClusterNode } from './adapter.ts'
import type { App, AppId } from './app/schema.ts'
import { findingsOf } from './explain/findings.ts'
import { sentenceFor } from './explain/sentence.ts'
import type { AppState, AppStatus, Reason, ReasonCode } from './status.ts'

/** One cause of what is wrong with an app. */
export interface Finding {
  readonly code: ReasonCode
  /** With numbers: `needs 2 cpu, the emptiest node has 1.5`. */
  readonly message: string
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Ids of the instances it concerns. */
  readonly instances: readonly string[]
  /** What to try, most likely help first. */
  readonly remedies: readonly string[]
}

/** Why an app is as it is, and what to try. */
export interface Explanation {
  readonly app: AppId
  readonly cluster: string
  readonly state: AppState
  /** One sentence: `/shop/web is waiting: 1 of 3 instances has no place`. */
  readonly summary: string
  /** Most important first; empty when all is well. */
  readonly findings: readonly Finding[]
}

/** States in which everything is as it was asked for. */
const WELL: ReadonlySet<AppState> = new Set(['running', 'completed', 'suspended', 'absent'])

/**
 * "Why is it not running?": what the status, the engine's own knowledge and the nodes say together. Pure.
 *
 * @param extra what `Adapter.explain` gave, if the engine has it
 * @param nodes for the numbers of a standstill, where the engine tells its nodes
 * @param now milliseconds since the epoch
 * @param app the live app, for what an instance needs
 */
export function explainStatus(
  status: AppStatus,
  extra: readonly Reason[],
  nodes: readonly ClusterNode[] | undefined,
  cluster: string,
  now: number,
  app?: App,
): Explanation {
  const findings = WELL.has(status.state)
    ? []
    : findingsOf({ status, extra, nodes, app }).filter(({ code }) => code !== 'PausedByUser')
  const since = findings.length > 0 ? Math.min(...findings.map((each) => each.since)) : undefined
  return {
    app: status.id,
    cluster,
    state: status.state,
    summary: sentenceFor(status, since, now),
    findings,
  }
}
