import type { Call, Change } from './adapter.ts'
import type { AppId } from './app/schema.ts'
import { type Clock, sleep } from './clock.ts'
import { IntermodalError } from './errors.ts'
import { type AppStatus, sameStatus } from './status.ts'

/** How a list that is asked for again and again becomes a stream. */
export interface PollOptions {
  readonly call: Call
  readonly clock: Clock
  /** Everything there is, at once: a partial picture would make apps look gone. */
  readonly snapshot: (signal: AbortSignal) => Promise<readonly AppStatus[]>
  /** How long to rest before the next round, milliseconds, given whether the last one saw a change. */
  readonly interval: (changed: boolean, statuses: readonly AppStatus[]) => number
  /** Rest after the nth failure in a row, milliseconds. */
  readonly backoff: (failures: number) => number
  /** Resolves early when the engine hints that something happened. */
  readonly hint?: ((signal: AbortSignal) => Promise<void>) | undefined
}

/**
 * "List everything", made into the stream `Adapter.watch` promises: everything, `synced`, then differences; `lost`
 * once when a round fails, and a full picture again when one succeeds. For engines that push nothing, or not enough.
 */
export async function* pollChanges(options: PollOptions): AsyncGenerator<Change, void, void> {
  const { call, clock } = options
  let known = new Map<AppId, AppStatus>()
  let synced = false
  let failures = 0
  while (!call.signal.aborted) {
    let statuses: readonly AppStatus[]
    try {
      statuses = await options.snapshot(call.signal)
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason
      if (!IntermodalError.is(error)) throw error
      if (failures++ === 0) yield { type: 'lost', error }
      synced = false
      await sleep(clock, Math.max(options.backoff(failures), error.retryAfter ?? 0), call.signal)
      continue
    }
    failures = 0
    const next = new Map(statuses.map((status) => [status.id, status]))
    let changed = false
    for (const status of statuses) {
      const before = known.get(status.id)
      if (synced && before && sameStatus(before, status)) continue
      changed = true
      yield { type: 'app', status }
    }
    for (const id of known.keys()) {
      if (next.has(id)) continue
      changed = true
      yield { type: 'gone', id }
    }
    known = next
    if (!synced) yield { type: 'synced' }
    else if (!changed) yield { type: 'alive' }
    synced = true
    await rest(options, options.interval(changed, statuses))
  }
  throw call.signal.reason
}

async function rest(options: PollOptions, milliseconds: number): Promise<void> {
  const { call, clock, hint } = options
  if (!hint) return sleep(clock, milliseconds, call.signal)
  const rest = new AbortController()
  const signal = AbortSignal.any([call.signal, rest.signal])
  try {
    await Promise.race([sleep(clock, milliseconds, signal), hint(signal)])
  } finally {
    rest.abort()
  }
}
