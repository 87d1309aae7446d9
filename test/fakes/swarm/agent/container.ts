import type { TaskRecord } from '../store/objects.ts'
import { environmentOf, hostnameOf } from './environment.ts'

export interface LogEntry {
  readonly at: bigint
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

const KEPT = 1000

/** What a task is on its node. */
export class Container {
  readonly id: string
  readonly task: TaskRecord
  /** The name, with the task's own. */
  readonly name: string
  readonly created: bigint
  readonly labels: Readonly<Record<string, string>>
  readonly environment: readonly string[]
  readonly hostname: string
  readonly log: LogEntry[] = []
  readonly #listeners = new Set<(entry: LogEntry | undefined) => void>()
  state: 'created' | 'running' | 'exited' = 'created'
  health: 'starting' | 'healthy' | 'unhealthy' | undefined
  started: bigint | undefined
  finished: bigint | undefined
  pid = 0
  exitCode = 0
  oom = false

  constructor(id: string, task: TaskRecord, created: bigint, node: string) {
    this.id = id
    this.task = task
    this.created = created
    this.environment = environmentOf(task, node)
    this.hostname = hostnameOf(task, id, node)
    this.name = `${task.serviceName}.${task.Slot ?? task.NodeID}.${task.ID}`
    this.labels = {
      ...task.Spec.ContainerSpec?.Labels,
      'com.docker.swarm.node.id': task.NodeID ?? '',
      'com.docker.swarm.service.id': task.ServiceID,
      'com.docker.swarm.service.name': task.serviceName,
      'com.docker.swarm.task': '',
      'com.docker.swarm.task.id': task.ID,
      'com.docker.swarm.task.name': this.name,
    }
  }

  get image(): string {
    return this.task.Spec.ContainerSpec?.Image ?? ''
  }

  write(entry: LogEntry): void {
    this.log.push(entry)
    if (this.log.length > KEPT) this.log.shift()
    for (const listener of [...this.#listeners]) listener(entry)
  }

  /** Nothing will come any more. */
  endLog(): void {
    for (const listener of [...this.#listeners]) listener(undefined)
    this.#listeners.clear()
  }

  follow(listener: (entry: LogEntry | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
