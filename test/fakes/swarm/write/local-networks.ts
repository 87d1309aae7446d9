import type { Identities } from '../store/identity.ts'

/** The networks every engine has by itself. */
export function localNetworks(ids: Identities, Created: string): readonly object[] {
  return [
    network(ids, Created, 'bridge', 'bridge', [{ Subnet: '172.17.0.0/16' }]),
    network(ids, Created, 'docker_gwbridge', 'bridge', [
      { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' },
    ]),
    network(ids, Created, 'host', 'host', []),
    network(ids, Created, 'none', 'null', []),
  ]
}

function network(
  ids: Identities,
  Created: string,
  Name: string,
  Driver: string,
  Config: readonly object[],
): object {
  return {
    Name,
    Id: ids.local(),
    Created,
    Scope: 'local',
    Driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: Driver === 'bridge' ? bridgeOptions(Name) : {},
    Labels: {},
  }
}

function bridgeOptions(name: string): Readonly<Record<string, string>> {
  const option = (what: string, value: string) => ({ [`com.docker.network.${what}`]: value })
  const common = option('bridge.enable_ip_masquerade', 'true')
  if (name !== 'bridge')
    return {
      ...option('bridge.enable_icc', 'false'),
      ...common,
      ...option('bridge.name', name),
    }
  return {
    ...option('bridge.default_bridge', 'true'),
    ...option('bridge.enable_icc', 'true'),
    ...common,
    ...option('bridge.host_binding_ipv4', '0.0.0.0'),
    ...option('bridge.name', 'docker0'),
    ...option('driver.mtu', '1500'),
  }
}
