import type { LogLine } from '../adapter.ts'
import { milliseconds } from '../app/quantity.ts'
import type { Client } from '../client.ts'
import { able, type Live } from './context.ts'

type Runtime = Pick<Client, 'events' | 'logs' | 'exec'>

/** The calls that last as long as their reader. */
export function runtime(live: Live): Runtime {
  const { adapter, caller, closed, hub } = live
  return {
    events(options = {}) {
      const { signal } = options
      closed.throwIfAborted()
      return hub.subscribe({
        selector: options.selector ?? {},
        since: options.since,
        types: options.types,
        heartbeat: milliseconds('heartbeat', options.heartbeat ?? '15s'),
        signal: signal ? AbortSignal.any([closed, signal]) : closed,
      })
    },

    async *logs(id, options = {}): AsyncGenerator<LogLine, void, void> {
      const { signal, ...rest } = options
      const { call, describe } = caller.stream({ name: `logs of ${id}`, app: id, signal })
      try {
        yield* able(live, 'logs', adapter.logs?.(id, rest, call))
      } catch (error) {
        throw describe(error)
      }
    },

    exec(id, command, options = {}) {
      // The deadline is for the start; how long the command runs is the caller's business, by its signal.
      const { call } = caller.stream({ name: `exec in ${id}`, app: id, signal: options.signal })
      return caller.runtime(`exec in ${id}`, id, options, async (start) => {
        const given = new AbortController()
        const giveUp = () => given.abort(start.signal.reason)
        start.signal.addEventListener('abort', giveUp, { once: true })
        const signal = AbortSignal.any([call.signal, given.signal])
        try {
          return able(live, 'exec', await adapter.exec?.(id, command, options, { ...call, signal }))
        } finally {
          start.signal.removeEventListener('abort', giveUp)
        }
      })
    },
  }
}
