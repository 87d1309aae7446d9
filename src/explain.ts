import type { AppId } from './app/schema.ts'
import type { AppState, ReasonCode } from './status.ts'

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

export interface Explanation {
  readonly app: AppId
  readonly cluster: string
  readonly state: AppState
  /** One sentence: `/shop/web is waiting: 1 of 3 instances has no place`. */
  readonly summary: string
  /** Most important first; empty when all is well. */
  readonly findings: readonly Finding[]
}
