import type { AppDefinition } from '../normal/app.ts'
import { servicePorts } from '../store/ports.ts'

/** An app as Marathon wrote it before 1.5: networks and ports in their old places, and `null` for what is absent. */
export function oldAppJson(definition: AppDefinition): Readonly<Record<string, unknown>> {
  const { networks, portDefinitions, role: _, ...rest } = definition
  const onAddress = networks.find(({ mode }) => mode === 'container')
  const mappings = definition.container?.portMappings ?? []
  const ports = servicePorts(definition)
  return {
    args: null,
    cmd: null,
    user: null,
    env: {},
    constraints: [],
    dependencies: [],
    fetch: [],
    healthChecks: [],
    readinessChecks: [],
    residency: null,
    secrets: {},
    storeUrls: [],
    acceptedResourceRoles: null,
    taskKillGracePeriodSeconds: null,
    ...rest,
    uris: (definition.fetch ?? []).map(({ uri }) => uri),
    container: oldContainer(definition),
    ipAddress: onAddress
      ? {
          groups: [],
          labels: onAddress.labels ?? {},
          ...(onAddress.name === undefined ? {} : { networkName: onAddress.name }),
          discovery: {
            ports: definition.container?.docker
              ? []
              : mappings.map(({ containerPort = 0, name = 'default', protocol = 'tcp' }) => ({
                  number: containerPort,
                  name,
                  protocol,
                  labels: {},
                })),
          },
        }
      : null,
    ...(portDefinitions
      ? {
          ports,
          portDefinitions: portDefinitions.map((one) => ({ labels: {}, ...one })),
        }
      : { ports: onAddress ? [] : ports }),
  }
}

function oldContainer({ container, networks }: AppDefinition): object | null {
  if (!container) return null
  const { portMappings, docker, linuxInfo: _, ...rest } = container
  if (!docker) return rest
  const [network] = networks
  const kind =
    network?.mode === 'container/bridge'
      ? 'BRIDGE'
      : network?.mode === 'container'
        ? 'USER'
        : 'HOST'
  return {
    ...rest,
    docker: {
      privileged: false,
      parameters: [],
      ...docker,
      ...(container.type === 'MESOS'
        ? {}
        : { network: kind, portMappings: kind === 'HOST' ? [] : (portMappings ?? []) }),
    },
  }
}
