import { any, type Filters, filtersOf, type Request } from '../http/request.ts'
import type { SwarmEvent } from '../store/bus.ts'
import { moment } from './logs.ts'
import { type Daemon, type Reply, routes } from './parts.ts'

export const eventsRoute = routes([['GET', /^\/events$/, events]])

function events({ swarm, node }: Daemon, request: Request): Reply {
  const filters = filtersOf(request, 500, undefined)
  const [since, until] = [moment(request.query.get('since')), request.query.get('until')]
  const end = until ? moment(until) : undefined
  const { bus } = swarm.store
  const manager = swarm.isManager(node)
  const visible = (event: SwarmEvent) =>
    (event.scope === 'swarm' ? manager : event.node === undefined || event.node === node?.ID) &&
    passes(event, filters) &&
    (end === undefined || event.at <= end)
  return {
    stream: {
      type: 'application/json',
      run(sink) {
        if (since > 0n)
          for (const event of bus.recent)
            if (event.at >= since && visible(event)) sink.write(line(event))
        const left = end === undefined ? undefined : Number(end / 1_000_000n) - swarm.time.now
        if (left !== undefined && left <= 0) return sink.end()
        const stop = bus.listen((event) => {
          if (visible(event)) sink.write(line(event))
        })
        const cancel = left === undefined ? () => {} : swarm.time.after(left, () => sink.end())
        sink.onClose(() => {
          stop()
          cancel()
        })
      },
    },
  }
}

/** Keys nobody knows are passed over here, unlike everywhere else. */
function passes({ Type, Action, Actor, scope }: SwarmEvent, filters: Filters): boolean {
  const { ID, Attributes } = Actor
  const isOne = (kind: string) => (text: string) =>
    Type === kind && (ID.startsWith(text) || Attributes.name === text)
  const label = (text: string) => {
    const [key = '', value] = text.split('=')
    return value === undefined ? Attributes[key] !== undefined : Attributes[key] === value
  }
  return (
    any(filters.type, (text) => Type === text) &&
    any(filters.scope, (text) => scope === text) &&
    any(filters.event, (text) => Action === text || Action.startsWith(`${text}:`)) &&
    (filters.label ?? []).every(label) &&
    any(
      filters.image,
      (text) => Attributes.image === text || Attributes.image?.split(':')[0] === text,
    ) &&
    ['container', 'service', 'node', 'network', 'secret', 'config'].every((kind) =>
      any(filters[kind], isOne(kind)),
    )
  )
}

function line({ Type, Action, Actor, scope, at }: SwarmEvent): string {
  const older =
    Type === 'container' ? { status: Action, id: Actor.ID, from: Actor.Attributes.image } : {}
  const attributes = Object.fromEntries(
    Object.entries(Actor.Attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  const event = { ...older, Type, Action, Actor: { ID: Actor.ID, Attributes: attributes }, scope }
  const time = Number(at / 1_000_000_000n)
  // Nanoseconds are more than a number here can hold.
  return `${JSON.stringify({ ...event, time }).slice(0, -1)},"timeNano":${at}}\n`
}
