import type { Capabilities } from '../adapter.ts'
import { fromPointer, isWithin, type Path } from '../app/pointer.ts'
import { resolveAmount } from '../app/quantity.ts'
import { NOT_IN_INSTANCES } from '../app/revision.ts'
import type { App } from '../app/schema.ts'
import { type Difference, leafPaths } from './diff.ts'

/** What a change means for what runs, mildest first. */
export const EFFECTS = ['none', 'inPlace', 'rollingRestart', 'recreate', 'replace'] as const
/**
 * What a change means for what runs: `inPlace` no instance notices, `rollingRestart` all are replaced a few at a time,
 * `recreate` all stop first, `replace` the app is removed and made anew.
 */
export type Effect = (typeof EFFECTS)[number]

/** What one difference means on this engine: the strongest effect of anything in it. */
export function effectOf(
  difference: Difference,
  wanted: App,
  capabilities: Pick<Capabilities, 'inPlace' | 'immutable'>,
): Effect {
  const leaves = [difference.before, difference.after].flatMap((value) =>
    value === undefined ? [] : leafPaths(value, difference.path),
  )
  return strongest(leaves.map((leaf) => leafEffect(leaf, wanted, capabilities)))
}

export function strongest(effects: readonly Effect[]): Effect {
  const rank = Math.max(0, ...effects.map((effect) => EFFECTS.indexOf(effect)))
  return EFFECTS[rank] ?? 'none'
}

function leafEffect(
  leaf: Path,
  wanted: App,
  capabilities: Pick<Capabilities, 'inPlace' | 'immutable'>,
): Effect {
  const [field = ''] = leaf
  const listed = (pointers: readonly string[]) =>
    pointers.some((pointer) => isWithin(leaf, fromPointer(pointer)))
  if (field === 'kind' || listed(capabilities.immutable)) return 'replace'
  if (NOT_IN_INSTANCES.has(field) || listed(capabilities.inPlace)) return 'inPlace'
  // A cron app's next run simply uses the new template; a job has to run again from the start.
  if (wanted.kind === 'cron') return 'inPlace'
  return wanted.kind === 'job' || wanted.update.strategy === 'recreate'
    ? 'recreate'
    : 'rollingRestart'
}

export interface Budget {
  /** How many may be missing, and how many may run in addition, in instances. */
  readonly unavailable: number
  readonly surge: number
  /** Both come to nothing though the app says otherwise: shares of few instances. */
  readonly stuck: boolean
}

/** The update budget for so many instances: shares of what may be missing round down, of what may be added up. */
export function budgetFor({ update }: App, replicas: number): Budget {
  const unavailable = Math.min(replicas, resolveAmount(update.maxUnavailable, replicas, Math.floor))
  const surge = resolveAmount(update.maxSurge, replicas, Math.ceil)
  return { unavailable, surge, stuck: unavailable === 0 && surge === 0 && replicas > 0 }
}

/** Whether at some moment of the change nothing serves. */
export function hasDowntime(
  effect: Effect,
  wanted: App,
  running: number,
  desired: number,
): boolean {
  if (running === 0 || wanted.kind === 'job' || wanted.kind === 'cron') return false
  if (effect === 'recreate' || effect === 'replace' || desired === 0) return true
  if (effect !== 'rollingRestart') return false
  const budget = budgetFor(wanted, desired)
  // Engines that find no budget at all replace one at a time, the old one first.
  return (budget.stuck ? 1 : budget.unavailable) >= desired
}

/** Claims of the live app whose content is gone afterwards, by volume name. */
export function lostClaims(live: App, wanted: App, effect: Effect): readonly string[] {
  return Object.entries(live.volumes).flatMap(([name, volume]) => {
    if (volume.type !== 'claim') return []
    const next = wanted.volumes[name]
    const kept =
      effect !== 'replace' &&
      next?.type === 'claim' &&
      next.storageClass === volume.storageClass &&
      next.access === volume.access
    return kept ? [] : [name]
  })
}
