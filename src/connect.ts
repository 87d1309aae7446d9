import { type Adapter, type Change, SEAM, type Selector } from './adapter.ts'
import { milliseconds } from './app/quantity.ts'
import type { Client, ConnectOptions } from './client.ts'
import { systemClock } from './clock.ts'
import { IntermodalError } from './errors.ts'
import { Caller } from './live/call.ts'
import { changes } from './live/changes.ts'
import type { Live } from './live/context.ts'
import { Hub } from './live/hub.ts'
import { reads } from './live/reads.ts'
import { Rollouts } from './live/rollouts.ts'
import { runtime } from './live/runtime.ts'
import { tailOf } from './live/tail.ts'
import { keepWatching, type WatchingOptions, watching } from './live/watching.ts'

/**
 * Opens a client on one cluster. Nothing is sent before the first call.
 *
 * Throws `ADAPTER_INCOMPATIBLE` for an adapter built for another seam, `APP_INVALID` for an option that is no duration.
 */
export function connect(adapter: Adapter, options: ConnectOptions = {}): Client {
  checkSeam(adapter)
  const cluster = options.name ?? adapter.kind
  const clock = options.clock ?? adapter.clock ?? systemClock
  const random = options.random ?? Math.random
  const idle = milliseconds('idle', options.idle ?? '60s')
  const closing = new AbortController()
  const closed = closing.signal

  const caller = new Caller({
    cluster,
    adapter: adapter.kind,
    clock,
    random,
    timeout: milliseconds('timeout', options.timeout ?? '30s'),
    retries: options.retries ?? 2,
    closed,
  })
  const watchOf = (selector: Selector, signal: AbortSignal): WatchingOptions => ({
    adapter,
    selector,
    cluster,
    clock,
    random,
    idle,
    signal: AbortSignal.any([closed, signal]),
  })
  const watch = (selector: Selector, signal: AbortSignal): AsyncIterable<Change> =>
    watching(watchOf(selector, signal))
  const hub = new Hub({
    cluster,
    clock,
    history: options.history ?? 1000,
    epoch: crypto.randomUUID().slice(0, 8),
    watch: (signal, tell) => keepWatching(watchOf({}, signal), tell),
    heard: () => caller.heard(),
  })
  const rollouts = new Rollouts({
    cluster,
    clock,
    closed,
    hub,
    watch,
    capabilities: adapter.capabilities,
    look: (id, signal) =>
      caller.read(`status of ${id}`, id, { signal }, (call) => adapter.observe(id, call)),
    tail: tailOf(adapter, caller),
    rollback: (id, signal) =>
      caller.write(`rollback of ${id}`, id, { signal }, async (call) => {
        if (adapter.rollback) return adapter.rollback(id, undefined, call)
        throw new IntermodalError('UNSUPPORTED', `${adapter.kind} has no "rollback"`)
      }),
  })

  const live: Live = { cluster, adapter, clock, caller, hub, rollouts, closed }
  let disposed: PromiseLike<void> | undefined
  const client: Client = {
    cluster,
    kind: adapter.kind,
    capabilities: adapter.capabilities,
    clock,
    ...reads(live),
    ...changes(live, () => client),
    ...runtime(live),
    lastKnown: () => hub.lastKnown,
    [Symbol.asyncDispose]() {
      closing.abort(closedError(cluster))
      disposed ??= adapter[Symbol.asyncDispose]()
      return disposed
    },
  }
  return client
}

function closedError(cluster: string): IntermodalError {
  return new IntermodalError('UNAVAILABLE', `the client of ${cluster} is closed`, {
    cluster,
    retryable: false,
    remedy: 'connect() again',
  })
}

function checkSeam(adapter: Adapter): void {
  const theirs: unknown = adapter.seam
  if (theirs === SEAM) return
  throw new IntermodalError(
    'ADAPTER_INCOMPATIBLE',
    `the ${adapter.kind} adapter is built for seam ${String(theirs)}, this intermodal speaks seam ${SEAM}`,
    {
      remedy:
        typeof theirs === 'number' && theirs > SEAM
          ? 'update intermodal'
          : `update the ${adapter.kind} adapter`,
    },
  )
}
