import {
  type App,
  type AppId,
  type AppInput,
  type AppStatus,
  type Clock,
  type ClusterNode,
  type Duration,
  defineApp,
  type Instance,
  parseDuration,
} from 'intermodal'
import { publicInstance, statusOf } from './status.ts'
import { applyApp } from './world/changes.ts'
import { Timeline } from './world/clock.ts'
import { Engine } from './world/engine.ts'
import { Faults, type Undo } from './world/faults.ts'
import { ImageLevers } from './world/image-levers.ts'
import { AppLevers, forgetHealth } from './world/levers.ts'
import type { Claim } from './world/model.ts'
import { addNode, NodeLevers, type NodeSpec, publicNode } from './world/node-levers.ts'
import { Scripts } from './world/script.ts'
import {
  emptyState,
  restoreState,
  type Snapshot,
  type TimingOptions,
  takeSnapshot,
} from './world/snapshot.ts'

/** What a world is like when it begins. Every field has a default. */
export interface WorldOptions {
  /** Decides every random choice. @default 1 */
  readonly seed?: number | undefined
  /** How many nodes of 4 cpu, 8 GiB memory and 100 GiB disk, or each by itself. @default 3 */
  readonly nodes?: number | readonly NodeSpec[] | undefined
  /** `manual`: time moves only in `advance`. Otherwise so many virtual seconds in a real one. @default { speed: 60 } */
  readonly clock?: 'manual' | { readonly speed: number } | undefined
  /** When it begins, ISO 8601 or milliseconds since the epoch. @default '2026-01-01T00:00:00Z' */
  readonly start?: string | number | undefined
  /** How long pulling, starting, stopping and the like take. */
  readonly timings?: TimingOptions | undefined
  /** Go on from here: nodes, apps, seed and time are those of the snapshot. */
  readonly restore?: Snapshot | undefined
}

/** A cluster that exists only in this process: nodes, images, apps and their instances, living by a virtual clock. */
export function createWorld(options: WorldOptions = {}): World {
  return new World(options)
}

/** A cluster that exists only in this process: what runs there, what can go wrong, and its time. */
export class World {
  /** Give it to whatever shall live by the same time. */
  readonly clock: Clock
  readonly images: ImageLevers
  readonly faults: Faults
  readonly script: Scripts
  /** The machinery; for the adapter, not for tests. */
  readonly engine: Engine
  readonly #timeline: Timeline

  constructor({ seed = 1, nodes = 3, clock, start, timings, restore }: WorldOptions) {
    const state = restore ? restoreState(restore) : emptyState(seed, startTime(start), timings)
    const speed = clock === 'manual' ? undefined : (clock?.speed ?? 60)
    this.#timeline = new Timeline(state.now, speed)
    this.clock = this.#timeline
    this.engine = new Engine(state, this.#timeline)
    this.images = new ImageLevers(state)
    this.faults = new Faults(this.#timeline, (app) => forgetHealth(this.engine, app))
    this.script = new Scripts(state)
    if (restore) return
    const specs = typeof nodes === 'number' ? numbered(nodes) : nodes
    for (const spec of specs) addNode(this.engine, spec)
  }

  /** Lets so much time pass and runs everything due, in order; what waits for promises gets its turn in between. */
  advance(duration: Duration): Promise<void> {
    return this.#timeline.advance(milliseconds(duration))
  }

  /**
   * Lets time pass until no app is changing: crash loops and instances without a place count as not changing. False:
   * something still was after the limit, ten minutes unless given.
   */
  settle(options: { readonly limit?: Duration | undefined } = {}): Promise<boolean> {
    return this.#timeline.advanceUntil(
      () => this.engine.quiet,
      milliseconds(options.limit ?? '10m'),
    )
  }

  /** Levers on one app. It need not exist yet. */
  app(id: AppId): AppLevers {
    return new AppLevers(this.engine, id)
  }

  /** Levers on one node. Throws a `RangeError` when there is none of that name. */
  node(name: string): NodeLevers {
    return new NodeLevers(this.engine, name)
  }

  addNode(spec: NodeSpec): NodeLevers {
    addNode(this.engine, spec)
    return this.node(spec.name)
  }

  nodes(): readonly ClusterNode[] {
    return [...this.engine.state.nodes.values()].map(publicNode)
  }

  /** The truth, past every fault: what the world would tell of all its apps. */
  apps(): readonly AppStatus[] {
    this.#timeline.catchUp()
    const { now, state } = this.engine
    return [...state.apps.values()].map((record) => statusOf(record, now, 'read'))
  }

  /** Every instance of the world or of one app, those included that have ended. */
  instances(app?: AppId): readonly (Instance & { readonly app: AppId })[] {
    this.#timeline.catchUp()
    return [...this.engine.state.apps.values()]
      .filter(({ id }) => app === undefined || id === app)
      .flatMap((record) =>
        record.instances.map((one) => ({ ...publicInstance(record, one), app: record.id })),
      )
  }

  /** Storage of single instances; it outlives them. */
  claims(): readonly Claim[] {
    return [...this.engine.state.claims.values()]
  }

  /** An app someone else made: `managed` is false, and applying it is a `CONFLICT` unless forced. */
  addForeign(app: AppInput | App, owner = 'someone else'): void {
    this.#timeline.catchUp()
    applyApp(this.engine, defineApp(app), owner)
  }

  /** All of it as plain data. Faults in force and scripted functions are not part of it; values of secrets neither. */
  snapshot(): Snapshot {
    this.#timeline.catchUp()
    return takeSnapshot(this.engine.state, this.#timeline.now())
  }

  /** Time stands still from here on. */
  close(): void {
    this.#timeline.close()
  }
}

function numbered(count: number): readonly NodeSpec[] {
  return Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}` }))
}

function milliseconds(duration: Duration): number {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new RangeError(`"${duration}" is no duration: write "30s"`)
  return parsed
}

const START = Date.UTC(2026, 0, 1)

function startTime(start: string | number | undefined): number {
  if (start === undefined) return START
  const time = typeof start === 'number' ? start : Date.parse(start)
  if (Number.isNaN(time))
    throw new RangeError(`"${start}" is no time: write "2026-01-01T00:00:00Z"`)
  return time
}

export type { Undo }
