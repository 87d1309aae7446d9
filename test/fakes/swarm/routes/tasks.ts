import { notFound, refuse } from '../errors.ts'
import { any, filtersOf, hasLabels, type Request } from '../http/request.ts'
import { isDirty } from '../orchestrate/dirty.ts'
import type { TaskRecord } from '../store/objects.ts'
import type { Swarm } from '../swarm.ts'
import { taskJson } from '../write/objects.ts'
import { taskLogs } from './logs.ts'
import { findNode } from './nodes.ts'
import { type Daemon, find, ok, type Reply, routes } from './parts.ts'
import { findService } from './services.ts'

export const tasksRoute = routes([
  ['GET', /^\/tasks$/, list],
  [
    'GET',
    /^\/tasks\/([^/]+)\/logs$/,
    (daemon, request, id) => taskLogs(daemon, request, findTask(daemon.swarm, id)),
  ],
  ['GET', /^\/tasks\/([^/]+)$/, ({ swarm }, _request, id) => ok(taskJson(findTask(swarm, id)))],
])

function findTask({ store }: Swarm, id: string): TaskRecord {
  const found = find(
    store.tasks.values(),
    id,
    (task) => nameOf(task),
    (count) => refuse(400, `task ${id} is ambiguous (${count} matches found)`),
  )
  if (!found) throw notFound('task', id)
  return found
}

function nameOf({ serviceName, Slot, NodeID, ID }: TaskRecord): string {
  return `${serviceName}.${Slot ?? NodeID}.${ID}`
}

const FILTERS = [
  'name',
  'id',
  'label',
  'service',
  'node',
  'desired-state',
  '_up-to-date',
  'runtime',
]
const DESIRED = ['running', 'ready', 'accepted', 'shutdown', 'complete', 'remove']

function list(daemon: Daemon, request: Request): Reply {
  const { swarm } = daemon
  const { store } = swarm
  const filters = filtersOf(request, 500, FILTERS)
  const states = filters['desired-state']
  for (const state of states ?? [])
    if (!DESIRED.includes(state)) throw refuse(500, `Invalid desired-state filter: '${state}'`)
  const services = filters.service?.map((id) => findService(swarm, id).ID)
  const nodes = filters.node?.map((id) => findNode(daemon, id).ID)
  const label = filters.label
  const candidates =
    services?.length === 1 ? store.tasksOf(services[0] as string) : [...store.tasks.values()]
  const found = candidates.filter(
    (task) =>
      any(services, (id) => task.ServiceID === id) &&
      any(nodes, (id) => task.NodeID === id) &&
      any(filters.id, (text) => task.ID.startsWith(text)) &&
      any(filters.name, (text) => nameOf(task).startsWith(text)) &&
      any(states, (state) => task.DesiredState === state) &&
      any(filters['_up-to-date'], (text) => isUpToDate(swarm, task) === (text === 'true')) &&
      // A task has the labels its service had when it was made, and not those of its container.
      hasLabels(task.serviceLabels, label),
  )
  return ok(found.map(taskJson))
}

function isUpToDate({ store }: Swarm, task: TaskRecord): boolean {
  const service = store.services.get(task.ServiceID)
  return service !== undefined && !isDirty(service, task, store.nodes.get(task.NodeID ?? ''))
}
