import { type Duration, defineApp, parseDuration, printApp } from 'intermodal'
import type { AppRecord, Spec, Timings, WorldState } from './model.ts'

/** A world as plain data: `JSON.stringify` it, keep it, and go on with `createWorld({ restore })`. */
export interface Snapshot {
  readonly version: 1
  readonly now: number
  readonly random: number
  readonly sequence: number
  readonly timings: Timings
  readonly tables: Readonly<Record<Table, readonly (readonly [string, unknown])[]>>
}

const TABLES = [
  'nodes',
  'apps',
  'claims',
  'secrets',
  'configs',
  'images',
  'levers',
  'scripts',
] as const
type Table = (typeof TABLES)[number]

/**
 * How long things take, by their names. `jitter`, from 0 to 1, is by how much of it chance changes that. A
 * `RangeError` for what is no duration.
 */
export type TimingOptions = Partial<Record<Exclude<keyof Timings, 'jitter'>, Duration>> & {
  readonly jitter?: number | undefined
}

const TIMINGS: Timings = {
  assign: 100,
  pull: 2000,
  start: 500,
  warmUp: 0,
  stop: 500,
  check: 0,
  run: 5000,
  jitter: 0.2,
}

export function emptyState(seed: number, now: number, timings: TimingOptions = {}): WorldState {
  const given = Object.entries(timings).map(([what, value]) => {
    const parsed = typeof value === 'string' ? parseDuration(value) : value
    if (parsed === undefined) throw new RangeError(`timings: "${value}" is no duration`)
    return [what, parsed]
  })
  return {
    now,
    random: seed | 0,
    sequence: 0,
    timings: { ...TIMINGS, ...Object.fromEntries(given) },
    nodes: new Map(),
    apps: new Map(),
    claims: new Map(),
    secrets: new Map(),
    configs: new Map(),
    images: new Map(),
    levers: new Map(),
    scripts: new Map(),
  }
}

export function takeSnapshot(state: WorldState, now: number): Snapshot {
  const { random, sequence, timings } = state
  const tables = Object.fromEntries(TABLES.map((table) => [table, [...state[table]]]))
  return structuredClone({
    version: 1,
    now,
    random,
    sequence,
    timings,
    tables,
  }) as unknown as Snapshot
}

/** Throws a `RangeError` for a snapshot of another version of this library. */
export function restoreState(snapshot: Snapshot): WorldState {
  if (snapshot.version !== 1) {
    throw new RangeError(`the snapshot is of version ${snapshot.version}, not 1: begin a new world`)
  }
  const { now, random, sequence, timings, tables } = structuredClone(snapshot)
  const maps = Object.fromEntries(TABLES.map((table) => [table, new Map(tables[table])]))
  const state = { now, random, sequence, timings, ...maps } as unknown as WorldState
  for (const record of state.apps.values()) restoreApps(record)
  return state
}

/** Plain data becomes apps of the model again, so that core takes them for what they are. */
function restoreApps(record: AppRecord): void {
  const restore = (spec: Spec): Spec => ({ ...spec, app: defineApp(printApp(spec.app)) })
  record.spec = restore(record.spec)
  record.history = record.history.map(restore)
}
