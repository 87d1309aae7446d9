import type { World } from '../../../adapters/simulated/world.ts'
import type { Agents } from './agent/agents.ts'
import type { Orchestrator } from './orchestrate/orchestrator.ts'
import type { NodeObject } from './store/objects.ts'
import type { Store } from './store/store.ts'
import type { Time } from './time.ts'

/** Three missed heartbeats of five seconds, at most. */
const SILENCE = 14_000

interface Parts {
  readonly world: World
  readonly time: Time
  readonly store: Store
  readonly agents: Agents
  readonly orchestrator: Orchestrator
}

/** The world's nodes as members of the swarm: the first ones manage it, and what befalls one is learnt of here. */
export class Nodes {
  readonly #parts: Parts
  readonly #managers: number
  readonly #version: string
  readonly #stop: () => void
  readonly #silent = new Map<string, () => void>()

  constructor(parts: Parts, managers: number, version: string) {
    this.#parts = parts
    this.#managers = managers
    this.#version = version
    this.#look()
    this.#stop = parts.world.engine.onOutside((app) => {
      if (app === undefined) this.#look()
      else parts.agents.feel(app)
    })
  }

  /** In the order of the world. */
  get all(): readonly NodeObject[] {
    return [...this.#parts.store.nodes.values()]
  }

  /** Changes what is wanted of a node, in the world too. */
  setAvailability(node: NodeObject, availability: 'active' | 'pause' | 'drain'): void {
    const { record } = node
    const { engine } = this.#parts.world
    node.Spec = { ...node.Spec, Availability: availability }
    if (record.state === 'down') return
    const state = availability === 'drain' ? 'draining' : 'ready'
    if (record.state === state) return
    record.state = state
    engine.nodesChanged()
  }

  close(): void {
    this.#stop()
  }

  #look(): void {
    const { world, store } = this.#parts
    const known = new Map(this.all.map((node) => [node.record.name, node]))
    for (const record of world.engine.state.nodes.values()) {
      const node = known.get(record.name)
      if (!node) this.#join(record)
      else this.#compare(node)
    }
    for (const node of known.values())
      if (!world.engine.state.nodes.has(node.record.name)) store.nodes.delete(node.ID)
  }

  #compare(node: NodeObject): void {
    const { agents, time, store } = this.#parts
    const down = node.record.state === 'down'
    const leave = this.#silent.get(node.ID)
    if (down && !leave && node.Status.State !== 'down') {
      agents.silence(node, true)
      const notice = time.after(SILENCE, () => this.#setStatus(node, 'down', 'heartbeat failure'))
      this.#silent.set(node.ID, notice)
    }
    if (!down && leave) {
      leave()
      this.#silent.delete(node.ID)
      if (node.Status.State === 'down') this.#setStatus(node, 'ready', '')
      agents.silence(node, false)
    }
    const wanted = node.Spec.Availability
    const draining = node.record.state === 'draining'
    if (draining !== (wanted === 'drain') && !down) {
      const availability = draining ? 'drain' : 'active'
      if (wanted !== 'pause' || draining) {
        node.Spec = { ...node.Spec, Availability: availability }
        store.touch(node)
        store.tell('node', 'update', node, {
          name: node.record.name,
          'availability.new': availability,
          'availability.old': wanted ?? 'active',
        })
        this.#parts.orchestrator.nodeChanged(node)
      }
    }
    this.#parts.orchestrator.scheduler.wake()
  }

  #setStatus(node: NodeObject, state: 'ready' | 'down', message: string): void {
    const before = node.Status.State
    if (before === state) return
    const { store, orchestrator } = this.#parts
    const { Addr } = node.Status
    node.Status = {
      State: state,
      ...(message ? { Message: message } : {}),
      ...(Addr ? { Addr } : {}),
    }
    store.touch(node)
    store.tell('node', 'update', node, {
      name: node.record.name,
      'state.new': state,
      'state.old': before,
    })
    orchestrator.nodeChanged(node)
  }

  #join(record: NodeObject['record']): void {
    const { store, orchestrator } = this.#parts
    const index = store.nodes.size
    const manages = index < this.#managers
    const address = `10.1.0.${index + 1}`
    const node: NodeObject = {
      ...store.born(),
      record,
      Spec: {
        Labels: { ...record.attributes },
        Role: manages ? 'manager' : 'worker',
        Availability: record.state === 'draining' ? 'drain' : 'active',
      },
      Description: {
        Hostname: record.name,
        Platform: { Architecture: 'x86_64', OS: 'linux' },
        Resources: {
          NanoCPUs: record.capacity.cpu * 1e6,
          MemoryBytes: record.capacity.memory,
        },
        Engine: { EngineVersion: this.#version },
      },
      Status: { State: record.state === 'down' ? 'down' : 'ready', Addr: address },
      ...(manages
        ? {
            ManagerStatus: {
              ...(index === 0 ? { Leader: true } : {}),
              Reachability: 'reachable',
              Addr: `${address}:2377`,
            },
          }
        : {}),
    }
    store.nodes.set(node.ID, node)
    store.tell('node', 'create', node, { name: record.name })
    orchestrator.nodeChanged(node)
  }
}
