import { refuse } from '../errors.ts'
import { any, filtersOf, jsonBody, type Request } from '../http/request.ts'
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
  const wanted = jsonBody(request) as {
    readonly Name?: string
    readonly Labels?: Readonly<Record<string, string>>
    readonly DriverOpts?: Readonly<Record<string, string>>
  }
  const { Name = daemon.swarm.store.ids.local(), Labels = null, DriverOpts = null } = wanted
  const known = shelf(daemon).get(Name)
  if (known) return created(known)
  const now = new Date(daemon.swarm.time.now).toISOString()
  const volume: Volume = {
    CreatedAt: now.replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels,
    Mountpoint: `/var/lib/docker/volumes/${Name}/_data`,
    Name,
    Options: DriverOpts,
    Scope: 'local',
  }
  shelf(daemon).set(Name, volume)
  return created(volume)
}

function find(daemon: Daemon, name: string): Volume {
  const found = shelf(daemon).get(name)
  if (!found) throw refuse(404, `get ${name}: no such volume`)
  return found
}

function remove(daemon: Daemon, _request: Request, name: string): Reply {
  shelf(daemon).delete(find(daemon, name).Name)
  return empty(204)
}
