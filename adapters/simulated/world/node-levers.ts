import { type ClusterNode, type Cpu, type Memory, parseCpu, parseMemory } from 'intermodal'
import { drainNode } from './drain.ts'
import type { Engine } from './engine.ts'
import { once, type Undo } from './faults.ts'
import { isLive } from './instances.ts'
import type { NodeRecord, Taint } from './model.ts'
import { loseInstance, recoverInstance } from './unreachable.ts'

/** A node as it shall be. */
export interface NodeSpec {
  readonly name: string
  /** @default 4 */
  readonly cpu?: Cpu | undefined
  /** @default '8Gi' */
  readonly memory?: Memory | undefined
  /** @default '100Gi' */
  readonly disk?: Memory | undefined
  /** @default 0 */
  readonly gpus?: number | undefined
  /** What placement rules ask for: `{ zone: 'eu-1' }`. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
  readonly pool?: string | undefined
  readonly taints?: readonly Taint[] | undefined
}

export function addNode(engine: Engine, spec: NodeSpec): void {
  const { name, cpu = 4, memory = '8Gi', disk = '100Gi', gpus = 0 } = spec
  if (engine.state.nodes.has(name)) throw new RangeError(`there is a node ${name} already`)
  engine.state.nodes.set(name, {
    name,
    capacity: { cpu: amount(parseCpu(cpu), cpu), memory: bytes(memory), disk: bytes(disk), gpus },
    attributes: spec.attributes ?? {},
    pool: spec.pool,
    taints: spec.taints ?? [],
    state: 'ready',
    images: [],
    used: { cpu: 0, memory: 0, disk: 0, gpus: 0 },
    ports: {},
  })
  engine.nodesChanged()
}

function bytes(memory: Memory): number {
  return amount(typeof memory === 'number' ? memory : parseMemory(memory), memory)
}

function amount(parsed: number | undefined, text: string | number): number {
  if (parsed === undefined) throw new RangeError(`"${text}" is no amount: write "8Gi" or 4`)
  return parsed
}

export function publicNode(node: NodeRecord): ClusterNode {
  const { name, state, attributes, capacity, used, pool } = node
  return {
    id: name,
    name,
    state,
    attributes: pool === undefined ? attributes : { ...attributes, 'node.pool': pool },
    capacity: { cpu: capacity.cpu, memory: capacity.memory, disk: capacity.disk },
    reserved: { cpu: used.cpu, memory: used.memory, disk: used.disk },
  }
}

/** What can befall a node. */
export class NodeLevers {
  readonly #engine: Engine
  readonly #node: NodeRecord

  constructor(engine: Engine, name: string) {
    const node = engine.state.nodes.get(name)
    if (!node) {
      const known = [...engine.state.nodes.keys()].join(', ')
      throw new RangeError(`there is no node ${name}: there are ${known}`)
    }
    this.#engine = engine
    this.#node = node
  }

  /** It falls silent: its instances are lost, and replaced elsewhere after the time each app allows. */
  kill(): void {
    this.#engine.timeline.catchUp()
    if (this.#node.state === 'down') return
    this.#node.state = 'down'
    for (const [record, instance] of this.#here()) {
      if (isLive(instance) || instance.state === 'stopping') {
        loseInstance(this.#engine, record, instance, this.#node)
      }
    }
    this.#engine.nodesChanged()
  }

  /** Takes no new instance, and sends away those it has, no faster than each app's `disruption` allows. */
  drain(): void {
    this.#engine.timeline.catchUp()
    if (this.#node.state !== 'ready') return
    this.#node.state = 'draining'
    for (const record of this.#engine.state.apps.values()) drainNode(this.#engine, record)
    this.#engine.nodesChanged()
  }

  /**
   * Puts a taint on it: new instances come only if they tolerate it, and with `NoExecute` those that do not, or not any
   * longer, are sent away.
   */
  taint(taint: Omit<Taint, 'since'>): Undo {
    this.#engine.timeline.catchUp()
    const added = { ...taint, since: this.#engine.now }
    this.#node.taints = [...this.#node.taints, added]
    this.#engine.nodesChanged()
    for (const record of this.#engine.state.apps.values()) this.#engine.queue(record)
    return once(() => {
      this.#node.taints = this.#node.taints.filter((other) => other !== added)
      this.#engine.nodesChanged()
    })
  }

  /** Ready again, after `kill` or `drain`. Lost instances that were not replaced yet go on. */
  restore(): void {
    this.#engine.timeline.catchUp()
    if (this.#node.state === 'ready') return
    this.#node.state = 'ready'
    for (const [record, instance] of this.#here()) {
      if (instance.state === 'lost') recoverInstance(this.#engine, record, instance)
    }
    this.#engine.nodesChanged()
  }

  *#here() {
    for (const record of this.#engine.state.apps.values()) {
      for (const instance of [...record.instances]) {
        if (instance.node === this.#node.name) yield [record, instance] as const
      }
    }
  }
}
