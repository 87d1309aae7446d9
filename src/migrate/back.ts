import { IntermodalError } from '../errors.ts'
import type { Move } from './moves.ts'
import { againstOrder, inOrder } from './order.ts'
import type { Patience } from './patience.ts'
import { readiness } from './ready.ts'
import type { MigrationRun } from './run.ts'

/**
 * The old side as it was, then the new side empty, or as it was where apps were taken over. Nothing is taken from the new side before all of the old one serves
 * again: what cannot be taken back is returned, and then everything on the new side stays.
 */
export async function takeBack(
  run: MigrationRun,
  patience: Patience,
): Promise<readonly IntermodalError[]> {
  const moves = run.given.moves.filter(
    ({ id, stage, seen }) =>
      stage !== 'skip' && (seen.new !== undefined || run.begun.has(id) || run.held.has(id)),
  )
  const { signal } = patience
  const problems: IntermodalError[] = []
  const each = (work: (move: Move) => Promise<void>) => async (move: Move) => {
    try {
      await work(move)
    } catch (error) {
      if (signal.aborted || !IntermodalError.is(error)) throw error
      problems.push(error)
      run.tell(move, 'failed', error.message)
    }
  }
  await inOrder(
    moves,
    signal,
    each((move) => restore(run, move, patience)),
  )
  if (problems.length > 0) return problems
  await againstOrder(
    moves,
    signal,
    each((move) => clear(run, move, patience)),
  )
  return problems
}

async function restore(run: MigrationRun, move: Move, patience: Patience): Promise<void> {
  const { from, settings } = run.given
  const { id, count, wasReady, app } = move
  const { cluster } = from
  const { signal } = patience
  const { timeout } = settings
  const found = await patience.status(from, id)
  if (!found) {
    throw new IntermodalError(
      'CONFLICT',
      `${id} is no longer on ${cluster}, and cannot serve there`,
      {
        cluster,
        app: id,
        remedy: `move it from the new side to ${cluster} instead`,
      },
    )
  }
  if (count !== undefined && found.counts.desired < count) {
    run.tell(move, 'returning', `${found.counts.desired} → ${count} on ${cluster}`, { old: found })
    const rests = found.counts.desired === 0 && move.seen.old?.app.autoscale !== undefined
    await patience.ask(() =>
      rests ? from.resume(id, { signal, timeout }) : from.scale(id, count, { signal, timeout }),
    )
  }
  const held =
    run.held.has(id) || (app.kind === 'cron' && !move.asleep && move.seen.new !== undefined)
  if (held && found.state === 'suspended') {
    run.tell(move, 'returning', `goes on running by its schedule on ${cluster}`, { old: found })
    await patience.ask(() => from.resume(id, { signal, timeout }))
  }
  const old = await patience.until(
    from,
    id,
    (status) =>
      status !== undefined &&
      !status.observed.stale &&
      (count === undefined
        ? !held || status.state !== 'suspended'
        : status.counts.desired >= count && status.counts.ready >= wasReady),
    (status) => `${id} is not back on ${cluster}: ${readiness(undefined, status)}`,
    app.update.progressDeadline,
  )
  run.tell(move, 'returning', `${readiness(undefined, old)} on ${cluster}`, { old })
}

async function clear(run: MigrationRun, move: Move, patience: Patience): Promise<void> {
  const { from, to, settings } = run.given
  const { id, over } = move
  const options = { signal: patience.signal, timeout: settings.timeout }
  if (over !== undefined) {
    const serves = `serves on ${from.cluster} as before`
    if (!to.capabilities.rollback)
      return run.tell(move, 'returned', `${serves}; stays on ${to.cluster}, as it was taken over`)
    await patience.ask(() => to.rollback(id, { ...options, to: over }))
    return run.tell(move, 'returned', `${serves}; goes back to ${over} on ${to.cluster}`)
  }
  await patience.ask(() => to.remove(id, options))
  const message = `serves on ${from.cluster} as before; removed from ${to.cluster}`
  run.tell(move, 'returned', message, { new: undefined })
}
