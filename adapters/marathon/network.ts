import type { App, AppInput, Port } from 'intermodal'
import { mayBeAssigned } from './canonical.ts'
import { engineOf } from './container.ts'
import { isManaged } from './labels.ts'
import { type Report, step } from './loss.ts'
import { isHost } from './modern.ts'
import { dialectOf, type TranslateOptions } from './options.ts'
import type { AppDefinition, Labels, Network, PortDefinition, PortMapping } from './wire.ts'

type PortInput = NonNullable<AppInput['ports']>[number]

/** What stands for an image where there is none: Marathon runs commands on the agent itself, too. */
export const NO_IMAGE = 'none'

export function networkMode(app: App, options: TranslateOptions): 'host' | 'bridge' | 'container' {
  const mode = wantedMode(app)
  // Before 1.5 Mesos' own containerizer had no bridge.
  const bridgeless = dialectOf(options) === '1.4' && engineOf(app, options) === 'MESOS'
  return mode === 'bridge' && bridgeless ? 'host' : mode
}

function wantedMode(app: App): 'host' | 'bridge' | 'container' {
  const { mode, names = [] } = app.network ?? {}
  if (mode) return mode
  if (names.length > 0) return 'container'
  // Without an image there is no network of its own to be had from Docker.
  return app.image === NO_IMAGE ? 'host' : 'bridge'
}

export function writeNetworks(
  app: App,
  options: TranslateOptions,
  report: Report,
): readonly Network[] {
  const { names = [], aliases } = app.network ?? {}
  if (aliases?.length) {
    report(
      'dropped',
      '/network/aliases',
      'Mesos-DNS knows an app by its id alone',
      'let the others ask for that name',
    )
  }
  const mode = networkMode(app, options)
  if (mode !== 'container') {
    if (names.length > 0)
      report('dropped', '/network/names', `has no meaning for an app in ${mode} mode`)
    if (mode !== wantedMode(app)) {
      report(
        'dropped',
        '/image',
        "Marathon before 1.5 has no bridge for Mesos' own containerizer: it runs in the node's network",
      )
    }
    return [{ mode: mode === 'host' ? 'host' : 'container/bridge' }]
  }
  const known = dialectOf(options) === '1.4' ? names.slice(0, 1) : names
  if (known.length < names.length) {
    report(
      'dropped',
      '/network/names',
      `Marathon before 1.5 joins an app to one network: ${known[0]}`,
    )
  }
  return known.length > 0
    ? known.map((name) => ({ mode: 'container', name }))
    : [{ mode: 'container' }]
}

export function reportPorts(app: App, options: TranslateOptions, report: Report): void {
  const host = networkMode(app, options) === 'host'
  const fixed = app.ports.some(({ hostPort }) => hostPort !== 'dynamic')
  for (const [index, port] of app.ports.entries()) {
    const at = `/ports${step(index)}`
    if (port.protocol === 'sctp') {
      report('refused', `${at}/protocol`, 'Marathon knows tcp and udp', 'use tcp or udp')
    }
    if (port.exposure === 'cluster' || port.exposure === 'public') {
      report(
        'approximated',
        `${at}/exposure`,
        'Marathon routes nothing by itself: it is in the labels that marathon-lb reads',
        'run marathon-lb, or another load balancer that asks Marathon',
      )
    }
    if (!host) continue
    if (port.hostPort === 'dynamic' && fixed && port.servicePort !== undefined) {
      report('dropped', `${at}/servicePort`, 'a fixed port next to it leaves no room for one')
    } else if (port.hostPort !== 'dynamic' && port.servicePort !== undefined) {
      report(
        'dropped',
        `${at}/servicePort`,
        'in host mode the port on the node is the service port',
      )
    }
    if (port.hostPort === 'dynamic') {
      report(
        'approximated',
        `${at}/containerPort`,
        `in host mode the port is chosen anew for each instance, and told it in $PORT${index}`,
      )
    }
  }
}

/** The labels by which marathon-lb finds what to route. */
export function routeLabels(app: App): Labels {
  const routed = [...app.ports.entries()].filter(
    ([, { exposure }]) => exposure === 'public' || exposure === 'cluster',
  )
  if (routed.length === 0) return {}
  const isPublic = routed.some(([, { exposure }]) => exposure === 'public')
  const labels: Record<string, string> = { HAPROXY_GROUP: isPublic ? 'external' : 'internal' }
  for (const [index, { host, path }] of routed) {
    if (host !== undefined) labels[`HAPROXY_${index}_VHOST`] = host
    if (path !== undefined) labels[`HAPROXY_${index}_PATH`] = path
  }
  return labels
}

export function writePortDefinitions(
  app: App,
): Pick<AppDefinition, 'portDefinitions' | 'requirePorts'> {
  const requirePorts = app.ports.some(({ hostPort }) => hostPort !== 'dynamic')
  const portDefinitions = app.ports.map(
    (port): PortDefinition => ({
      port:
        port.hostPort === 'dynamic'
          ? requirePorts
            ? 0
            : (port.servicePort ?? 0)
          : (port.hostPort ?? port.containerPort),
      name: port.name,
      protocol: protocolOf(port),
    }),
  )
  return { portDefinitions, requirePorts }
}

/** Every number is written out: what an absent one means has changed over the versions. */
export function writePortMappings(app: App, options: TranslateOptions): readonly PortMapping[] {
  const bridge = networkMode(app, options) === 'bridge'
  const { names = [] } = app.network ?? {}
  return app.ports.map((port) => ({
    containerPort: port.containerPort,
    ...(port.hostPort === undefined
      ? bridge
        ? { hostPort: 0 }
        : {}
      : { hostPort: port.hostPort === 'dynamic' ? 0 : port.hostPort }),
    servicePort: port.servicePort ?? 0,
    protocol: protocolOf(port),
    name: port.name,
    // With several networks Marathon has to be told whose port is mapped.
    ...(names.length > 1 && port.hostPort !== undefined ? { networkNames: names.slice(0, 1) } : {}),
  }))
}

function protocolOf({ protocol }: Port): string {
  return protocol === 'sctp' ? 'tcp' : protocol
}

export function readNetwork(networks: readonly Network[] | undefined): AppInput['network'] {
  if (isHost(networks)) return { mode: 'host' }
  const names = (networks ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]))
  const bridge = networks?.some(({ mode }) => mode === 'container/bridge')
  return { mode: bridge ? 'bridge' : 'container', ...(names.length > 0 ? { names } : {}) }
}

/** Ports the process is told only when it runs get a number that stands for them. */
const STAND_IN = 8080

export function readPorts(app: AppDefinition, report: Report): readonly PortInput[] {
  const own = isManaged(app)
  return isHost(app.networks)
    ? (app.portDefinitions ?? []).map((port, index) =>
        readDefinition(port, index, app.requirePorts ?? false, own, report),
      )
    : (app.container?.portMappings ?? []).map((mapping, index) =>
        readMapping(mapping, index, own, report),
      )
}

function readDefinition(
  { port = 0, name, protocol }: PortDefinition,
  index: number,
  required: boolean,
  own: boolean,
  report: Report,
): PortInput {
  const common = { name: name ?? nameless(index), ...readProtocol(protocol) }
  if (required && port > 0) return { ...common, containerPort: port, hostPort: port }
  report(
    'approximated',
    `/portDefinitions${step(index)}`,
    `the process listens on $PORT${index}, another one each time: containerPort ${STAND_IN + index} stands for it`,
  )
  const service = port > 0 && !(own && mayBeAssigned(port)) ? { servicePort: port } : {}
  return { ...common, containerPort: STAND_IN + index, hostPort: 'dynamic', ...service }
}

function readMapping(
  { containerPort = 0, hostPort, servicePort = 0, name, protocol }: PortMapping,
  index: number,
  own: boolean,
  report: Report,
): PortInput {
  if (containerPort === 0) {
    report(
      'approximated',
      `/container/portMappings${step(index)}/containerPort`,
      `is the port on the node, another one each time: ${STAND_IN + index} stands for it`,
    )
  }
  return {
    name: name ?? nameless(index),
    containerPort: containerPort || STAND_IN + index,
    ...(hostPort === undefined ? {} : { hostPort: hostPort === 0 ? 'dynamic' : hostPort }),
    ...(servicePort === 0 || (own && mayBeAssigned(servicePort)) ? {} : { servicePort }),
    ...readProtocol(protocol),
  }
}

function nameless(index: number): string {
  return `port-${index}`
}

function readProtocol(protocol: string | undefined): Pick<PortInput, 'protocol'> {
  return protocol === 'udp' ? { protocol: 'udp' } : {}
}
