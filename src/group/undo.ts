import { IntermodalError } from '../errors.ts'
import type { Rollout, RolloutResult } from '../rollout.ts'
import type { Before, GroupTarget } from './target.ts'

/** One app that was applied, and how far it came. */
export interface Applied {
  readonly rollout: Rollout
  readonly result?: RolloutResult | undefined
}

export interface Undoing {
  readonly target: GroupTarget
  readonly before: Before
  readonly signal: AbortSignal
}

/**
 * Puts one app back to what it was before: the revision before where there was one, gone where there was none.
 * Returns what was done, or `undefined` when nothing had changed. Throws when it could not be put back.
 */
export async function undo(
  { rollout, result }: Applied,
  { target, before, signal }: Undoing,
): Promise<string | undefined> {
  const { app: id, revision } = rollout
  if (!revision.changed) return undefined
  const was = before.get(id)
  if (!was) {
    await target.remove(id, { signal })
    return 'removed, as it was not there before'
  }
  if (result?.outcome === 'rolledBack') return 'the engine has already put it back'
  const { previous } = revision
  const byRevision =
    target.capabilities.rollback && previous !== undefined && previous !== revision.id
  const back = byRevision
    ? await target.rollback(id, { to: previous, signal })
    : await target.apply(was.app, { losses: 'lenient', signal })
  const undone = await back.result({ signal })
  if (undone.outcome !== 'succeeded') {
    throw new IntermodalError('ROLLOUT_FAILED', `${id} could not be put back: ${undone.message}`, {
      cluster: target.cluster,
      app: id,
      remedy: 'ask explain() for what to try',
    })
  }
  return byRevision ? `rolled back to revision ${previous}` : 'applied as it was before'
}
