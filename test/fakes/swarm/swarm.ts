import { createHash } from 'node:crypto'
import type { World } from '../../../adapters/simulated/world.ts'
import { Agents } from './agent/agents.ts'
import { refuse } from './errors.ts'
import { Nodes } from './nodes.ts'
import { Orchestrator } from './orchestrate/orchestrator.ts'
import type { Exec } from './routes/exec.ts'
import { addNetwork } from './routes/networks.ts'
import { haveVolume, type Volume, volumesOf } from './routes/volumes.ts'
import { EventBus, type SwarmEvent } from './store/bus.ts'
import { Identities } from './store/identity.ts'
import type { NodeObject } from './store/objects.ts'
import { Stamps } from './store/stamps.ts'
import { Store } from './store/store.ts'
import { Time } from './time.ts'
import { localNetworks } from './write/local-networks.ts'

export interface SwarmOptions {
  readonly world: World
  readonly managers: number
}

const RETENTION = 5

/** All of a swarm but its web servers: what is wanted, and what the nodes of the world make of it. */
export class Swarm {
  readonly version = '20.10.24'
  readonly apiVersion = '1.41'
  readonly minApiVersion = '1.12'
  readonly world: World
  readonly time: Time
  readonly store: Store
  readonly orchestrator: Orchestrator
  readonly agents: Agents
  readonly nodes: Nodes
  readonly cluster: object
  readonly execs = new Map<string, Exec>()
  readonly localNetworks: readonly object[]
  readonly startedAt: number
  readonly #volumes = new Map<string, Map<string, Volume>>()
  readonly #left = new Set<string>()

  constructor({ world, managers }: SwarmOptions) {
    this.world = world
    this.time = new Time(world.engine.timeline)
    this.startedAt = this.time.now
    const stamps = new Stamps(() => this.time.now)
    const ids = new Identities(world.engine.state.random)
    this.store = new Store(ids, stamps, new EventBus(stamps))
    this.cluster = this.store.born()
    this.orchestrator = new Orchestrator(this.store, this.time, () => RETENTION)
    this.agents = new Agents(world, this.time, this.store)
    this.nodes = new Nodes(this, managers, this.version)
    addNetwork(this, { Name: 'ingress', Ingress: true, IPAM: { Config: [INGRESS] } })
    this.localNetworks = localNetworks(ids, stamps.text())
    this.store.bus.listen((event) => this.#makeVolumes(event))
  }

  isMember(node: NodeObject | undefined): boolean {
    return node !== undefined && !this.#left.has(node.ID)
  }

  isManager(node: NodeObject | undefined): boolean {
    return this.isMember(node) && node?.Spec.Role === 'manager'
  }

  /** What an engine says that cannot answer for the swarm. Networks are its own business too, and told in fewer words. */
  refuseUnlessManager(node: NodeObject | undefined, about?: 'network'): void {
    if (this.isManager(node)) return
    if (!this.isMember(node) && about === undefined)
      throw refuse(
        503,
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
      )
    throw refuse(
      503,
      "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
    )
  }

  imageId(image: string): string {
    return `sha256:${createHash('sha256').update(image).digest('hex')}`
  }

  volumesOn(node: string): Map<string, Volume> {
    const known = this.#volumes.get(node) ?? new Map<string, Volume>()
    this.#volumes.set(node, known)
    return known
  }

  /** A container's volumes are made with it, and stay when it goes. */
  #makeVolumes({ Type, Action, Actor, node = '' }: SwarmEvent): void {
    if (Type !== 'container' || Action !== 'create') return
    const task = this.store.tasks.get(Actor.Attributes['com.docker.swarm.task.id'] ?? '')
    for (const Name of task ? volumesOf(task) : []) haveVolume(this, node, { Name })
  }

  /** The engine of this node is in no swarm, until the function returned is called. */
  leave(node: NodeObject): () => void {
    this.#left.add(node.ID)
    return () => this.#left.delete(node.ID)
  }

  close(): void {
    this.time.close()
    this.nodes.close()
    this.agents.close()
    this.orchestrator.close()
  }
}

const INGRESS = { Subnet: '10.0.0.0/24', Gateway: '10.0.0.1' }
