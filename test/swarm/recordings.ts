import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AppStatus } from 'intermodal'
import { statusOf } from '../../adapters/swarm/status.ts'
import type { Node, Service, ServiceSpec, Task } from '../../adapters/swarm/wire.ts'

/** Timelines recorded from real engines. They are large and are not part of the repository. */
const directory = `${
  process.env.INTERMODAL_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
}/data/swarm`

export const recorded = existsSync(`${directory}/index.json`)

interface Entry {
  readonly t: number
  readonly kind: string
  readonly id?: string
  readonly note?: string
  readonly method?: string
  readonly path?: string
  readonly body?: unknown
}

interface Recording {
  readonly scenario: string
  readonly about: string
  readonly startedAt: string
  readonly nodes: readonly { readonly ID?: string }[]
  readonly timeline: readonly Entry[]
}

function load(name: string): Recording {
  return JSON.parse(readFileSync(`${directory}/${name}.json`, 'utf8')) as Recording
}

export function scenarios(): readonly string[] {
  const index = JSON.parse(readFileSync(`${directory}/index.json`, 'utf8')) as {
    fixtures: { scenario: string }[]
  }
  return index.fixtures
    .map(({ scenario }) => scenario)
    .filter((name) => !name.startsWith('engine-'))
}

/** Every different spec of every service in a recording. */
export function specsOf(name: string): readonly ServiceSpec[] {
  const specs = load(name).timeline.flatMap(({ kind, body }) => {
    const service = body as Partial<Service>
    return kind === 'service' && service.Spec ? [service.Spec] : []
  })
  return [...new Map(specs.map((spec) => [JSON.stringify(spec), spec])).values()]
}

export interface Moment {
  /** Milliseconds since the start. */
  readonly t: number
  readonly service: Service
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[]
  readonly status: AppStatus
  /** The last mark or request before it. */
  readonly after: string
}

/**
 * The status at each moment of a recording, as a poller would have seen it: the clock is the engines' own, each status
 * knows the one before, and the last look is taken so much later before the service is removed.
 */
export function replay(name: string, options: { readonly settle?: number } = {}): Moment[] {
  const { timeline, startedAt } = load(name)
  const start = Date.parse(startedAt)
  const services = new Map<string, Service>()
  const tasks = new Map<string, Task>()
  const nodes = new Map<string, Node>()
  const statuses = new Map<string, object>()
  const previous = new Map<string, AppStatus>()
  const moments: Moment[] = []
  let after = ''
  const look = (t: number): void => {
    for (const [id, row] of services) {
      const service = { ...row, ...statuses.get(id) }
      const own = [...tasks.values()].filter(({ ServiceID }) => ServiceID === id)
      const status = statusOf({
        service,
        tasks: own,
        nodes: [...nodes.values()],
        observed: { at: start + t, source: 'poll', stale: false },
        previous: previous.get(id),
      })
      previous.set(id, status)
      moments.push({ t, service, tasks: own, nodes: [...nodes.values()], status, after })
    }
  }
  let now = 0
  for (const [index, entry] of timeline.entries()) {
    const { id = '', kind, body, t } = entry
    if (kind === 'request' && entry.method === 'DELETE') {
      look(now + (options.settle ?? 0))
      services.clear()
    }
    if (kind === 'service') {
      if ((body as Partial<Service>).Spec) services.set(id, body as Service)
      else services.delete(id)
    } else if (kind === 'serviceStatus') statuses.set(id, body as object)
    else if (kind === 'task') tasks.set(id, body as Task)
    else if (kind === 'task-gone') tasks.delete(id)
    else if (kind === 'node') nodes.set((body as Node).ID, body as Node)
    else if (kind === 'mark') after = entry.note ?? ''
    else if (kind === 'request') after = `${entry.method} ${entry.path}`
    else continue
    now = t
    const next = timeline.slice(index + 1).find((other) => other.kind !== 'event')
    // One poll writes several entries a millisecond or so apart.
    if (!next || next.t > t + 15) look(t)
  }
  if (options.settle !== undefined) look(now + options.settle)
  return moments
}
