import { applyApp, pauseApp, removeApp } from '../../../../adapters/simulated/world/changes.ts'
import { stopInstance } from '../../../../adapters/simulated/world/ending.ts'
import { specOf } from '../../../../adapters/simulated/world/engine.ts'
import { isLive, occupies } from '../../../../adapters/simulated/world/instances.ts'
import type {
  AppRecord,
  InstanceRecord,
  NodeRecord,
} from '../../../../adapters/simulated/world/model.ts'
import type { World } from '../../../../adapters/simulated/world.ts'
import type { PathId } from '../normal/paths.ts'
import type { Action } from '../store/plan.ts'
import { instancesOf } from '../store/root.ts'
import { configVersionOf, worldApp } from './app.ts'
import { agentId, agentIp } from './ids.ts'

/** To whom things in the world belong that came through this server. */
const OWNER = 'marathon'

export interface Agent {
  readonly id: string
  readonly ip: string
  readonly node: NodeRecord
}

/** The world as Marathon's Mesos: what its plans do to it, and what is found in it. */
export class Cluster {
  readonly world: World
  readonly #agents = new Map<string, Agent>()

  constructor(world: World) {
    this.world = world
  }

  get now(): number {
    return this.world.engine.now
  }

  /** Runs it within this moment of the world's time, after what is going on. */
  soon(run: () => void): void {
    const { timeline } = this.world.engine
    timeline.at(timeline.now(), run)
  }

  after(milliseconds: number, run: () => void): () => void {
    const { timeline } = this.world.engine
    return timeline.at(timeline.now() + milliseconds, run)
  }

  /** Other frameworks run in the same world: their apps take room, and Marathon does not see them. */
  record(id: PathId): AppRecord | undefined {
    const record = this.world.engine.state.apps.get(id)
    return record?.owner === OWNER ? record : undefined
  }

  begin({ type, spec }: Action): void {
    const { engine } = this.world
    const record = this.record(spec.id)
    if (type === 'Stop') {
      if (record) removeApp(engine, record)
      return
    }
    // Its removal was forced aside: it is wanted again.
    if (record?.deleting) record.deleting = false
    applyApp(engine, worldApp(spec, type === 'Start' ? 0 : instancesOf(spec)), OWNER)
  }

  /** Leaves everything where it is: old and new side by side, if that is how it stands. */
  halt(id: PathId): void {
    const record = this.record(id)
    if (record?.rollout?.state === 'running') pauseApp(this.world.engine, record)
  }

  isDone({ type, spec }: Action): boolean {
    const record = this.record(spec.id)
    if (type === 'Start') return record !== undefined
    if (type === 'Stop') return record === undefined
    if (!record || record.deleting) return false
    const wanted = instancesOf(spec)
    const present = record.instances.filter((one) => occupies(one) && one.state !== 'lost')
    return (
      present.length === wanted &&
      present.every(
        (one) =>
          this.counts(one) &&
          (type === 'Scale' || this.configVersion(record, one) === spec.lastConfigChangeAt),
      )
    )
  }

  /** Running, and whatever checks there are have passed. */
  counts({ state, ready, health }: InstanceRecord): boolean {
    return state === 'running' && ready && (health === 'healthy' || health === 'none')
  }

  configVersion(record: AppRecord, { revision }: InstanceRecord): string {
    return configVersionOf(specOf(record, revision))
  }

  imageOf(record: AppRecord, { revision }: InstanceRecord): string {
    return specOf(record, revision).image
  }

  /** One more takes its place, unless the count was lowered before. */
  kill(record: AppRecord, instance: InstanceRecord): void {
    stopInstance(this.world.engine, record, instance)
  }

  /** Ends the back-off: what waits is started at once, and what ended before is forgotten. */
  resetDelay(record: AppRecord): void {
    const { engine } = this.world
    for (const instance of record.instances) {
      if (!isLive(instance) || instance.notBefore === undefined) continue
      instance.crashes = []
      engine.wake(record, instance, engine.now)
    }
  }

  agents(): readonly Agent[] {
    return [...this.#byName().values()]
  }

  agentOf({ node }: InstanceRecord): Agent | undefined {
    return node === undefined ? undefined : this.#byName().get(node)
  }

  /** Nodes are only ever added: their numbers stay. */
  #byName(): ReadonlyMap<string, Agent> {
    const { nodes } = this.world.engine.state
    if (this.#agents.size === nodes.size) return this.#agents
    let index = 0
    for (const [name, node] of nodes) {
      this.#agents.set(name, { id: agentId(index), ip: agentIp(index), node })
      index++
    }
    return this.#agents
  }
}

export type { AppRecord, InstanceRecord }
