import type { Client } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { AppStatus } from '../status.ts'
import type { Move } from './moves.ts'
import type { Patience } from './patience.ts'
import { readiness } from './ready.ts'

/** Nobody else has changed the old side since it was looked at, but for how many there are. Throws `CONFLICT`. */
export async function untouched(
  move: Move,
  from: Client,
  desired: number | undefined,
  patience: Patience,
): Promise<AppStatus> {
  return owned(await patience.status(from, move.id), move, from, desired)
}

/** Fewer instances on the old side. Resolves when the others are gone. */
export async function scaleDown(
  move: Move,
  from: Client,
  left: number,
  patience: Patience,
): Promise<AppStatus | undefined> {
  const { id, app, seen } = move
  const { signal } = patience
  const { revision } = await patience.ask(() =>
    // An autoscaler brings back what is taken away, and rests only while its app is suspended.
    seen.old?.app.autoscale ? from.suspend(id, { signal }) : from.scale(id, left, { signal }),
  )
  return patience.until(
    from,
    id,
    (status) => {
      // Read copies lag: one that has not heard of the change tells nothing about others.
      if (status && status.generation.desired < revision.generation) return false
      const { running, stopping } = owned(status, move, from, left).counts
      return running <= left && stopping === 0
    },
    (status) =>
      `${id} does not go down to ${left} on ${from.cluster}: ${readiness(undefined, status)}`,
    app.update.progressDeadline,
  )
}

function owned(
  status: AppStatus | undefined,
  { id, seen }: Move,
  { cluster }: Client,
  desired: number | undefined,
): AppStatus {
  const found = !status
    ? 'was removed'
    : status.revision !== seen.old?.status.revision
      ? `was changed to revision ${status.revision}`
      : desired !== undefined && status.counts.desired !== desired
        ? `was scaled to ${status.counts.desired}`
        : undefined
  if (status && found === undefined) return status
  throw new IntermodalError('CONFLICT', `${id} ${found} on ${cluster} while it was moved`, {
    cluster,
    app: id,
    remedy: 'find out who did that, then begin again',
  })
}
