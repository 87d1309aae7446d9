import {
  type AppId,
  type Call,
  type Change,
  IntermodalError,
  Mailbox,
  matches,
  type Selector,
  sleep,
} from 'intermodal'
import { statusOf } from './status.ts'
import { shuffle } from './world/random.ts'
import type { World } from './world.ts'

/** Well within the 15 s the seam asks for. */
const ALIVE = 10_000
/** After a lost connection: milliseconds of the world's time before the next attempt, and the most it grows to. */
const RECONNECT = 1000
const MAX_RECONNECT = 30_000

type Hint = AppId | 'alive'

/**
 * The world pushes: each change leaves the app's id in the mailbox, and its status is made when the reader gets to it.
 * So a slow reader is told less often, never something old, and costs at most one entry for each app.
 */
export async function* watchWorld(
  world: World,
  selector: Selector,
  call: Call,
): AsyncGenerator<Change, void, void> {
  const { signal } = call
  const known = new Set<AppId>()
  let failures = 0
  for (;;) {
    try {
      yield* connection(world, selector, signal, known, () => {
        failures = 0
      })
    } catch (error) {
      signal.throwIfAborted()
      if (!IntermodalError.is(error)) throw error
      if (failures++ === 0) yield { type: 'lost', error }
      await sleep(world.clock, Math.min(MAX_RECONNECT, RECONNECT * 2 ** (failures - 1)), signal)
    }
  }
}

/** One connection, until it is cut. `known` are the apps the reader has been told of, over all connections. */
async function* connection(
  world: World,
  selector: Selector,
  signal: AbortSignal,
  known: Set<AppId>,
  connected: () => void,
): AsyncGenerator<Change, void, void> {
  const { engine, faults } = world
  await faults.enter('watch', signal)
  signal.throwIfAborted()
  const mailbox = new Mailbox<Hint>()
  const abort = () => mailbox.fail(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const stops = [
    engine.onChange((id) => {
      if (!selector.ids || selector.ids.includes(id)) mailbox.put(id, id)
    }),
    faults.onCut('watch', (error) => mailbox.fail(error)),
    beat(world, mailbox),
  ]
  try {
    engine.timeline.catchUp()
    const gone = new Set(known)
    for (const id of [...engine.state.apps.keys()]) {
      const change = look(world, selector, id, known)
      if (change?.type !== 'app') continue
      gone.delete(id)
      yield change
    }
    for (const id of gone) if (known.delete(id)) yield { type: 'gone', id }
    yield { type: 'synced' }
    connected()
    for (;;) {
      const { value: first, done } = await mailbox.next()
      if (done) return
      await faults.hold('watch', signal)
      for (const hint of await sameMoment(world, mailbox, first)) {
        const change =
          hint === 'alive' ? ({ type: 'alive' } as const) : look(world, selector, hint, known)
        if (!change) continue
        yield change
        if (faults.duplicating) yield change
      }
    }
  } finally {
    for (const stop of stops) stop()
    signal.removeEventListener('abort', abort)
  }
}

/** One hint, or, while the world reorders them, all that wait in another order. */
async function sameMoment(
  world: World,
  mailbox: Mailbox<Hint>,
  first: Hint,
): Promise<readonly Hint[]> {
  if (!world.faults.reordering) return [first]
  const hints = [first]
  while (mailbox.size > 0) {
    const { value, done } = await mailbox.next()
    if (!done) hints.push(value)
  }
  return shuffle(world.engine.state, hints)
}

function look(world: World, selector: Selector, id: AppId, known: Set<AppId>): Change | undefined {
  const { engine } = world
  const record = engine.state.apps.get(id)
  if (record && matches(selector, { id, labels: record.spec.app.labels })) {
    known.add(id)
    return { type: 'app', status: statusOf(record, engine.now, 'watch') }
  }
  return known.delete(id) ? { type: 'gone', id } : undefined
}

function beat(world: World, mailbox: Mailbox<Hint>): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = world.clock.after(ALIVE, () => {
      mailbox.put('alive', 'alive')
      next()
    })
  }
  next()
  return () => cancel()
}
