import type { Container } from '../agent/container.ts'
import { refuse } from '../errors.ts'
import { any, filtersOf, flag, hasLabels, type Request } from '../http/request.ts'
import { containerJson, containerRow } from '../write/container-json.ts'
import { createExec, inspectExec, startExec } from './exec.ts'
import { containerLogs } from './logs.ts'
import { type Daemon, empty, ok, type Reply, routes } from './parts.ts'

export const containersRoute = routes([
  ['GET', /^\/containers\/json$/, list],
  ['GET', /^\/containers\/([^/]+)\/json$/, inspect],
  [
    'GET',
    /^\/containers\/([^/]+)\/logs$/,
    (daemon, request, id) => containerLogs(daemon, request, findContainer(daemon, id)),
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    (daemon, request, id) => createExec(daemon, request, findContainer(daemon, id)),
  ],
  ['DELETE', /^\/containers\/([^/]+)$/, remove],
  ['POST', /^\/containers\/([^/]+)\/kill$/, kill],
  ['POST', /^\/exec\/([^/]+)\/start$/, startExec],
  ['GET', /^\/exec\/([^/]+)\/json$/, inspectExec],
  ['POST', /^\/exec\/([^/]+)\/resize$/, () => empty(200)],
])

/** An engine knows the containers of its own node only. */
export function containersOf({ swarm, node }: Daemon): readonly Container[] {
  return swarm.agents.containers().filter(({ task }) => task.NodeID === node?.ID)
}

function findContainer(daemon: Daemon, id: string, before = ''): Container {
  const all = containersOf(daemon)
  const found =
    all.find((one) => one.id === id || one.name === id.replace(/^\//, '')) ??
    all.find((one) => one.id.startsWith(id))
  if (!found) throw refuse(404, `${before}No such container: ${id}`)
  return found
}

const FILTERS = [
  'id',
  'name',
  'label',
  'status',
  'health',
  'ancestor',
  'exited',
  'is-task',
  'network',
]

function list(daemon: Daemon, request: Request): Reply {
  const { id, name, label, status, health, ancestor } = filtersOf(request, 500, FILTERS)
  const all = flag(request, 'all') || status !== undefined
  const found = containersOf(daemon).filter(
    (one) =>
      (all || one.state === 'running') &&
      any(id, (text) => one.id.startsWith(text)) &&
      any(name, (text) => one.name.includes(text)) &&
      any(status, (text) => one.state === text) &&
      any(health, (text) => (one.health ?? 'none') === text) &&
      any(ancestor, (text) => one.image === text) &&
      hasLabels(one.labels, label),
  )
  return ok(found.reverse().map((one) => containerRow(daemon.swarm, one)))
}

function inspect(daemon: Daemon, _request: Request, id: string): Reply {
  return ok(containerJson(daemon.swarm, findContainer(daemon, id)))
}

/** Behind the swarm's back: what it makes of it is another task. */
function kill(daemon: Daemon, request: Request, id: string): Reply {
  const container = findContainer(daemon, id, `Cannot kill container: ${id}: `)
  const signal = request.query.get('signal') ?? 'KILL'
  if (!SIGNAL.test(signal)) throw refuse(400, `Invalid signal: ${signal}`)
  if (container.state !== 'running')
    throw refuse(409, `Cannot kill container: ${id}: Container ${container.id} is not running`)
  // What a process makes of any other is its own business.
  if (!/^(?:9|(?:SIG)?KILL)$/i.test(signal))
    throw refuse(501, `this fake engine sends KILL to processes, not ${signal}`)
  daemon.swarm.agents.kill(container)
  return empty(204)
}

const SIGNAL =
  /^(?:[1-9]|[1-5]\d|6[0-4]|(?:SIG)?(?:HUP|INT|QUIT|ABRT|KILL|USR1|USR2|PIPE|ALRM|TERM|STOP|CONT))$/i

function remove(daemon: Daemon, request: Request, id: string): Reply {
  const container = findContainer(daemon, id)
  if (container.state === 'running' && !flag(request, 'force'))
    throw refuse(
      409,
      `You cannot remove a running container ${container.id}. Stop the container before attempting removal or force remove`,
    )
  daemon.swarm.agents.kill(container)
  return empty(204)
}
