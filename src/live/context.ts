import type { Adapter } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import type { Clock } from '../clock.ts'
import { IntermodalError } from '../errors.ts'
import type { Caller } from './call.ts'
import type { Hub } from './hub.ts'
import type { Rollouts } from './rollouts.ts'

/** What the parts of one client share. */
export interface Live {
  readonly cluster: string
  readonly adapter: Adapter
  readonly clock: Clock
  readonly caller: Caller
  readonly hub: Hub
  readonly rollouts: Rollouts
  /** Aborts when the client is disposed. */
  readonly closed: AbortSignal
}

/** The result of an optional method, or `UNSUPPORTED` when the adapter does not have it. */
export function able<T>(
  live: Live,
  capability: keyof Adapter['capabilities'],
  result: T | undefined,
): T {
  if (result !== undefined) return result
  const kind = live.adapter.kind
  throw new IntermodalError('UNSUPPORTED', `${kind} has no "${capability}"`, {
    cluster: live.cluster,
    remedy: 'the README has a table of what each adapter can do',
  })
}

export function notFound(live: Live, id: AppId): IntermodalError {
  return new IntermodalError('APP_NOT_FOUND', `there is no app ${id} on ${live.cluster}`, {
    cluster: live.cluster,
    app: id,
    remedy: 'list() shows what is there',
  })
}
