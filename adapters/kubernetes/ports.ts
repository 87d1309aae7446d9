import type { App, Port, Probe } from 'intermodal'
import { type Report, step } from './loss.ts'
import type { ContainerPort } from './wire.ts'

/** Names of container ports: at most 15 characters, a letter among them, no two hyphens in a row. */
const PORT_NAME = /^(?!.*--)(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/

/** The name a port without one is read under, and that is therefore not written. */
export function plainPortName(port: {
  readonly protocol: string
  readonly containerPort: number
}): string {
  return `${port.protocol}-${port.containerPort}`
}

/** What the container port is called: nothing when its name says no more than its number, unless a probe asks for it. */
export function portNameOf(port: Port, app: App): string | undefined {
  if (!PORT_NAME.test(port.name)) return undefined
  const asked = (Object.values(app.probes) as (Probe | undefined)[]).some(
    (probe) => probe !== undefined && probe.type !== 'exec' && probe.port === port.name,
  )
  return port.name === plainPortName(port) && !asked ? undefined : port.name
}

/** Whether the port is opened on the nodes that run an instance. */
export function onNode(port: Port): boolean {
  return port.exposure === 'node'
}

export function writePorts(app: App, report: Report): ContainerPort[] {
  return app.ports.map((port, index) => {
    const path = `/ports${step(index)}`
    if (!PORT_NAME.test(port.name)) {
      report(
        'approximated',
        `${path}/name`,
        'a container port has at most 15 characters to its name; it goes by its number',
      )
    }
    const name = portNameOf(port, app)
    const hostPort = hostPortOf(port, app, path, report)
    return {
      ...(name === undefined ? {} : { name }),
      containerPort: port.containerPort,
      ...(hostPort === undefined ? {} : { hostPort }),
      ...(port.protocol === 'tcp' ? {} : { protocol: port.protocol.toUpperCase() }),
    }
  })
}

function hostPortOf(port: Port, app: App, path: string, report: Report): number | undefined {
  const { hostPort, containerPort } = port
  if (!onNode(port)) return undefined
  if (app.network?.mode === 'host') {
    if (hostPort !== undefined && hostPort !== containerPort) {
      report(
        'approximated',
        `${path}/hostPort`,
        `in the node's own network the port is ${containerPort}, the one the process listens on`,
      )
    }
    return containerPort
  }
  if (hostPort === 'dynamic') {
    report(
      'approximated',
      `${path}/hostPort`,
      'Kubernetes chooses no ports on nodes; each instance has an address of its own instead',
      'give a number, or exposure "cluster"',
    )
    return undefined
  }
  return hostPort ?? containerPort
}

export function readPorts(found: readonly ContainerPort[] = []): {
  readonly name: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly protocol?: string
}[] {
  return found.map(({ name, containerPort, hostPort, protocol = 'TCP' }) => ({
    name: name ?? plainPortName({ protocol: protocol.toLowerCase(), containerPort }),
    containerPort,
    ...(hostPort === undefined ? {} : { hostPort }),
    ...(protocol === 'TCP' ? {} : { protocol: protocol.toLowerCase() }),
  }))
}
