import type { Loss } from '../adapter.ts'
import { fromPointer, isWithin, toPointer } from '../app/pointer.ts'
import { printApp } from '../app/print.ts'
import type { App, AppId, AppKind } from '../app/schema.ts'
import type { ByHand } from './by-hand.ts'

/** Where in a migration an app is, from what is seen on both sides. */
export const MIGRATION_STAGES = ['start', 'shift', 'finish', 'done', 'skip'] as const
/**
 * `start`: not on the new side. `shift`: an earlier run has started it there. `finish`: the old side has no instances
 * left, and still has the app, which is to be removed. `done`: there is nothing left to do. `skip`: a job that is not run again.
 */
export type MigrationStage = (typeof MIGRATION_STAGES)[number]

/** A loss on the way, and on which half of it. */
export interface MigrationLoss extends Loss {
  /** `read`: of the old side's own objects, with a path into those. `write`: of the app, by the new side. */
  readonly side: 'read' | 'write'
}

/** What a migration does with one app. Holds no values, only places. */
export interface AppMigrationPlan {
  readonly app: AppId
  readonly kind: AppKind
  readonly stage: MigrationStage
  /** The revision of an app on the new side that somebody else made, and that this one takes the place of. */
  readonly over?: string | undefined
  /** How many instances the new side gets; absent for kinds without a count. */
  readonly replicas?: number | undefined
  /** How many the old side is left with, step by step. */
  readonly steps: readonly number[]
  /** What is carried over as it is, as JSON pointers. */
  readonly carried: readonly string[]
  readonly losses: readonly MigrationLoss[]
  readonly byHand: readonly ByHand[]
  /** Things that will probably not work, as of `plan`. */
  readonly warnings: readonly string[]
  readonly summary: string
}

/** What a migration would do. Nothing was changed. */
export interface MigrationPlan {
  readonly from: string
  readonly to: string
  /** In the order in which they are started; the old side is taken down the other way round. */
  readonly apps: readonly AppMigrationPlan[]
  /** The losses it would be refused for. Empty: it may begin. */
  readonly refused: readonly (MigrationLoss & { readonly app: AppId })[]
}

/** How many instances the old side is left with after each of so many steps: 3 in 4 steps is 2, 1, 0. */
export function shiftSteps(count: number, steps: number, current: number = count): number[] {
  const left = Array.from(
    { length: steps },
    (_, index) => count - Math.ceil((count * (index + 1)) / steps),
  )
  return [...new Set(left)].filter((each) => each < current)
}

/** Places of an app that no loss touches: whole fields, or one entry of a map or a list. */
export function carriedOf(app: App, losses: readonly Loss[]): string[] {
  const lost = losses.map(({ path }) => fromPointer(path))
  const places = Object.entries(printApp(app)).flatMap(([key, value]) =>
    key === 'id' || key === 'annotations' || key === 'native'
      ? []
      : typeof value === 'object' && value !== null
        ? Object.keys(value).map((inner) => [key, inner])
        : [[key]],
  )
  return places
    .filter((place) => !lost.some((path) => isWithin(path, place) || isWithin(place, path)))
    .map(toPointer)
}

/** Patches in the old engine's own words: no other engine has a use for them. */
export function nativeLosses(app: App, to: string, filledIn: readonly string[] = []): Loss[] {
  return Object.entries(app.native ?? {})
    .filter(([engine]) => engine !== to)
    .flatMap(([engine, patch]) =>
      leavesOf(patch, ['native', engine])
        .map(toPointer)
        .filter((path) => !filledIn.includes(path))
        .map((path) => ({
          path,
          kind: 'dropped' as const,
          detail: `is said in the words of ${engine}, which ${to} does not know`,
          remedy: 'give the app for the new side in a file, without it or with what it means there',
        })),
    )
}

function leavesOf(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

export function isRefused({ kind }: Loss, mode: 'strict' | 'lenient'): boolean {
  return kind === 'refused' || (kind === 'dropped' && mode === 'strict')
}

export function summaryOf(
  plan: Pick<AppMigrationPlan, 'kind' | 'stage' | 'replicas' | 'steps' | 'over'>,
  { from, to, finish }: { from: string; to: string; finish: 'suspend' | 'remove' | 'keep' },
): string {
  const { kind, stage, replicas, steps, over } = plan
  if (stage === 'done') return `is on ${to} already`
  if (stage === 'skip') return `stays as it is: the job has run on ${from}`
  if (stage === 'finish') return `is on ${to}; is removed from ${from}`
  const count = replicas === undefined ? kind : `${replicas} instance${replicas === 1 ? '' : 's'}`
  const verb = replicas === undefined || replicas === 1 ? 'starts' : 'start'
  const place = over === undefined ? to : `${to} in place of what is there (${over})`
  const start = stage === 'start' ? `${count} ${verb} on ${place}` : `goes on: ${count} on ${to}`
  if (finish === 'keep') return `${start}; ${from} keeps its own`
  const end = finish === 'remove' ? `; is removed from ${from}` : ''
  if (kind === 'cron') return `is suspended on ${from}, then begins on ${place}${end}`
  if (steps.length === 0) return `${start}${end}`
  return `${start}; ${from} goes down to ${steps.join(', ')}${end}`
}
