import type { Change } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'
import type { AppStatus } from '../status.ts'
import type { Hub } from './hub.ts'

export interface SharedSightsOptions {
  readonly hub: Hub
  /** Asks the cluster itself. */
  readonly look: (id: AppId, signal: AbortSignal) => Promise<AppStatus | undefined>
}

/**
 * One app's changes out of the events of the whole cluster.
 *
 * The picture behind those events may be older than the change that is followed: an app it does not show is asked for
 * before it is called absent. And after a lost connection events tell differences only, while a watch tells everything
 * anew: what did not change is added.
 */
export async function* sharedSights(
  id: AppId,
  { hub, look }: SharedSightsOptions,
  signal: AbortSignal,
): AsyncGenerator<Change, void, void> {
  const events = hub.subscribe({ selector: { ids: [id] }, heartbeat: 15_000, signal })
  let known: AppStatus | undefined
  let untold = false
  for await (const event of events) {
    switch (event.type) {
      case 'app.added':
      case 'app.changed':
        known = event.status
        untold = false
        yield { type: 'app', status: known }
        break
      case 'app.removed':
        known = undefined
        yield await absence({ type: 'gone', id }, id, look, signal)
        break
      case 'cluster.lost':
        untold = true
        yield { type: 'lost', error: event.error }
        break
      case 'stream.synced':
        if (known && untold) yield { type: 'app', status: known }
        else if (!known) {
          const sight = await absence({ type: 'synced' }, id, look, signal)
          if (sight.type !== 'synced') yield sight
          if (sight.type === 'alive') break
        }
        untold = false
        yield { type: 'synced' }
        break
      case 'stream.heartbeat':
        yield known ? { type: 'alive' } : await absence({ type: 'gone', id }, id, look, signal)
    }
  }
}

/** `absent` when the cluster itself says so, its status when it is there, `alive` while nobody can tell. */
async function absence(
  absent: Change,
  id: AppId,
  look: SharedSightsOptions['look'],
  signal: AbortSignal,
): Promise<Change> {
  try {
    const status = await look(id, signal)
    return status ? { type: 'app', status } : absent
  } catch (error) {
    if (signal.aborted || !IntermodalError.is(error)) throw error
    // Who may not ask has to believe the events.
    return error.retryable ? { type: 'alive' } : absent
  }
}
