import type { Adapter, AppId, Call, Change, Clock, Selector } from 'intermodal'

/** How often the state file is looked at while somebody watches, milliseconds. */
const LOOK_EVERY = 500

/** One reading of the state file. */
export interface Sight {
  readonly adapter: Adapter
  close(): void
}

export interface LookOptions {
  readonly first: Sight
  /** The state as it is now; nothing when it is the one known already. */
  readonly again: () => Promise<Sight | undefined>
  /** Real time: another process writes the file. */
  readonly clock: Clock
}

/**
 * The adapter of a cluster that other commands change: who watches it in one terminal sees what is done in another.
 * Each reading of the file is a world of its own, so a watch goes from one to the next and tells only what differs.
 */
export function lookingAdapter({ first, again, clock }: LookOptions): Sight {
  let sight = first
  let next = Promise.withResolvers<void>()
  let watchers = 0
  let cancel = () => {}
  let failure: { readonly reason: unknown } | undefined

  const look = async () => {
    try {
      const newer = await again()
      if (newer) {
        sight.close()
        sight = newer
        turn()
      }
    } catch (reason) {
      failure = { reason }
      turn()
    }
    if (watchers > 0 && !failure) cancel = clock.after(LOOK_EVERY, look)
  }
  const turn = () => {
    next.resolve()
    next = Promise.withResolvers()
  }
  const of = () => sight.adapter

  async function* watch(selector: Selector, call: Call): AsyncGenerator<Change, void, void> {
    const known = new Set<AppId>()
    if (watchers++ === 0) cancel = clock.after(LOOK_EVERY, look)
    try {
      for (let round = 0; ; round++) {
        if (failure) throw failure.reason
        yield* watchOne(of(), selector, call, known, round === 0, next.promise)
      }
    } finally {
      if (--watchers === 0) cancel()
    }
  }
  return {
    adapter: {
      ...first.adapter,
      watch,
      observe: (id, call) => of().observe(id, call),
      read: (id, call) => of().read(id, call),
      list: (selector, call) => of().list(selector, call),
    },
    close() {
      cancel()
      sight.close()
    },
  }
}

/** One world's changes, until there is a newer one. */
async function* watchOne(
  adapter: Adapter,
  selector: Selector,
  call: Call,
  known: Set<AppId>,
  isFirst: boolean,
  newer: Promise<void>,
): AsyncGenerator<Change, void, void> {
  const over = new AbortController()
  newer.then(() => over.abort())
  const signal = AbortSignal.any([call.signal, over.signal])
  const unseen = new Set(known)
  try {
    for await (const change of adapter.watch(selector, { ...call, signal })) {
      if (change.type === 'app') {
        known.add(change.status.id)
        unseen.delete(change.status.id)
      }
      if (change.type === 'gone') known.delete(change.id)
      if (change.type === 'synced' && !isFirst) {
        for (const id of unseen) {
          known.delete(id)
          yield { type: 'gone', id }
        }
        yield { type: 'alive' }
      } else yield change
    }
  } catch (error) {
    if (call.signal.aborted || !over.signal.aborted) throw error
  }
}
