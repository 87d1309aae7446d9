import type { Reason, ReasonCode } from 'intermodal'
import { reason } from './failure.ts'
import type { QueueItem, RejectStep } from './wire-answers.ts'

/** An app in the queue once for each role, taken together. */
export interface Waiting {
  readonly count: number
  /** Waiting for offers: no back-off is pending. */
  readonly overdue: boolean
  readonly secondsLeft: number
  readonly since: number
  readonly offers: number
  readonly rejects: readonly RejectStep[]
}

export function waitingOf(id: string, queue: readonly QueueItem[]): Waiting | undefined {
  const mine = queue.filter((item) => (item.app ?? item.pod)?.id === id)
  if (mine.length === 0) return undefined
  const sinces = mine.map(({ since }) => Date.parse(since ?? '')).filter(Number.isFinite)
  return {
    count: sum(mine, ({ count }) => count),
    overdue: mine.some(({ delay }) => delay?.overdue ?? true),
    secondsLeft: Math.max(0, ...mine.map(({ delay }) => delay?.timeLeftSeconds ?? 0)),
    since: sinces.length > 0 ? Math.min(...sinces) : 0,
    offers: sum(mine, (item) => item.processedOffersSummary?.processedOffersCount),
    rejects: mine.flatMap(({ processedOffersSummary: summary }) => {
      const last = summary?.rejectSummaryLastOffers ?? []
      return last.some(({ declined }) => declined)
        ? last
        : (summary?.rejectSummaryLaunchAttempt ?? [])
    }),
  }
}

function sum<T>(list: readonly T[], of: (item: T) => number | undefined): number {
  return list.reduce((total, item) => total + (of(item) ?? 0), 0)
}

const CODES: Readonly<Record<string, readonly [code: ReasonCode, what: string]>> = {
  UnfulfilledRole: ['ConstraintUnsatisfied', 'are for another role'],
  UnfulfilledConstraint: ['ConstraintUnsatisfied', 'do not satisfy the constraints'],
  NoCorrespondingReservationFound: ['ConstraintUnsatisfied', 'do not hold its reserved volumes'],
  AgentMaintenance: ['NoNodes', 'come from agents in maintenance'],
  InsufficientCpus: ['InsufficientCpu', 'have too little cpu'],
  InsufficientMemory: ['InsufficientMemory', 'have too little memory'],
  InsufficientDisk: ['InsufficientDisk', 'have too little disk'],
  InsufficientGpus: ['InsufficientGpu', 'have too few GPUs'],
  InsufficientPorts: ['PortConflict', 'do not have its ports free'],
  DeclinedScarceResources: ['InsufficientGpu', 'come from agents kept for GPUs'],
}

/** Why there is no place, with the numbers: the reasons are a funnel, and the one that leaves out most comes first. */
export function placementReasons(waiting: Waiting): readonly Reason[] {
  const { rejects, count, since } = waiting
  return rejects
    .filter(({ declined }) => (declined ?? 0) > 0)
    .sort((a, b) => (b.declined ?? 0) - (a.declined ?? 0))
    .map(({ reason: word = 'Unknown', declined = 0, processed = declined }) => {
      const [code, what] =
        CODES[word] ?? (['ConstraintUnsatisfied', `are declined (${word})`] as const)
      return reason(code, `${declined} of ${processed} offers ${what}`, since, Math.max(1, count))
    })
}
