import type { Adapter } from '../adapter.ts'
import type { CallOptions } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { Caller } from './call.ts'
import type { FollowContext } from './follow.ts'

const LINES = 20

/** The last words of an instance. That they cannot be had is no reason for the report on it to fail: it says so. */
export function tailOf(adapter: Adapter, caller: Caller): FollowContext['tail'] {
  return async (id, { id: instance, restarts, exitCode }, signal) => {
    if (!adapter.logs) return []
    const options: CallOptions = { signal, timeout: '5s' }
    try {
      return await caller.runtime(`logs of ${instance}`, id, options, async (call) => {
        const read = async (previous: boolean) => {
          const lines: string[] = []
          const log = adapter.logs?.(id, { instance, tail: LINES, previous }, call)
          for await (const { text } of log ?? []) lines.push(text)
          return lines
        }
        const lines = await read(false)
        const ended = exitCode !== undefined || restarts > 0
        // It may have been started anew since it failed, and have said nothing yet.
        return lines.length === 0 && ended ? read(true) : lines
      })
    } catch (error) {
      if (signal.aborted || !IntermodalError.is(error)) throw error
      return [`(its logs cannot be had: ${error.message})`]
    }
  }
}
