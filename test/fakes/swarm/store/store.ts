import type { EventBus } from './bus.ts'
import type { Identities } from './identity.ts'
import type {
  ConfigRecord,
  Kind,
  NetworkRecord,
  NodeObject,
  SecretRecord,
  ServiceRecord,
  TaskRecord,
} from './objects.ts'
import type { Stamps } from './stamps.ts'

/** What a raft log would hold: all objects of the swarm, each with the index of its last write. */
export class Store {
  readonly ids: Identities
  readonly stamps: Stamps
  readonly bus: EventBus
  readonly services = new Map<string, ServiceRecord>()
  readonly tasks = new Map<string, TaskRecord>()
  readonly nodes = new Map<string, NodeObject>()
  readonly networks = new Map<string, NetworkRecord>()
  /** Containers may still be in them. */
  readonly removedNetworks = new Set<NetworkRecord>()
  readonly secrets = new Map<string, SecretRecord>()
  readonly configs = new Map<string, ConfigRecord>()
  readonly #byService = new Map<string, Set<TaskRecord>>()
  readonly #byNode = new Map<string, Set<TaskRecord>>()
  readonly #taskListeners = new Set<(task: TaskRecord) => void>()
  #index = 10

  constructor(ids: Identities, stamps: Stamps, bus: EventBus) {
    this.ids = ids
    this.stamps = stamps
    this.bus = bus
  }

  /** The fields of an object that begins. */
  born(): {
    readonly ID: string
    Version: { readonly Index: number }
    readonly CreatedAt: string
    UpdatedAt: string
  } {
    const now = this.stamps.text()
    return {
      ID: this.ids.swarm(),
      Version: { Index: ++this.#index },
      CreatedAt: now,
      UpdatedAt: now,
    }
  }

  touch(object: { Version: { readonly Index: number }; UpdatedAt: string }): void {
    object.Version = { Index: ++this.#index }
    object.UpdatedAt = this.stamps.text()
  }

  tell(
    kind: Kind,
    action: 'create' | 'update' | 'remove',
    { ID }: { readonly ID: string },
    attributes: Readonly<Record<string, string>>,
  ): void {
    const Actor = { ID, Attributes: attributes }
    this.bus.publish({ Type: kind, Action: action, Actor, scope: 'swarm' })
  }

  addTask(task: TaskRecord): void {
    this.tasks.set(task.ID, task)
    shelf(this.#byService, task.ServiceID).add(task)
    if (task.NodeID) shelf(this.#byNode, task.NodeID).add(task)
    this.#changed(task)
  }

  /** Writes to a task, and tells those who follow it. */
  setTask(task: TaskRecord, change: Partial<TaskRecord>): void {
    if (change.NodeID && !task.NodeID) shelf(this.#byNode, change.NodeID).add(task)
    Object.assign(task, change)
    this.touch(task)
    this.#changed(task)
  }

  deleteTask(task: TaskRecord): void {
    this.tasks.delete(task.ID)
    this.#byService.get(task.ServiceID)?.delete(task)
    if (this.#byService.get(task.ServiceID)?.size === 0) this.#byService.delete(task.ServiceID)
    if (task.NodeID) this.#byNode.get(task.NodeID)?.delete(task)
    this.#changed(task)
  }

  tasksOf(service: string): readonly TaskRecord[] {
    return [...(this.#byService.get(service) ?? [])]
  }

  tasksOn(node: string): readonly TaskRecord[] {
    return [...(this.#byNode.get(node) ?? [])]
  }

  onTask(listener: (task: TaskRecord) => void): () => void {
    this.#taskListeners.add(listener)
    return () => this.#taskListeners.delete(listener)
  }

  #changed(task: TaskRecord): void {
    for (const listener of [...this.#taskListeners]) listener(task)
  }
}

function shelf(shelves: Map<string, Set<TaskRecord>>, key: string): Set<TaskRecord> {
  const found = shelves.get(key)
  if (found) return found
  const made = new Set<TaskRecord>()
  shelves.set(key, made)
  return made
}
