import { createHash } from 'node:crypto'
import type { Daemon } from '../routes/parts.ts'
import type { NetworkRecord } from '../store/objects.ts'
import { networkJson } from './network.ts'

/** Whether containers on this node still are in the network: until they have ended, it is there. */
export function isUsedOn(daemon: Daemon, network: NetworkRecord): boolean {
  return endpointsOn(daemon, network).length > 0
}

/** The network as the engine of a node knows it: with what is attached there, if anything is. */
export function networkOnNode(daemon: Daemon, network: NetworkRecord): object {
  const endpoints = endpointsOn(daemon, network)
  if (endpoints.length === 0) return networkJson(network)
  const balancer = network.subnet.replace(/\d+\/(\d+)$/, '254/$1')
  return {
    ...networkJson(network),
    Containers: Object.fromEntries([
      ...endpoints.map(({ id, name, address }) => [id, endpoint(id, name, address)]),
      [`lb-${network.name}`, endpoint(network.ID, `${network.name}-endpoint`, balancer)],
    ]),
    Labels: network.labels ?? {},
    Peers: [{ Name: daemon.node?.ID.slice(0, 12) ?? '', IP: daemon.node?.Status.Addr ?? '' }],
  }
}

function endpointsOn({ swarm, node }: Daemon, network: NetworkRecord) {
  return swarm.agents.containers().flatMap(({ id, name, task, state }) => {
    if (task.NodeID !== node?.ID || state === 'exited') return []
    const own = task.NetworksAttachments?.find(({ Network }) => Network?.ID === network.ID)
    return own ? [{ id, name, address: own.Addresses?.[0] ?? '' }] : []
  })
}

function endpoint(of: string, Name: string, IPv4Address: string): object {
  const [address = ''] = IPv4Address.split('/')
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return {
    Name,
    EndpointID: createHash('sha256').update(`${of} ${IPv4Address}`).digest('hex'),
    MacAddress: ['02', '42', ...bytes].join(':'),
    IPv4Address,
    IPv6Address: '',
  }
}
