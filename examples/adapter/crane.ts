import { isDeepStrictEqual } from 'node:util'
import {
  type Adapter,
  type App,
  type Capabilities,
  type ChangeCall,
  type Clock,
  IntermodalError,
  matches,
  pollChanges,
  type Revision,
  SEAM,
  type Selector,
  systemClock,
} from 'intermodal'
import { Calls } from './calls.ts'
import { interpret, translate } from './crate.ts'
import { revisionOf, statusOf } from './status.ts'
import type { Crate } from './yard.ts'

const capabilities: Capabilities = {
  kinds: ['service'],
  watch: 'poll',
  inPlace: ['/labels', '/annotations'],
  immutable: [],
}

/** The adapter for a yard. */
export function crane(url: string, clock: Clock = systemClock): Adapter<Crate> {
  const calls = new Calls(url)
  const closed = new AbortController()
  const all = async (selector: Selector, signal: AbortSignal) =>
    (await calls.all(signal))
      .map((entry) => statusOf(entry, clock.now()))
      .filter((status) => matches(selector, status))

  return {
    seam: SEAM,
    kind: 'crane',
    clock,
    capabilities,
    translate,
    interpret,
    apply: (app, call) => apply(calls, app, call),
    remove: (id, { signal }) => calls.delete(id, signal),
    async observe(id, { signal }) {
      const entry = await calls.one(id, signal)
      return entry && statusOf(entry, clock.now())
    },
    read: async (id, { signal }) => (await calls.one(id, signal))?.crate,
    async *list(selector, { signal }) {
      yield* await all(selector, signal)
    },
    watch: (selector, call) =>
      pollChanges({
        call: { ...call, signal: AbortSignal.any([call.signal, closed.signal]) },
        clock,
        snapshot: (signal) => all(selector, signal),
        interval: () => 2_000,
        backoff: (failures) => Math.min(60_000, 1_000 * 2 ** failures),
      }),
    async [Symbol.asyncDispose]() {
      closed.abort(
        new IntermodalError('UNAVAILABLE', 'the crane was disposed of', { retryable: false }),
      )
      calls.close()
    },
  }
}

/** Reads, then writes over exactly what was read; an absent count keeps the one that is live. */
async function apply(calls: Calls, app: App, { signal }: ChangeCall): Promise<Revision> {
  signal.throwIfAborted()
  if (app.kind !== 'service')
    throw new IntermodalError('UNSUPPORTED', `a yard has no ${app.kind} apps`, { app: app.id })
  const live = await calls.one(app.id, signal)
  const { native } = translate(app)
  const crate = { ...native, count: native.count ?? live?.crate.count ?? 1 }
  const changed = !isDeepStrictEqual(crate, live?.crate)
  const entry = live && !changed ? live : await calls.put(crate, live?.version ?? 0, signal)
  const id = revisionOf(crate)
  const before = live && revisionOf(live.crate)
  return {
    app: app.id,
    id,
    generation: entry.version,
    changed,
    replicas: crate.count,
    ...(before === undefined || before === id ? {} : { previous: before }),
  }
}
