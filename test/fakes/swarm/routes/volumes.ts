import { refuse } from '../errors.ts'
import { any, filtersOf, jsonBody, type Request } from '../http/request.ts'
import type { TaskRecord } from '../store/objects.ts'
import type { Swarm } from '../swarm.ts'
import { created, type Daemon, empty, ok, type Reply, routes } from './parts.ts'

export const volumesRoute = routes([
  ['GET', /^\/volumes$/, list],
  ['POST', /^\/volumes\/create$/, create],
  ['GET', /^\/volumes\/([^/]+)$/, (daemon, _request, name) => ok(find(daemon, name))],
  ['DELETE', /^\/volumes\/([^/]+)$/, remove],
])

export interface Volume {
  readonly CreatedAt: string
  readonly Driver: string
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Mountpoint: string
  readonly Name: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Scope: 'local'
}

interface Wanted {
  readonly Name?: string
  readonly Labels?: Readonly<Record<string, string>> | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | undefined
}

function shelf({ swarm, node }: Daemon): Map<string, Volume> {
  return swarm.volumesOn(node?.ID ?? '')
}

function list(daemon: Daemon, request: Request): Reply {
  const known = ['dangling', 'name', 'driver', 'label']
  const { name } = filtersOf(request, 400, known, 'error reading volume filters: ')
  const found = [...shelf(daemon).values()].filter(({ Name }) =>
    any(name, (text) => Name.includes(text)),
  )
  return ok({ Volumes: found, Warnings: null })
}

function create(daemon: Daemon, request: Request): Reply {
  const wanted = jsonBody(request) as Wanted
  const { Name = daemon.swarm.store.ids.local(), Labels, DriverOpts } = wanted
  return created(haveVolume(daemon.swarm, daemon.node?.ID ?? '', { Name, Labels, DriverOpts }))
}

/** The volume of this name on a node, made if it is not there. */
export function haveVolume(
  swarm: Swarm,
  node: string,
  { Name, Labels, DriverOpts }: Wanted & { readonly Name: string },
): Volume {
  const shelf = swarm.volumesOn(node)
  const known = shelf.get(Name)
  if (known) return known
  const now = new Date(swarm.time.now).toISOString()
  const volume: Volume = {
    CreatedAt: now.replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels: Labels ?? null,
    Mountpoint: `/var/lib/docker/volumes/${Name}/_data`,
    Name,
    Options: DriverOpts ?? null,
    Scope: 'local',
  }
  shelf.set(Name, volume)
  return volume
}

/** Those a task mounts by their names. */
export function volumesOf({ Spec }: TaskRecord): readonly string[] {
  return (Spec.ContainerSpec?.Mounts ?? []).flatMap(({ Type, Source }) =>
    Type === 'volume' && Source ? Source : [],
  )
}

function find(daemon: Daemon, name: string): Volume {
  const found = shelf(daemon).get(name)
  if (!found) throw refuse(404, `get ${name}: no such volume`)
  return found
}

function remove(daemon: Daemon, _request: Request, name: string): Reply {
  const volume = find(daemon, name)
  const users = daemon.swarm.agents
    .containers()
    .filter(({ task }) => task.NodeID === daemon.node?.ID && volumesOf(task).includes(name))
    .map(({ id }) => id)
  if (users.length > 0)
    throw refuse(409, `remove ${name}: volume is in use - [${users.join(', ')}]`)
  shelf(daemon).delete(volume.Name)
  return empty(204)
}
