import { notNormal, notValid } from '../errors.ts'
import type { AppBody } from '../schema/app.ts'
import type { Dialect } from '../versions.ts'

type Container = NonNullable<AppBody['container']>

/**
 * Networks, ports and files in today's form, whichever they were written in. What is absent stays absent, so that it
 * serves for updates too.
 */
export function migrate(body: AppBody, dialect: Dialect): AppBody {
  const known = Object.fromEntries(
    Object.entries(body).filter(([field]) => dialect.knows(field)),
  ) as AppBody
  if (dialect.old && known.container) {
    const { portMappings: _, ...container } = known.container
    known.container = container
  }
  // None at all is the same as not saying.
  if (known.networks?.length === 0) delete known.networks
  refuseMixtures(known)
  const { ports, uris, ipAddress, container, storeUrls: _, ...rest } = known
  const portDefinitions = rest.portDefinitions ?? ports?.map((port) => ({ port }))
  const networks = rest.networks ?? networksOf(known)
  const fetch = rest.fetch ?? uris?.map((uri) => ({ uri, extract: isArchive(uri) }))
  const modern = container && modernContainer(container)
  const discovered = discoveredPorts(ipAddress)
  const mapped = modern ?? (discovered ? { type: 'MESOS' as const } : undefined)
  return {
    ...rest,
    ...(portDefinitions ? { portDefinitions } : {}),
    ...(networks ? { networks } : {}),
    ...(fetch ? { fetch } : {}),
    ...(mapped
      ? {
          container:
            discovered && !mapped.portMappings ? { ...mapped, portMappings: discovered } : mapped,
        }
      : {}),
  }
}

function refuseMixtures({ networks, ipAddress, container, ...body }: AppBody): void {
  const docker = container?.docker
  if (networks && docker?.network) throw notValid('/container/docker/network', 'must be empty')
  if (networks && ipAddress) throw notValid('/ipAddress', 'must be empty')
  if (ipAddress && (body.ports?.length || body.portDefinitions?.length))
    throw notValid('/', 'IP address per task does not support ports')
  if (body.ports && body.portDefinitions && !samePorts(body))
    throw notValid('/', 'ports must be equal to portDefinitions')
  if (body.uris?.length && body.fetch?.length)
    throw notValid('/', 'may not be set in conjunction with fetch')
  if (container?.portMappings && docker?.portMappings)
    throw notNormal('cannot specify both portMappings and docker.portMappings')
  if (networks && docker?.portMappings)
    throw notNormal('cannot mix deprecated and canonical network APIs')
  if (docker?.network === 'NONE') throw notNormal('unsupported docker network type NONE')
}

function samePorts({ ports, portDefinitions }: AppBody): boolean {
  return ports?.join() === portDefinitions?.map(({ port }) => port ?? 0).join()
}

function networksOf({ ipAddress, container }: AppBody): AppBody['networks'] {
  const kind = container?.docker?.network
  if (kind === 'BRIDGE') return [{ mode: 'container/bridge' }]
  if (kind === 'HOST') return [{ mode: 'host' }]
  if (kind !== 'USER' && !ipAddress) return undefined
  const { networkName, labels } = ipAddress ?? {}
  return [
    {
      mode: 'container',
      ...(networkName === undefined ? {} : { name: networkName }),
      ...(labels ? { labels } : {}),
    },
  ]
}

function discoveredPorts(ipAddress: AppBody['ipAddress']): Container['portMappings'] {
  return ipAddress?.discovery?.ports?.map(({ number, ...port }) => ({
    containerPort: number ?? 0,
    ...port,
  }))
}

function modernContainer({ docker, ...container }: Container): Container {
  if (!docker) return container
  const { network: _, portMappings, ...rest } = docker
  const mappings = container.portMappings ?? portMappings
  return { ...container, docker: rest, ...(mappings ? { portMappings: mappings } : {}) }
}

function isArchive(uri: string): boolean {
  return /\.(?:tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|zip)$/.test(uri)
}
