import { type App, type AppInput, resolveAmount } from 'intermodal'
import { type Report, step } from './loss.ts'
import type { TranslateOptions } from './options.ts'
import type { UpgradeStrategy } from './wire.ts'

type Budgets = Pick<App['update'], 'strategy' | 'maxSurge' | 'maxUnavailable'>

/** Six digits hold for a million instances, and can be read. */
const PRECISION = 1e6

/**
 * The fractions that make Marathon keep exactly these counts, the only place where budgets are rounded.
 *
 * Marathon keeps `ceil(n * minimumHealthCapacity)` instances healthy and starts up to `floor(n * (1 + maximumOverCapacity))`
 * (TaskReplaceActor.scala), so the one fraction is rounded down and the other up. A share in percent is carried as it is:
 * what may be missing then rounds down as everywhere, what may be over rounds down too.
 */
export function capacities(update: Budgets, replicas: number): Required<UpgradeStrategy> {
  if (update.strategy === 'recreate') return { minimumHealthCapacity: 0, maximumOverCapacity: 0 }
  const n = Math.max(1, replicas)
  const missing = Math.min(n, resolveAmount(update.maxUnavailable, n, Math.floor))
  const over = Math.min(n, resolveAmount(update.maxSurge, n, Math.floor))
  const health = Math.max(0, roundDown(1 - fractionOf(update.maxUnavailable, n)))
  const surge = Math.min(1, roundUp(fractionOf(update.maxSurge, n)))
  const counts = countsOf({ minimumHealthCapacity: health, maximumOverCapacity: surge }, n)
  return {
    minimumHealthCapacity: counts.healthy > n - missing ? nudge(health, -NUDGE) : health,
    maximumOverCapacity: counts.most < n + over ? nudge(surge, NUDGE) : surge,
  }
}

/**
 * Marathon multiplies in binary, where 25 * 0.56 is a hair over 14 and its ceiling 15. This much less is enough for any app
 * Marathon could run, and still reads as the same share in percent.
 */
const NUDGE = 1e-9

function nudge(fraction: number, by: number): number {
  return Number((fraction + by).toFixed(9))
}

function fractionOf(amount: number | `${number}%`, n: number): number {
  return typeof amount === 'number' ? Math.min(amount, n) / n : percentOf(amount) / 100
}

/** What Marathon makes of the fractions. */
export function countsOf(
  { minimumHealthCapacity = 1, maximumOverCapacity = 1 }: UpgradeStrategy,
  n: number,
): { readonly healthy: number; readonly most: number } {
  return {
    healthy: Math.ceil(n * minimumHealthCapacity),
    most: Math.floor(n * (1 + maximumOverCapacity)),
  }
}

// A tiny step first: 1 - 0.3 is 0.7000000000000001 in binary, and has to come out as 0.7.
function roundDown(value: number): number {
  return Math.floor(value * PRECISION + 1e-4) / PRECISION
}

function roundUp(value: number): number {
  return Math.max(0, Math.ceil(value * PRECISION - 1e-4) / PRECISION)
}

function percentOf(text: string): number {
  return Number.parseInt(text, 10)
}

/** What budgets are shares of. Of nothing a share means nothing, so a suspended app counts as one. */
export function basisOf(app: App, options: TranslateOptions): number {
  return app.replicas || options.replicas || 1
}

export function writeUpgrade(app: App, options: TranslateOptions, report: Report): UpgradeStrategy {
  const n = basisOf(app, options)
  const strategy = capacities(app.update, n)
  const resident = Object.values(app.volumes).some(({ type }) => type === 'claim')
  reportUpdate(app, n, resident, report)
  return resident ? { ...strategy, maximumOverCapacity: 0 } : strategy
}

function reportUpdate(app: App, n: number, resident: boolean, report: Report): void {
  const { update } = app
  const surge = resolveAmount(update.maxSurge, n, Math.ceil)
  if (resident && surge > 0) {
    report(
      'approximated',
      '/update/maxSurge',
      'an app with claims never runs more instances than wanted: an instance is stopped first, one at a time',
    )
  } else if (surge > n) {
    report('approximated', '/update/maxSurge', `is ${n}: Marathon at most doubles an app`)
  } else if (surge !== countsOf(capacities(update, n), n).most - n) {
    report('approximated', '/update/maxSurge', 'Marathon rounds the share down, not up')
  }
  for (const [field, why, remedy] of UNKNOWN) {
    const value = update[field]
    if (value !== undefined && value !== 0) report('dropped', `/update${step(field)}`, why, remedy)
  }
}

const UNKNOWN = [
  ['batchSize', 'Marathon replaces as many at a time as the budgets allow', 'lower the budgets'],
  ['batchDelay', 'Marathon goes on as soon as an instance is healthy', undefined],
  [
    'minReadyTime',
    'an instance counts as soon as it is healthy',
    'let the readiness probe pass later',
  ],
  ['maxFailureRatio', 'Marathon tries for ever', 'set update.progressDeadline'],
] as const

export function readUpgrade(
  strategy: UpgradeStrategy | undefined,
  instances: number | undefined,
): NonNullable<AppInput['update']> {
  const { minimumHealthCapacity = 1, maximumOverCapacity = 1 } = strategy ?? {}
  if (minimumHealthCapacity === 0 && maximumOverCapacity === 0) return { strategy: 'recreate' }
  const n = instances || 1
  const { healthy, most } = countsOf({ minimumHealthCapacity, maximumOverCapacity }, n)
  const maxUnavailable = share(1 - minimumHealthCapacity) ?? n - healthy
  const maxSurge = share(maximumOverCapacity) ?? most - n
  const stuck = isNothing(maxUnavailable) && isNothing(maxSurge)
  // Marathon then starts one more for the time being; nothing could be replaced otherwise.
  return stuck ? { maxUnavailable: 0, maxSurge: 1 } : { maxUnavailable, maxSurge }
}

function isNothing(amount: number | `${number}%`): boolean {
  return amount === 0
}

function share(fraction: number): number | `${number}%` | undefined {
  const percent = Math.round(fraction * 100)
  if (Math.abs(percent - fraction * 100) > 1e-4) return undefined
  return percent === 0 ? 0 : `${percent}%`
}
