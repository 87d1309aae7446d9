import { type App, type AppInput, formatDuration, readMemo, resolveAmount } from 'intermodal'
import { MEMO } from './labels.ts'
import type { Report } from './loss.ts'
import { milliseconds, nanoseconds, type TranslateOptions } from './options.ts'
import { isObject } from './patch.ts'
import type { ServiceSpec } from './wire.ts'
import type { UpdateConfig } from './wire-policy.ts'

interface Budget {
  /** At a time; 0 only where all at once is meant. */
  readonly parallelism: number
  readonly order: 'stop-first' | 'start-first'
}

/**
 * How many are replaced at a time, and in which order, of so many replicas.
 *
 * Percentages round as in Kubernetes: what may be missing down, what may be over up. Swarm takes a parallelism of 0
 * for "all at once", so a budget never comes out as 0 except for `recreate`, where that is what is asked for.
 */
export function updateBudget(
  update: Pick<App['update'], 'strategy' | 'maxSurge' | 'maxUnavailable' | 'batchSize'>,
  replicas: number,
): Budget {
  if (update.strategy === 'recreate') return { parallelism: 0, order: 'stop-first' }
  const of = Math.max(1, replicas)
  const surge = resolveAmount(update.maxSurge, of, Math.ceil)
  const missing = resolveAmount(update.maxUnavailable, of, Math.floor)
  const budget = surge > 0 ? surge : missing
  return {
    parallelism: Math.max(1, Math.min(budget, update.batchSize ?? budget)),
    order: surge > 0 ? 'start-first' : 'stop-first',
  }
}

export function writeUpdate(
  app: App,
  options: TranslateOptions,
  report: Report,
): Pick<ServiceSpec, 'UpdateConfig' | 'RollbackConfig'> {
  // Jobs have no rolling updates: a change starts them anew.
  if (app.kind === 'job' || app.kind === 'cron') return {}
  const { update } = app
  const { parallelism, order } = updateBudget(update, replicaBasis(app, options))
  reportUpdate(app, options, report)
  const delay = Math.max(update.batchDelay ?? 0, update.minReadyTime)
  const common: UpdateConfig = {
    Parallelism: parallelism,
    Order: order,
    ...(delay > 0 ? { Delay: nanoseconds(delay) } : {}),
    ...(update.minReadyTime > 0 ? { Monitor: nanoseconds(update.minReadyTime) } : {}),
  }
  return {
    UpdateConfig: {
      ...common,
      FailureAction: update.onFailure,
      ...(update.maxFailureRatio === undefined ? {} : { MaxFailureRatio: update.maxFailureRatio }),
    },
    RollbackConfig: { ...common, FailureAction: 'pause' },
  }
}

/** What percentages are taken of. Of nothing a share means nothing, so a suspended app counts as one. */
function replicaBasis(app: App, options: TranslateOptions): number {
  return app.replicas || options.replicas || 1
}

function reportUpdate(app: App, options: TranslateOptions, report: Report): void {
  const { update } = app
  const of = replicaBasis(app, options)
  if (update.strategy === 'recreate') {
    if (of > 1) {
      report(
        'approximated',
        '/update/strategy',
        'each new instance starts when its own predecessor has stopped, not when all have',
      )
    }
    return
  }
  const { parallelism, order } = updateBudget(update, of)
  const surges = order === 'start-first'
  for (const field of ['maxSurge', 'maxUnavailable'] as const) {
    const amount = update[field]
    const used = field === (surges ? 'maxSurge' : 'maxUnavailable')
    if (typeof amount === 'string' && used) {
      report(
        'approximated',
        `/update/${field}`,
        `is ${parallelism} of ${of} now; Swarm takes counts, so it is worked out anew with each apply and scale`,
      )
    }
  }
  if (surges && resolveAmount(update.maxUnavailable, of, Math.floor) > 0) {
    report(
      'approximated',
      '/update/maxUnavailable',
      'Swarm starts new instances first or stops old ones first, not both: none will be missing',
      'give one of maxSurge and maxUnavailable',
    )
  }
  if (update.minReadyTime > 0) {
    report(
      'approximated',
      '/update/minReadyTime',
      'is how long Swarm watches each batch for failures, and the least time between batches',
    )
  }
}

/** With the budgets in percent worked out for another count. A change by hand stays. */
export function rescaled(spec: ServiceSpec, replicas: number): ServiceSpec {
  const wanted = readMemo(spec.Labels?.[MEMO])?.app.update
  const { UpdateConfig, RollbackConfig } = spec
  if (!UpdateConfig?.Parallelism || !isObject(wanted)) return spec
  const surges = UpdateConfig.Order === 'start-first'
  const share = surges ? wanted.maxSurge : wanted.maxUnavailable
  if (typeof share !== 'string' || !/^\d+%$/.test(share)) return spec
  const amount = share as `${number}%`
  const { parallelism: Parallelism } = updateBudget(
    {
      strategy: 'rolling',
      maxSurge: surges ? amount : 0,
      maxUnavailable: surges ? 0 : amount,
      ...(typeof wanted.batchSize === 'number' ? { batchSize: wanted.batchSize } : {}),
    },
    replicas,
  )
  return {
    ...spec,
    UpdateConfig: { ...UpdateConfig, Parallelism },
    ...(RollbackConfig ? { RollbackConfig: { ...RollbackConfig, Parallelism } } : {}),
  }
}

export function readUpdate(config: UpdateConfig): NonNullable<AppInput['update']> {
  const { Parallelism = 1, Order = 'stop-first', Delay, Monitor, MaxFailureRatio } = config
  const surges = Order === 'start-first'
  const amount = Parallelism === 0 ? '100%' : Parallelism
  // Five seconds is what Swarm takes when nobody says, so it is not a wish.
  const watched = milliseconds(Monitor ?? 0)
  const minReady = watched > 0 && watched !== 5000 ? watched : 0
  const delay = milliseconds(Delay ?? 0)
  const budgets = surges
    ? ({ maxSurge: amount, maxUnavailable: 0 } as const)
    : ({ maxSurge: 0, maxUnavailable: amount } as const)
  return {
    ...(Parallelism === 0 && !surges ? { strategy: 'recreate' as const } : budgets),
    onFailure: config.FailureAction ?? 'pause',
    ...(MaxFailureRatio ? { maxFailureRatio: MaxFailureRatio } : {}),
    ...(minReady > 0 && delay >= minReady ? { minReadyTime: formatDuration(minReady) } : {}),
    ...(delay > 0 && !(minReady > 0 && delay === minReady)
      ? { batchDelay: formatDuration(delay) }
      : {}),
  }
}
