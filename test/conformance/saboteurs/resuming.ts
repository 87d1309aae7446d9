import {
  type Adapter,
  type AppId,
  type AppStatus,
  type Change,
  sameStatus,
  sleep,
} from 'intermodal'
import { override } from './override.ts'
import type { Saboteur } from './saboteur.ts'

/** How long an outage may last before it is told, milliseconds of the adapter's time. */
const PATIENCE = 2_000

/**
 * The adapter with a watch that goes on where it was: what a new picture has in common with the old one is kept from the
 * reader, and so is a loss that is over soon.
 *
 * @param deaf - Says nothing of what is gone once it has resumed.
 */
export function resuming(adapter: Adapter, deaf = false): Adapter {
  const { clock } = adapter
  if (!clock) throw new Error('only for adapters with a time of their own')
  return override(adapter, {
    capabilities: { ...adapter.capabilities, gapless: true },
    async *watch(selector, call) {
      const told = new Map<AppId, AppStatus>()
      let missing: Set<AppId> | undefined
      let resumed = false
      const changes = adapter.watch(selector, call)[Symbol.asyncIterator]()
      const late = Symbol('late')
      try {
        for (let next = changes.next(); ; ) {
          const { done, value } = await next
          if (done) return
          if (value.type === 'lost') {
            next = changes.next()
            const over = sleep(clock, PATIENCE, call.signal).then(() => late)
            if ((await Promise.race([next, over])) === late) {
              yield value
              told.clear()
            } else {
              resumed = true
              missing = new Set(told.keys())
            }
            continue
          }
          for (const change of heard(value, told, missing))
            if (!(deaf && resumed && change.type === 'gone')) yield change
          if (value.type === 'synced') missing = undefined
          next = changes.next()
        }
      } finally {
        await changes.return?.()
      }
    },
  })

  function* heard(
    change: Change,
    told: Map<AppId, AppStatus>,
    missing: Set<AppId> | undefined,
  ): Generator<Change, void, void> {
    if (change.type === 'app') {
      const { status } = change
      missing?.delete(status.id)
      const before = told.get(status.id)
      told.set(status.id, status)
      if (!before || !sameStatus(before, status)) yield change
    } else if (change.type === 'synced' && missing) {
      for (const id of missing) {
        told.delete(id)
        yield { type: 'gone', id }
      }
    } else {
      if (change.type === 'gone') {
        told.delete(change.id)
        missing?.delete(change.id)
      }
      yield change
    }
  }
}

export const resumingSaboteurs: readonly Saboteur[] = [
  {
    name: 'says without reason that a cut costs its watch nothing',
    fails: ['watch that a cut costs nothing'],
    spoil: (adapter) =>
      override(adapter, { capabilities: { ...adapter.capabilities, gapless: true } }),
  },
  {
    name: 'goes on after a cut without what went meanwhile',
    fails: ['watch that a cut costs nothing'],
    spoil: (adapter) => resuming(adapter, true),
  },
]
