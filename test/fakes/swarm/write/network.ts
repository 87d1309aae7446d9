import type { NetworkRecord } from '../store/objects.ts'

/** A network of the swarm as the engine's network API tells it. */
export function networkJson(network: NetworkRecord): object {
  const { options, labels } = network
  return {
    Name: network.name,
    Id: network.ID,
    Created: network.CreatedAt,
    Scope: 'swarm',
    Driver: network.driver,
    EnableIPv6: network.ipv6,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: [{ Subnet: network.subnet, Gateway: network.gateway }],
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options: {
      'com.docker.network.driver.overlay.vxlanid_list': String(network.vxlan),
      ...options,
    },
    Labels: labels ?? null,
  }
}

/** The same as a task tells it that is attached to it. */
export function networkObject(network: NetworkRecord): {
  readonly ID: string
  readonly Spec: { readonly Name: string; readonly Ingress?: boolean }
} {
  const { ID, Version, CreatedAt, UpdatedAt, name, driver, subnet, gateway, vxlan } = network
  const pool = { Driver: { Name: 'default' }, Configs: [{ Subnet: subnet, Gateway: gateway }] }
  const parts = {
    Version,
    CreatedAt,
    UpdatedAt,
    DriverState: {
      Name: driver,
      Options: { 'com.docker.network.driver.overlay.vxlanid_list': String(vxlan) },
    },
    IPAMOptions: pool,
  }
  const spec = {
    Name: name,
    Labels: network.labels ?? {},
    DriverConfiguration: { Name: driver },
    ...(network.internal ? { Internal: true } : {}),
    ...(network.attachable ? { Attachable: true } : {}),
    ...(network.ingress ? { Ingress: true } : {}),
    ...(network.ownPool ? { IPAMOptions: pool } : {}),
    Scope: 'swarm',
  }
  return { ID, ...parts, Spec: spec }
}
