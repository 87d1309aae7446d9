import type { NodeObject, TaskRecord } from '../store/objects.ts'

interface Booked {
  readonly node: NodeObject
  readonly cpu: number
  readonly memory: number
  readonly ports: readonly string[]
}

/** What tasks have reserved, booked on the world's nodes: others who use the same world see it, and the reverse. */
export class Ledger {
  readonly #booked = new Map<string, Booked>()

  /** The room a node has left: thousandths of a core, and bytes. */
  free({ record }: NodeObject): { readonly cpu: number; readonly memory: number } {
    return {
      cpu: record.capacity.cpu - record.used.cpu,
      memory: record.capacity.memory - record.used.memory,
    }
  }

  isTaken({ record }: NodeObject, port: string): boolean {
    return record.ports[port] === true
  }

  book(node: NodeObject, task: TaskRecord): void {
    if (this.#booked.has(task.ID)) return
    const { cpu, memory } = demandOf(task)
    const ports = hostPorts(task)
    for (const port of ports) node.record.ports[port] = true
    this.#use(node, cpu, memory)
    this.#booked.set(task.ID, { node, cpu, memory, ports })
  }

  /** Whether there was something to give back. */
  release(task: TaskRecord): boolean {
    const booked = this.#booked.get(task.ID)
    if (!booked) return false
    this.#booked.delete(task.ID)
    for (const port of booked.ports) delete booked.node.record.ports[port]
    this.#use(booked.node, -booked.cpu, -booked.memory)
    return true
  }

  #use({ record }: NodeObject, cpu: number, memory: number): void {
    record.used = {
      ...record.used,
      cpu: record.used.cpu + cpu,
      memory: record.used.memory + memory,
    }
  }
}

export function demandOf({ Spec }: TaskRecord): { readonly cpu: number; readonly memory: number } {
  const { NanoCPUs = 0, MemoryBytes = 0 } = Spec.Resources?.Reservations ?? {}
  return { cpu: NanoCPUs / 1e6, memory: MemoryBytes }
}

/** `80/tcp`, as the world's nodes keep them. Only ports of the host itself; those of the mesh are everywhere. */
export function hostPorts({ endpoint }: TaskRecord): readonly string[] {
  return (endpoint?.Ports ?? [])
    .filter(({ PublishMode, PublishedPort }) => PublishMode === 'host' && PublishedPort)
    .map(({ PublishedPort, Protocol }) => `${PublishedPort}/${Protocol ?? 'tcp'}`)
}
