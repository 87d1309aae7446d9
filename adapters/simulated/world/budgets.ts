import { type App, resolveAmount } from 'intermodal'

export interface Budgets {
  /** How many of the wanted instances may be missing during an update. */
  readonly unavailable: number
  /** How many may exist beyond the wanted ones, those that are stopping included. */
  readonly surge: number
}

/**
 * The budgets of an update in whole instances, rounded as Kubernetes does: what may be missing down, what may be in
 * addition up, so that a percentage never costs more capacity than it says. When rounding leaves nothing of both, one
 * may be missing: otherwise no instance could ever be replaced.
 */
export function updateBudgets(update: App['update'], desired: number): Budgets {
  if (update.strategy === 'recreate') return { unavailable: desired, surge: 0 }
  const unavailable = Math.min(desired, resolveAmount(update.maxUnavailable, desired, Math.floor))
  const surge = resolveAmount(update.maxSurge, desired, Math.ceil)
  return unavailable === 0 && surge === 0 ? { unavailable: 1, surge } : { unavailable, surge }
}
