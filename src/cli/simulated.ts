import type { Duration } from 'intermodal'
import type { Snapshot, World } from 'intermodal/simulated'
import type { Access, OpenedAdapter } from './adapters.ts'
import { UsageError } from './exit.ts'
import type { Io } from './io.ts'
import { lookingAdapter } from './simulated-look.ts'
import { lockState, readState, type Saved, statePath, unusable, writeState } from './state-file.ts'
import type { Target } from './target.ts'

/** Virtual seconds in a real one: a rollout is over in seconds, and still can be watched. */
const SPEED = 10
/** However long ago the last command was, no more than this has happened since. */
const MOST_BETWEEN = 3_600_000
/** How often a command that changes the cluster lets those beside it see how far it is, milliseconds. */
const SAVE_EVERY = 1000

interface Options {
  readonly nodes: number
  readonly seed: number
  readonly speed: number
  readonly state: string | null
  /** Images the registry does not have. */
  readonly missing: readonly string[]
}

/**
 * A simulated cluster whose state is a file between commands. Its time goes on meanwhile, so that a rollout one
 * command has started has moved on when the next one looks. A command that only looks neither locks nor saves.
 */
export async function openSimulated(
  io: Io,
  target: Target,
  access: Access,
): Promise<OpenedAdapter> {
  const options = optionsOf(target)
  const path = statePath(io, target.rest.split('?')[0] || 'simulated', options.state)
  return access === 'change' ? openToChange(io, path, options) : openToLook(io, path, options)
}

async function openToChange(io: Io, path: string, options: Options): Promise<OpenedAdapter> {
  const unlock = await lockState(io, path)
  try {
    const world = await loadWorld(io, await readState(path), path, options)
    const saving = keepSaving(io, () =>
      writeState(path, { version: 1, savedAt: io.clock.now(), world: world.snapshot() }),
    )
    const { simulated } = await import('intermodal/simulated')
    return {
      adapter: simulated({ world }),
      clock: world.clock,
      save: saving.soon,
      async close() {
        try {
          await saving.close()
        } finally {
          world.close()
          await unlock()
        }
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function openToLook(io: Io, path: string, options: Options): Promise<OpenedAdapter> {
  const { simulated } = await import('intermodal/simulated')
  const see = async (saved: Saved<Snapshot> | undefined) => {
    const world = await loadWorld(io, saved, path, options)
    return { adapter: simulated({ world }), clock: world.clock, close: () => world.close() }
  }
  let saved = await readState<Snapshot>(path)
  const first = await see(saved)
  const again = async () => {
    const newer = await readState<Snapshot>(path)
    if (newer?.savedAt === saved?.savedAt) return undefined
    saved = newer
    return see(newer)
  }
  const { adapter, close } = lookingAdapter({ first, again, clock: io.clock })
  return { adapter, clock: first.clock, close: async () => close() }
}

async function loadWorld(
  io: Io,
  saved: Saved<Snapshot> | undefined,
  path: string,
  { nodes, seed, speed, missing }: Options,
): Promise<World> {
  const { createWorld } = await import('intermodal/simulated')
  const clock = { speed }
  const begin = () => createWorld({ nodes, seed, clock, start: io.clock.now() })
  const world = saved ? await goOn(io, saved, path, speed) : begin()
  for (const image of missing) world.images.missing(image)
  return world
}

/** The world as it is now: as it was saved, and what has happened since. */
async function goOn(
  io: Io,
  { world, savedAt }: Saved<Snapshot>,
  path: string,
  speed: number,
): Promise<World> {
  const { createWorld } = await import('intermodal/simulated')
  try {
    const past = createWorld({ restore: world, clock: 'manual' })
    const passed = Math.min(Math.max(0, io.clock.now() - savedAt) * speed, MOST_BETWEEN)
    await past.advance(`${Math.round(passed)}ms` as Duration)
    const restore = past.snapshot()
    past.close()
    return createWorld({ restore, clock: { speed } })
  } catch (error) {
    throw unusable(path, 'cannot be restored', error)
  }
}

function optionsOf({ rest, shown }: Target): Options {
  const query = rest.includes('?') ? rest.slice(rest.indexOf('?') + 1) : ''
  const given = new URLSearchParams(query)
  for (const key of given.keys()) {
    if (!['nodes', 'seed', 'speed', 'state', 'missing'].includes(key))
      throw new UsageError(
        `target "${shown}" has an unknown setting "${key}"`,
        'it takes nodes, seed, speed, state and missing: simulated:?nodes=5&missing=shop/web:2',
      )
  }
  const count = (key: string, otherwise: number, most: number) => {
    const text = given.get(key)
    if (text === null) return otherwise
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new UsageError(`target "${shown}": ${key} needs a whole number from 1 to ${most}`)
  }
  return {
    nodes: count('nodes', 3, 1000),
    seed: count('seed', 1, 2 ** 31),
    speed: count('speed', SPEED, 100_000),
    state: given.get('state'),
    missing: given.getAll('missing'),
  }
}

interface Saving {
  soon(): void
  /** The last one. Throws what went wrong with any. */
  close(): Promise<void>
}

/** Saves now and then, one at a time, so that commands beside this one see how far it is. */
function keepSaving(io: Io, write: () => Promise<void>): Saving {
  let last = write()
  let cancel = io.clock.after(SAVE_EVERY, tick)
  const soon = () => {
    last = last.then(write)
    last.catch(() => {}) // `close` throws it.
  }
  function tick() {
    soon()
    cancel = io.clock.after(SAVE_EVERY, tick)
  }
  last.catch(() => {}) // As above.
  return {
    soon,
    async close() {
      cancel()
      await last
      await write()
    },
  }
}
