import type { NetworkRecord, TaskRecord } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { networkObject } from '../write/network.ts'

/** The task's addresses in the networks of the swarm. `undefined`: it has them already, or is in none. */
export function attachNetworks(
  store: Store,
  task: TaskRecord,
): TaskRecord['NetworksAttachments'] | undefined {
  if (task.NetworksAttachments) return undefined
  const networks = networksOf(store, task)
  if (networks.length === 0) return undefined
  return networks.map((network) => ({
    Network: networkObject(network),
    Addresses: [nextAddress(network)],
  }))
}

function networksOf(store: Store, { Spec, endpoint }: TaskRecord): NetworkRecord[] {
  const all = [...store.networks.values()]
  const published = (endpoint?.Ports ?? []).some(({ PublishMode }) => PublishMode !== 'host')
  const ingress = published ? all.filter((network) => network.ingress) : []
  const attached = (Spec.Networks ?? []).flatMap(({ Target }) => {
    const network = store.networks.get(Target)
    return network ? [network] : []
  })
  return [...ingress, ...attached]
}

export function nextAddress(network: NetworkRecord): string {
  network.lastAddress++
  const [address = '', bits = '24'] = network.subnet.split('/')
  const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const own = base + network.lastAddress
  return `${[24, 16, 8, 0].map((shift) => Math.floor(own / 2 ** shift) % 256).join('.')}/${bits}`
}
