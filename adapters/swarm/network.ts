import { type App, type AppId, type AppInput, groupOf, nameOf, type Port } from 'intermodal'
import { GROUP } from './labels.ts'
import type { Report } from './loss.ts'
import { step } from './loss.ts'
import { groupNetwork } from './names.ts'
import type { TranslateOptions } from './options.ts'
import type { NetworkAttachment, NetworkSpec } from './wire.ts'
import type { EndpointSpec, PortConfig } from './wire-policy.ts'

interface Networking {
  readonly networks: readonly NetworkSpec[]
  readonly attachments: readonly NetworkAttachment[]
}

/** Apps of a group share an overlay network, on which each goes by its own name. */
export function writeNetworks(app: App, report: Report): Networking {
  const { mode, names = [], aliases = [] } = app.network ?? {}
  if (mode === 'host') {
    for (const field of ['names', 'aliases'] as const) {
      if ((app.network?.[field] ?? []).length > 0) {
        report(
          'dropped',
          `/network/${field}`,
          "an instance on the node's own network joins no other",
          'leave out network.mode',
        )
      }
    }
    return { networks: [], attachments: [{ Target: 'host' }] }
  }
  if (mode === 'bridge') {
    report(
      'approximated',
      '/network/mode',
      'instances get an address of their own on an overlay network; node ports lead to it as asked',
    )
  }
  const group = groupOf(app.id)
  const own = groupNetwork(group)
  const Aliases = [...new Set([nameOf(app.id), ...aliases])]
  return {
    networks: [{ Name: own, Driver: 'overlay', Labels: { [GROUP]: group } }],
    attachments: [own, ...names].map((Target) => ({ Target, Aliases })),
  }
}

export function writeEndpoint(app: App, options: TranslateOptions, report: Report): EndpointSpec {
  const ports = app.ports.flatMap((port, index) => writePort(app, port, index, report))
  const meshed = ports.some(({ PublishMode }) => PublishMode === 'ingress')
  return {
    Mode: meshed ? 'vip' : (options.endpointMode ?? 'dnsrr'),
    ...(ports.length > 0 ? { Ports: ports } : {}),
  }
}

function writePort(app: App, port: Port, index: number, report: Report): PortConfig[] {
  const path = `/ports${step(index)}`
  for (const field of ['host', 'path'] as const) {
    if (port[field] !== undefined) {
      report(
        'dropped',
        `${path}/${field}`,
        'Swarm routes ports, not names or paths',
        'run a reverse proxy, such as Traefik, and tell it in annotations',
      )
    }
  }
  const published = publishedPort(port)
  if (port.servicePort !== undefined && port.servicePort !== port.containerPort) {
    report(
      'approximated',
      `${path}/servicePort`,
      `other apps reach it on port ${port.containerPort}${
        published === port.servicePort ? `, and everybody on port ${published} of every node` : ''
      }`,
      `let the program listen on ${port.servicePort}`,
    )
  }
  if (port.exposure === 'internal') return []
  if (app.network?.mode === 'host') {
    if (published !== undefined && published !== port.containerPort) {
      report(
        'dropped',
        `${path}/hostPort`,
        `on the node's own network the port is ${port.containerPort}`,
        'make hostPort the same as containerPort',
      )
    }
    return []
  }
  if (port.exposure === 'public') {
    report(
      'approximated',
      `${path}/exposure`,
      published === undefined
        ? 'a port of every node from 30000 on, which the engine chooses; Swarm makes no load balancer'
        : `port ${published} of every node; Swarm makes no load balancer`,
      'point your load balancer to the nodes',
    )
  }
  return [
    {
      Name: port.name,
      Protocol: port.protocol,
      TargetPort: port.containerPort,
      ...(published === undefined ? {} : { PublishedPort: published }),
      PublishMode: port.exposure === 'node' ? 'host' : 'ingress',
    },
  ]
}

/** Absent: the engine chooses. */
function publishedPort({ hostPort, servicePort, exposure }: Port): number | undefined {
  if (typeof hostPort === 'number') return hostPort
  return hostPort === 'dynamic' || exposure === 'node' ? undefined : servicePort
}

export function readPorts(endpoint: EndpointSpec | undefined): NonNullable<AppInput['ports']> {
  const seen = new Set<string>()
  return (endpoint?.Ports ?? []).flatMap((config) => {
    const { TargetPort, Protocol = 'tcp', PublishedPort, PublishMode, Name } = config
    const key = `${TargetPort}/${Protocol}`
    // The model has one entry for each port of the container.
    if (TargetPort === undefined || seen.has(key)) return []
    seen.add(key)
    return [
      {
        name: Name !== undefined && isLabel(Name) ? Name : `${Protocol}-${TargetPort}`,
        containerPort: TargetPort,
        ...(Protocol === 'tcp' ? {} : { protocol: Protocol }),
        hostPort: PublishedPort ?? ('dynamic' as const),
        exposure: PublishMode === 'host' ? ('node' as const) : ('cluster' as const),
      },
    ]
  })
}

export function readNetwork(
  id: AppId,
  attachments: readonly NetworkAttachment[],
): AppInput['network'] {
  if (attachments.length === 1 && attachments[0]?.Target === 'host') return { mode: 'host' }
  const own = groupNetwork(groupOf(id))
  const names = attachments.map(({ Target }) => Target).filter((name) => name !== own)
  const aliases = (attachments[0]?.Aliases ?? []).filter((alias) => alias !== nameOf(id))
  const network = {
    ...(names.length > 0 && names.every(isLabel) ? { names } : {}),
    ...(aliases.length > 0 && aliases.every(isLabel) ? { aliases } : {}),
  }
  return Object.keys(network).length > 0 ? network : undefined
}

function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
}
