import type { AppId, AppStatus, Clock, Observed } from 'intermodal'
import type { Engine } from './client.ts'
import { isNotFound } from './errors.ts'
import { APP, idOfService } from './labels.ts'
import { serviceName } from './names.ts'
import { nodeIndex, removedStatus, statusOf } from './status.ts'
import { type Node, type Service, TASK_STATES, type Task } from './wire.ts'

const RUNNING = TASK_STATES.indexOf('running')

export interface ObserverOptions {
  readonly engine: Engine
  readonly clock: Clock
  /** Called after each look, before anyone is told of it, with a way to ask whether an app is gone. */
  readonly looked: (isGone: (id: AppId) => boolean, signal: AbortSignal) => Promise<void>
}

/**
 * Looks at the swarm, and keeps the last status of each app: Swarm itself does not remember that an update has been
 * good.
 */
export class Observer {
  readonly #options: ObserverOptions
  readonly #last = new Map<AppId, AppStatus>()

  constructor(options: ObserverOptions) {
    this.#options = options
  }

  /** Everything there is: three requests, whatever the number of apps. */
  async all(source: Observed['source'], signal: AbortSignal): Promise<readonly AppStatus[]> {
    const { engine, clock } = this.#options
    const [services, tasks, nodes] = await Promise.all([
      engine.services(signal),
      engine.tasks(signal),
      engine.nodes(signal),
    ])
    const observed: Observed = { at: clock.now(), source, stale: false }
    const statuses = readPicture({ services, tasks, nodes, observed, memory: this.#last })
    this.#last.clear()
    for (const status of statuses) this.#last.set(status.id, status)
    await this.#options.looked((id) => !this.#last.has(id), signal)
    return statuses
  }

  async one(id: AppId, signal: AbortSignal): Promise<AppStatus | undefined> {
    const { engine, clock } = this.#options
    const service = await engine.service(serviceName(id), signal)
    const [tasks, nodes] = await Promise.all([
      service ? this.#tasksOf(service, signal) : this.#tasksLeft(id, signal),
      engine.nodes(signal),
    ])
    if (!tasks) return this.one(id, signal)
    const observed: Observed = { at: clock.now(), source: 'read', stale: false }
    const services = service ? [service] : []
    const picture = { services, tasks, nodes, observed, memory: this.#last }
    const status = readPicture(picture).find((found) => found.id === id)
    if (status) {
      this.#last.set(id, status)
      return status
    }
    this.#last.delete(id)
    await this.#options.looked((other) => other === id, signal)
    return undefined
  }

  /** Undefined when the service was removed a moment ago: asking for its tasks is then an error. */
  async #tasksOf({ ID }: Service, signal: AbortSignal): Promise<readonly Task[] | undefined> {
    try {
      return await this.#options.engine.tasks(signal, { service: [ID] })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  #tasksLeft(id: AppId, signal: AbortSignal): Promise<readonly Task[]> {
    return this.#options.engine.tasks(signal, { label: [`${APP}=${id}`] })
  }
}

export interface Picture {
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[]
  readonly observed: Observed
  readonly memory: ReadonlyMap<AppId, AppStatus>
}

export function readPicture(picture: Picture): readonly AppStatus[] {
  const { services, tasks, observed, memory } = picture
  const nodes = nodeIndex(picture.nodes)
  const byService = Map.groupBy(tasks, ({ ServiceID }) => ServiceID)
  const live = services.map((service) =>
    statusOf({
      service,
      tasks: byService.get(service.ID) ?? [],
      nodes,
      observed,
      previous: memory.get(idOfService(service.Spec)),
    }),
  )
  const known = new Set(live.map(({ id }) => id))
  const ids = new Set(services.map(({ ID }) => ID))
  const orphans = tasks.filter(
    (task) => !ids.has(task.ServiceID) && idOf(task) !== undefined && stillEnding(task, nodes),
  )
  const going = [...Map.groupBy(orphans, idOf)].flatMap(([id, rest]) =>
    id === undefined || known.has(id) ? [] : [removedStatus({ id, tasks: rest, nodes, observed })],
  )
  return [...live, ...going]
}

/**
 * A removed service is gone at once, its tasks when their containers have stopped. Not waited for are tasks on nodes
 * that do not answer, and those of jobs, which Docker 20.10 never cleans up.
 */
function stillEnding(task: Task, nodes: ReadonlyMap<string, Node>): boolean {
  return (
    task.JobIteration === undefined &&
    TASK_STATES.indexOf(task.Status.State) <= RUNNING &&
    nodes.get(task.NodeID ?? '')?.Status.State === 'ready'
  )
}

function idOf({ Spec }: Task): AppId | undefined {
  return Spec.ContainerSpec?.Labels?.[APP] as AppId | undefined
}
