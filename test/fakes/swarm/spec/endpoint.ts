import { nextAddress } from '../agent/attachments.ts'
import { invalid } from '../errors.ts'
import type { PortConfig, ServiceRecord, ServiceSpec } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

const DYNAMIC = { first: 30_000, last: 32_767 }

/** Refuses ports of the mesh that another service has. */
export function refuseTakenPorts(store: Store, spec: ServiceSpec, own?: ServiceRecord): void {
  const wanted = meshPorts(spec.EndpointSpec?.Ports ?? []).filter(
    ({ PublishedPort }) => PublishedPort,
  )
  for (const other of store.services.values()) {
    if (other === own) continue
    const taken = meshPorts(other.Endpoint?.Ports ?? other.Spec.EndpointSpec?.Ports ?? [])
    for (const port of wanted) {
      if (!taken.some((one) => key(one) === key(port))) continue
      throw invalid(
        `port '${port.PublishedPort}' is already in use by service '${other.Spec.Name}' (${other.ID}) as an ingress port`,
      )
    }
  }
}

/** Ports and addresses for a service; what it had and still wants, it keeps. Whether there was anything to give. */
export function allocate(store: Store, service: ServiceRecord): boolean {
  const { EndpointSpec = {} } = service.Spec
  const before = service.Endpoint
  const taken = new Set(
    [...store.services.values()]
      .filter((other) => other !== service)
      .flatMap(({ Endpoint }) => meshPorts(Endpoint?.Ports ?? []).map(key)),
  )
  const ports = (EndpointSpec.Ports ?? []).map((port) => {
    if (port.PublishedPort || port.PublishMode === 'host') return port
    const kept = before?.Ports?.find(
      (one) => one.TargetPort === port.TargetPort && one.Protocol === port.Protocol,
    )
    const PublishedPort = kept?.PublishedPort ?? freePort(taken, port)
    taken.add(key({ ...port, PublishedPort }))
    const { Name, Protocol, TargetPort, PublishMode } = port
    return {
      ...(Name ? { Name } : {}),
      Protocol,
      TargetPort,
      PublishedPort,
      PublishMode,
    } as PortConfig
  })
  const addresses = EndpointSpec.Mode === 'dnsrr' ? [] : virtualAddresses(store, service, ports)
  const given = ports.length > 0 || addresses.length > 0
  service.Endpoint = {
    Spec: given ? EndpointSpec : {},
    ...(ports.length > 0 ? { Ports: ports } : {}),
    ...(addresses.length > 0 ? { VirtualIPs: addresses } : {}),
  }
  return given
}

function virtualAddresses(
  store: Store,
  { Endpoint, Spec }: ServiceRecord,
  ports: readonly PortConfig[],
) {
  const ingress = [...store.networks.values()].find((network) => network.ingress)
  const ids = [
    ...(meshPorts(ports).length > 0 && ingress ? [ingress.ID] : []),
    ...(Spec.TaskTemplate.Networks ?? []).map(({ Target }) => Target),
  ]
  return ids.flatMap((NetworkID) => {
    const kept = Endpoint?.VirtualIPs?.find((one) => one.NetworkID === NetworkID)
    if (kept) return [kept]
    const network = store.networks.get(NetworkID)
    return network ? [{ NetworkID, Addr: nextAddress(network) }] : []
  })
}

function meshPorts(ports: readonly PortConfig[]): readonly PortConfig[] {
  return ports.filter(({ PublishMode }) => PublishMode !== 'host')
}

function key({ PublishedPort, Protocol }: PortConfig): string {
  return `${PublishedPort}/${Protocol ?? 'tcp'}`
}

function freePort(taken: ReadonlySet<string>, port: PortConfig): number {
  let candidate = DYNAMIC.first
  while (taken.has(key({ ...port, PublishedPort: candidate })) && candidate < DYNAMIC.last)
    candidate++
  return candidate
}
