import { isObject, type Json } from './patch.ts'
import type { AppDefinition, IpAddress, Network, PortMapping } from './wire.ts'

/** What only the server writes: sent back, some of it is refused and one of it means "go back to that version". */
export const READ_ONLY: readonly string[] = [
  'version',
  'versionInfo',
  'tasks',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'tasksStats',
  'taskStats',
  'deployments',
  'lastTaskFailure',
  'failures',
  'readinessCheckResults',
]

export function withoutReadOnly<T extends object>(native: T): T {
  return Object.fromEntries(Object.entries(native).filter(([key]) => !READ_ONLY.includes(key))) as T
}

/** Servers before 1.5 write `null` for what is not there. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  ) as T
}

/**
 * Either form of an app in the one since 1.5, as the server itself rewrites it (AppNormalization.scala). What is in that form
 * already stays as it is.
 */
export function modern(raw: AppDefinition): AppDefinition {
  const clean = withoutNulls(withoutReadOnly(raw))
  const { uris, ports, ipAddress, ...rest } = clean
  const { docker } = rest.container ?? {}
  const app: AppDefinition = {
    ...rest,
    ...(uris?.length && !rest.fetch?.length ? { fetch: uris.map(fetchOf) } : {}),
    ...networking(clean),
  }
  const definitions = rest.portDefinitions ?? ports?.map((port) => ({ port }))
  const { portDefinitions: _, ...portless } = app
  const withPorts =
    definitions && isHost(app.networks) ? { ...portless, portDefinitions: definitions } : portless
  const mappings = rest.container?.portMappings ?? docker?.portMappings ?? discovered(ipAddress)
  if (!rest.container && (!mappings || isHost(app.networks))) return withPorts
  const { portMappings: __, ...container } = rest.container ?? { type: 'MESOS' }
  return {
    ...withPorts,
    container: {
      ...container,
      ...(docker ? { docker: omit(docker, ['network', 'portMappings']) } : {}),
      ...(mappings && !isHost(app.networks) ? { portMappings: mappings } : {}),
    },
  }
}

export function isHost(networks: readonly Network[] | undefined): boolean {
  return !networks?.length || networks.some(({ mode }) => mode === 'host')
}

function networking({
  networks,
  ipAddress,
  container,
}: AppDefinition): Pick<AppDefinition, 'networks'> {
  if (networks?.length) return { networks }
  switch (container?.docker?.network) {
    case 'BRIDGE':
      return { networks: [{ mode: 'container/bridge' }] }
    case 'USER':
      return { networks: [containerNetwork(ipAddress)] }
    case undefined:
      return ipAddress ? { networks: [containerNetwork(ipAddress)] } : {}
    default:
      return { networks: [{ mode: 'host' }] }
  }
}

function containerNetwork(ipAddress: IpAddress | undefined): Network {
  return {
    mode: 'container',
    ...(ipAddress?.networkName ? { name: ipAddress.networkName } : {}),
    ...(Object.keys(ipAddress?.labels ?? {}).length > 0 ? { labels: ipAddress?.labels ?? {} } : {}),
  }
}

function discovered(ipAddress: IpAddress | undefined): readonly PortMapping[] | undefined {
  return ipAddress?.discovery?.ports?.map(({ number = 0, ...port }) => ({
    containerPort: number,
    ...port,
  }))
}

const ARCHIVE = /\.(?:tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|zip)$/

function fetchOf(uri: string): Json {
  return { uri, extract: ARCHIVE.test(uri) }
}

/** The form before 1.5. What it has no word for was left out, and named, before. */
export function legacy(app: AppDefinition): AppDefinition {
  const { networks = [{ mode: 'host' }], container, ...rest } = app
  const [network = { mode: 'host' }] = networks
  const { portMappings, docker, ...inner } = container ?? {}
  const mode = network.mode ?? 'container'
  const word = mode === 'host' ? 'HOST' : mode === 'container/bridge' ? 'BRIDGE' : 'USER'
  const byDocker = inner.type !== 'MESOS'
  return {
    ...rest,
    ...(mode === 'container'
      ? { ipAddress: ipAddressOf(network, byDocker ? [] : portMappings) }
      : {}),
    ...(container
      ? {
          container: {
            ...inner,
            ...(docker
              ? {
                  docker: {
                    ...docker,
                    ...(byDocker ? { network: word } : {}),
                    ...(byDocker && word !== 'HOST' && portMappings ? { portMappings } : {}),
                  },
                }
              : {}),
          },
        }
      : {}),
  }
}

function ipAddressOf(network: Network, ports: readonly PortMapping[] = []): IpAddress {
  return {
    ...(network.name ? { networkName: network.name } : {}),
    ...(network.labels ? { labels: network.labels } : {}),
    ...(ports.length > 0
      ? {
          discovery: {
            ports: ports.map(({ containerPort, name, protocol, labels }) => ({
              number: containerPort ?? 0,
              ...(name === undefined ? {} : { name }),
              ...(protocol === undefined ? {} : { protocol }),
              ...(labels === undefined ? {} : { labels }),
            })),
          },
        }
      : {}),
  }
}

export function omit<T extends object, Key extends string>(
  value: T,
  keys: readonly Key[],
): Omit<T, Key> {
  const all: readonly string[] = keys
  return Object.fromEntries(Object.entries(value).filter(([key]) => !all.includes(key))) as Omit<
    T,
    Key
  >
}
