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
    Options: {},
    Labels: {},
  }
}
