import { notFound, refuse, rpc } from '../errors.ts'
import { any, filtersOf, flag, hasLabels, jsonBody, type Request } from '../http/request.ts'
import { decode } from '../spec/go.ts'
import { nodeSpec } from '../spec/structs.ts'
import type { NodeObject } from '../store/objects.ts'
import { nodeJson } from '../write/objects.ts'
import { type Daemon, empty, find, ok, type Reply, routes } from './parts.ts'

export const nodesRoute = routes([
  ['GET', /^\/nodes$/, list],
  ['GET', /^\/nodes\/([^/]+)$/, (daemon, _request, id) => ok(nodeJson(findNode(daemon, id)))],
  ['POST', /^\/nodes\/([^/]+)\/update$/, update],
  ['DELETE', /^\/nodes\/([^/]+)$/, remove],
])

export function findNode({ swarm }: Daemon, id: string): NodeObject {
  const found = find(
    swarm.store.nodes.values(),
    id,
    ({ Description }) => Description?.Hostname,
    (count) => refuse(400, `node ${id} is ambiguous (${count} matches found)`),
  )
  if (!found) throw notFound('node', id)
  return found
}

const FILTERS = ['name', 'id', 'label', 'node.label', 'role', 'membership']

function list({ swarm }: Daemon, request: Request): Reply {
  const filters = filtersOf(request, 500, FILTERS)
  for (const role of filters.role ?? [])
    if (role !== 'worker' && role !== 'manager') throw refuse(500, `Invalid role filter: '${role}'`)
  const nodes = [...swarm.store.nodes.values()].filter(
    ({ ID, Spec, Description }) =>
      any(filters.name, (text) => Description?.Hostname?.startsWith(text) === true) &&
      any(filters.id, (text) => ID.startsWith(text)) &&
      any(filters.role, (role) => Spec.Role === role) &&
      hasLabels(Description?.Engine?.Labels, filters.label) &&
      hasLabels(Spec.Labels, filters['node.label']),
  )
  return ok(nodes.map(nodeJson))
}

function update(daemon: Daemon, request: Request, id: string): Reply {
  const { store, nodes, orchestrator } = daemon.swarm
  const spec = decode(nodeSpec, jsonBody(request)) as NodeObject['Spec']
  const text = request.query.get('version') ?? ''
  if (!/^\d+$/.test(text))
    throw refuse(
      400,
      `invalid node version '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`,
    )
  const node = findNode(daemon, id)
  if (spec.Role !== undefined && spec.Role !== 'worker' && spec.Role !== 'manager')
    throw refuse(400, `invalid Role: "${spec.Role}"`)
  const { Availability = 'active' } = spec
  if (!['active', 'pause', 'drain'].includes(Availability))
    throw refuse(400, `invalid Availability: "${Availability}"`)
  if (node.Version.Index !== Number(text)) throw rpc('Unknown', 'update out of sequence')
  const managers = [...store.nodes.values()].filter((one) => one.Spec.Role === 'manager')
  if (spec.Role === 'worker' && node.Spec.Role === 'manager' && managers.length === 1)
    throw rpc('FailedPrecondition', 'attempting to demote the last manager of the swarm')
  if (spec.Role !== undefined && spec.Role !== node.Spec.Role)
    throw rpc('Unimplemented', 'the members of this fake keep their roles')
  const before = node.Spec
  node.Spec = {
    ...(spec.Name ? { Name: spec.Name } : {}),
    Labels: spec.Labels ?? {},
    Role: before.Role ?? 'worker',
    Availability,
  }
  store.touch(node)
  const changes: Record<string, string> = { name: node.record.name }
  if (before.Availability !== Availability) {
    changes['availability.new'] = Availability
    changes['availability.old'] = before.Availability ?? 'active'
  }
  store.tell('node', 'update', node, changes)
  nodes.setAvailability(node, Availability)
  orchestrator.nodeChanged(node)
  return empty(200)
}

function remove(daemon: Daemon, request: Request, id: string): Reply {
  const node = findNode(daemon, id)
  if (node.Spec.Role === 'manager' && !flag(request, 'force'))
    throw rpc(
      'FailedPrecondition',
      `node ${node.ID} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
    )
  if (node.Status.State !== 'down' && !flag(request, 'force'))
    throw rpc('FailedPrecondition', `node ${node.ID} is not down and can't be removed`)
  daemon.swarm.store.nodes.delete(node.ID)
  daemon.swarm.store.tell('node', 'remove', node, { name: node.record.name })
  return empty(200)
}
