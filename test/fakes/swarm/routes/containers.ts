import type { Container } from '../agent/container.ts'
import { refuse } from '../errors.ts'
import { any, filtersOf, flag, hasLabels, type Request } from '../http/request.ts'
import { printStamp } from '../store/stamps.ts'
import type { Swarm } from '../swarm.ts'
import { statusText } from '../write/objects.ts'
import { createExec, inspectExec, startExec } from './exec.ts'
import { type Daemon, empty, ok, type Reply, routes } from './parts.ts'

export const containersRoute = routes([
  ['GET', /^\/containers\/json$/, list],
  ['POST', /^\/containers\/create$/, () => refused('made')],
  ['GET', /^\/containers\/([^/]+)\/json$/, inspect],
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    (daemon, request, id) => createExec(daemon, request, findContainer(daemon, id)),
  ],
  ['DELETE', /^\/containers\/([^/]+)$/, kill],
  ['POST', /^\/containers\/([^/]+)\/kill$/, kill],
  ['POST', /^\/exec\/([^/]+)\/start$/, startExec],
  ['GET', /^\/exec\/([^/]+)\/json$/, inspectExec],
  ['POST', /^\/exec\/([^/]+)\/resize$/, () => empty(200)],
])

function refused(what: string): never {
  throw refuse(501, `containers are ${what} by services here: this fake has no others`)
}

/** An engine knows the containers of its own node only. */
export function containersOf({ swarm, node }: Daemon): readonly Container[] {
  return swarm.agents.containers().filter(({ task }) => task.NodeID === node?.ID)
}

function findContainer(daemon: Daemon, id: string): Container {
  const all = containersOf(daemon)
  const found =
    all.find((one) => one.id === id || one.name === id.replace(/^\//, '')) ??
    all.find((one) => one.id.startsWith(id))
  if (!found) throw refuse(404, `No such container: ${id}`)
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
  return ok(found.reverse().map((one) => row(daemon.swarm, one)))
}

function commandOf({ task }: Container): readonly string[] {
  const { Command = [], Args = [] } = task.Spec.ContainerSpec ?? {}
  return [...Command, ...Args]
}

function row(swarm: Swarm, container: Container): object {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.image,
    ImageID: swarm.imageId(container.image),
    Command: commandOf(container).join(' '),
    Created: Number(container.created / 1_000_000_000n),
    Ports: [],
    Labels: container.labels,
    State: container.state,
    Status: statusText(container, swarm.time.now),
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  }
}

function inspect(daemon: Daemon, _request: Request, id: string): Reply {
  const container = findContainer(daemon, id)
  const [Path = '', ...Args] = commandOf(container)
  const { state, health } = container
  const spec = container.task.Spec.ContainerSpec ?? {}
  const stamp = (at: bigint | undefined) => (at ? printStamp(at) : '0001-01-01T00:00:00Z')
  return ok({
    Id: container.id,
    Created: printStamp(container.created),
    Path,
    Args,
    State: {
      Status: state,
      Running: state === 'running',
      Paused: false,
      Restarting: false,
      OOMKilled: container.oom,
      Dead: false,
      Pid: container.pid,
      ExitCode: Math.max(0, container.exitCode),
      Error: '',
      StartedAt: stamp(container.started),
      FinishedAt: stamp(container.finished),
      ...(health ? { Health: { Status: health, FailingStreak: 0, Log: [] } } : {}),
    },
    Image: daemon.swarm.imageId(container.image),
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    Mounts: [],
    Config: {
      Hostname: container.hostname,
      Env: container.environment,
      Cmd: commandOf(container),
      Image: container.image,
      Tty: spec.TTY === true,
      Labels: container.labels,
    },
  })
}

/** Behind the swarm's back: what it makes of it is another task. */
function kill(daemon: Daemon, request: Request, id: string): Reply {
  const container = findContainer(daemon, id)
  if (container.state !== 'running' && request.method === 'POST')
    throw refuse(409, `Cannot kill container: ${id}: Container ${container.id} is not running`)
  if (container.state === 'running' && request.method === 'DELETE' && !flag(request, 'force'))
    throw refuse(
      409,
      `You cannot remove a running container ${container.id}. Stop the container before attempting removal or force remove`,
    )
  daemon.swarm.agents.kill(container)
  return empty(204)
}
