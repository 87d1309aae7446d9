import { notFound, refuse, rpc } from '../errors.ts'
import { any, filtersOf, hasLabels, jsonBody, type Request } from '../http/request.ts'
import { decode } from '../spec/go.ts'
import { networkCreate } from '../spec/structs.ts'
import { validateName } from '../spec/validate.ts'
import { isOver, type NetworkRecord, RUNNING, rank } from '../store/objects.ts'
import type { Swarm } from '../swarm.ts'
import { networkJson } from '../write/network.ts'
import { isUsedOn, networkOnNode } from '../write/network-use.ts'
import { created, type Daemon, empty, find, ok, type Reply, routes } from './parts.ts'

export const networksRoute = routes([
  ['GET', /^\/networks$/, list],
  ['POST', /^\/networks\/create$/, create],
  ['GET', /^\/networks\/([^/]+)$/, inspect],
  ['DELETE', /^\/networks\/([^/]+)$/, remove],
])

function findNetwork({ store }: Swarm, id: string): NetworkRecord | undefined {
  return find(
    store.networks.values(),
    id,
    ({ name }) => name,
    (count) =>
      refuse(400, `network ${id} is ambiguous (${count} matches found based on ID prefix)`),
  )
}

function list({ swarm, node }: Daemon, request: Request): Reply {
  const known = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']
  const { driver, id, label, name, scope, type } = filtersOf(request, 500, known)
  const rows = [
    ...(swarm.isManager(node) ? [...swarm.store.networks.values()].map(networkJson) : []),
    ...swarm.localNetworks,
  ] as readonly LocalNetwork[]
  return ok(
    rows.filter(
      (row) =>
        any(driver, (text) => row.Driver === text) &&
        any(id, (text) => row.Id.startsWith(text)) &&
        any(name, (text) => row.Name.includes(text)) &&
        any(scope, (text) => row.Scope === text) &&
        any(type, (text) => (text === 'builtin') === BUILT_IN.includes(row.Name)) &&
        hasLabels(row.Labels ?? undefined, label),
    ),
  )
}

/** Removed from the swarm, and still there for containers of this node that have not ended. */
function leftBehind(daemon: Daemon, id: string): NetworkRecord | undefined {
  const { removedNetworks } = daemon.swarm.store
  return [...removedNetworks].find(
    (network) => [network.ID, network.name].includes(id) && isUsedOn(daemon, network),
  )
}

const BUILT_IN = ['bridge', 'host', 'none']

interface LocalNetwork {
  readonly Name: string
  readonly Id: string
  readonly Scope: string
  readonly Driver: string
  readonly Labels: Readonly<Record<string, string>> | null
}

function inspect(daemon: Daemon, _request: Request, id: string): Reply {
  const { swarm } = daemon
  const network = findNetwork(swarm, id) ?? leftBehind(daemon, id)
  if (network) return ok(networkOnNode(daemon, network))
  const local = (swarm.localNetworks as readonly LocalNetwork[]).find(
    ({ Name, Id }) => Name === id || Id.startsWith(id),
  )
  if (!local) throw notFound('network', id)
  return ok(local)
}

interface Wanted {
  readonly Name?: string
  readonly Driver?: string
  readonly EnableIPv6?: boolean
  readonly Internal?: boolean
  readonly Attachable?: boolean
  readonly Ingress?: boolean
  readonly Options?: Readonly<Record<string, string>>
  readonly Labels?: Readonly<Record<string, string>>
  readonly IPAM?: {
    readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string }[]
  }
}

function create({ swarm, node }: Daemon, request: Request): Reply {
  const { store } = swarm
  const wanted = decode(networkCreate, jsonBody(request)) as Wanted
  const { Name: name = '', Driver: driver = 'bridge' } = wanted
  if (name === '') throw refuse(500, 'invalid name: ')
  if (driver !== 'overlay')
    throw refuse(501, `this fake makes networks of the driver overlay only, not "${driver}"`)
  swarm.refuseUnlessManager(node, 'network')
  validateName(name)
  if (findNetwork(swarm, name)?.name === name)
    throw refuse(409, `network with name ${name} already exists`)
  if (wanted.Ingress && [...store.networks.values()].some(({ ingress }) => ingress))
    throw rpc('AlreadyExists', 'ingress network already present')
  const network = addNetwork(swarm, { ...wanted, Name: name })
  return created({ Id: network.ID, Warning: '' })
}

/** Its subnet is the next of the swarm's pool unless it brings one. */
export function addNetwork(
  { store }: Swarm,
  wanted: Wanted & { readonly Name: string },
): NetworkRecord {
  const [pool] = wanted.IPAM?.Config ?? []
  const taken = new Set([...store.networks.values()].map(({ subnet }) => subnet))
  let third = 0
  while (taken.has(`10.0.${third}.0/24`)) third++
  const subnet = pool?.Subnet ?? `10.0.${third}.0/24`
  const gateway = pool?.Gateway ?? subnet.replace(/\d+\/\d+$/, '1')
  const vxlan =
    4096 + Math.max(-1, ...[...store.networks.values()].map((one) => one.vxlan - 4096)) + 1
  const network: NetworkRecord = {
    ...store.born(),
    name: wanted.Name,
    labels: wanted.Labels,
    driver: 'overlay',
    attachable: wanted.Attachable === true,
    internal: wanted.Internal === true,
    ingress: wanted.Ingress === true,
    ipv6: wanted.EnableIPv6 === true,
    options: wanted.Options ?? {},
    subnet,
    gateway,
    vxlan,
    ownPool: pool !== undefined,
    lastAddress: 1,
  }
  store.networks.set(network.ID, network)
  store.tell('network', 'create', network, { name: network.name })
  store.touch(network)
  store.tell('network', 'update', network, { name: network.name })
  return network
}

function remove({ swarm, node }: Daemon, _request: Request, id: string): Reply {
  const { store } = swarm
  const network = findNetwork(swarm, id)
  if (!network) {
    if (BUILT_IN.includes(id))
      throw refuse(403, `${id} is a pre-defined network and cannot be removed`)
    throw notFound('network', id)
  }
  swarm.refuseUnlessManager(node, 'network')
  const user = [...store.services.values()].find(({ Spec }) =>
    (Spec.TaskTemplate.Networks ?? []).some(({ Target }) => Target === network.ID),
  )
  if (user) throw rpc('FailedPrecondition', `network ${network.ID} is in use by service ${user.ID}`)
  const attached = [...store.tasks.values()].find(
    (task) =>
      rank(task.DesiredState) <= RUNNING &&
      !isOver(task) &&
      task.NetworksAttachments?.some(({ Network }) => Network?.ID === network.ID),
  )
  if (attached)
    throw rpc('FailedPrecondition', `network ${network.ID} is in use by task ${attached.ID}`)
  store.networks.delete(network.ID)
  store.removedNetworks.add(network)
  store.tell('network', 'remove', network, { name: network.name })
  return empty(204)
}
