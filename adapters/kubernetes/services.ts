import { groupOf, nameOf, type Port } from 'intermodal'
import type { Context } from './context.ts'
import { ownMeta } from './labels.ts'
import { step } from './loss.ts'
import { SHORT_NAME } from './marks.ts'
import { partName } from './names.ts'
import { plainPortName } from './ports.ts'
import type { KubernetesObject, Service, ServicePort } from './wire.ts'

/** How a cluster is reached by name: one Service for all ports, more where some of them are open to the outside. */
export function writeServices(context: Context): KubernetesObject[] {
  const { app, name } = context
  const services: Service[] = []
  if (app.kind === 'stateful') {
    const headless = { clusterIP: 'None', publishNotReadyAddresses: true }
    services.push(service(context, partName(name, 'pods'), app.ports, headless))
  }
  if (app.kind === 'job' || app.kind === 'cron') return reportJobPorts(context)
  if (app.ports.length > 0) {
    checkPorts(context)
    services.push(...exposed(context), ...shortNames(context))
  } else {
    for (const index of (app.network?.aliases ?? []).keys()) {
      context.report(
        'dropped',
        `/network/aliases${step(index)}`,
        'an app without ports is not reached by name',
        'give its ports',
      )
    }
  }
  return services
}

function exposed(context: Context): Service[] {
  const { app, name } = context
  const main = app.ports.every(isCluster)
    ? 'NodePort'
    : app.ports.every(isBalanced)
      ? 'LoadBalancer'
      : undefined
  if (main) return [service(context, name, app.ports, { type: main })]
  const cluster = app.ports.filter(isCluster)
  const balanced = app.ports.filter(isBalanced)
  return [
    service(context, name, app.ports, {}),
    ...(cluster.length > 0
      ? [service(context, partName(name, 'cluster'), cluster, { type: 'NodePort' })]
      : []),
    ...(balanced.length > 0
      ? [service(context, partName(name, 'public'), balanced, { type: 'LoadBalancer' })]
      : []),
  ]
}

function isCluster(port: Port): boolean {
  return port.exposure === 'cluster'
}

/** Public without a host or path to route by. */
function isBalanced(port: Port): boolean {
  return port.exposure === 'public' && !isRouted(port)
}

export function isRouted({ exposure, host, path }: Port): boolean {
  return exposure === 'public' && (host ?? path) !== undefined
}

function service(
  { app, name: owner, selector }: Context,
  name: string,
  ports: readonly Port[],
  spec: Readonly<Record<string, unknown>>,
  marks: Readonly<Record<string, string>> = {},
): Service {
  const open = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownMeta(app.id, name, owner, { annotations: marks }),
    spec: {
      ...spec,
      selector,
      ...(ports.length > 0 ? { ports: ports.map((port) => servicePort(port, ports, open)) } : {}),
    },
  }
}

function servicePort(port: Port, all: readonly Port[], open: boolean): ServicePort {
  const { name, servicePort: given, containerPort, hostPort, protocol } = port
  const nameless = all.length === 1 && name === plainPortName(port)
  return {
    ...(nameless ? {} : { name }),
    port: given ?? containerPort,
    targetPort: containerPort,
    ...(open && typeof hostPort === 'number' && isNodePort(hostPort) ? { nodePort: hostPort } : {}),
    ...(protocol === 'tcp' ? {} : { protocol: protocol.toUpperCase() }),
  }
}

/** The range a cluster has unless it was set up with another one. */
function isNodePort(port: number): boolean {
  return port >= 30_000 && port <= 32_767
}

function checkPorts({ app, report }: Context): void {
  const seen = new Map<string, number>()
  for (const [index, port] of app.ports.entries()) {
    const path = `/ports${step(index)}`
    const number = port.servicePort ?? port.containerPort
    const other = seen.get(`${number}/${port.protocol}`)
    if (other !== undefined) {
      report(
        'refused',
        `${path}/servicePort`,
        `is ${number}, which ports/${other} already has`,
        'give another one',
      )
    }
    seen.set(`${number}/${port.protocol}`, index)
    if (typeof port.hostPort !== 'number' || port.exposure === 'node') continue
    if (isRouted(port)) {
      report(
        'dropped',
        `${path}/hostPort`,
        'a port behind an Ingress is open on no node',
        'leave host and path out',
      )
    } else if (!isNodePort(port.hostPort)) {
      report(
        'dropped',
        `${path}/hostPort`,
        'Kubernetes opens ports on every node from 30000 to 32767 only; it chooses one',
        'give one of these, or leave hostPort out',
      )
    }
  }
}

function reportJobPorts({ app, report }: Context): [] {
  for (const [index, port] of app.ports.entries()) {
    const path = `/ports${step(index)}`
    if (port.servicePort !== undefined) {
      report(
        'dropped',
        `${path}/servicePort`,
        'instances of a job are not reached by name',
        'leave it out',
      )
    }
    if (port.exposure === 'cluster' || port.exposure === 'public') {
      report(
        'dropped',
        `${path}/exposure`,
        'instances of a job are not reached by name',
        'make it a service',
      )
    }
  }
  for (const index of (app.network?.aliases ?? []).keys()) {
    report(
      'dropped',
      `/network/aliases${step(index)}`,
      'instances of a job are not reached by name',
      'leave it out',
    )
  }
  return []
}

/** Apps of one group reach each other by the last part of the id; further names are asked for. */
function shortNames(context: Context): Service[] {
  const { app, name, options } = context
  const aliases = [...new Set(app.network?.aliases ?? [])].filter((alias) => alias !== name)
  const own = nameOf(app.id)
  const short =
    options.shortNames !== false &&
    groupOf(app.id) !== '/' &&
    /^[a-z]/.test(own) &&
    own !== name &&
    !aliases.includes(own)
  return [
    ...(short ? [service(context, own, app.ports, {}, { [SHORT_NAME]: 'true' })] : []),
    ...aliases.flatMap((alias, index) => {
      if (/^[a-z]/.test(alias)) return [service(context, alias, app.ports, {})]
      context.report(
        'refused',
        `/network/aliases${step(index)}`,
        'a Service begins with a letter',
        'rename it',
      )
      return []
    }),
  ]
}
