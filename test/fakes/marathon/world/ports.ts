import type { App } from 'intermodal'
import type { AppSpec, PodSpec, Spec } from '../store/root.ts'

type Port = App['ports'][number]

/** The host ports the world gives out, in Marathon's order; one without a host port has none. */
export function portsOf(spec: Spec): readonly Port[] & Port[] {
  return (spec.kind === 'app' ? wantedByApp(spec) : wantedByPod(spec)).map(
    ({ hostPort, protocol }, index) => ({
      name: portName(index),
      // Only host ports are given out by the world; what the process listens on is nobody's business there.
      containerPort: index + 1,
      protocol: protocol?.startsWith('udp') && !protocol.includes('tcp') ? 'udp' : 'tcp',
      exposure: hostPort === undefined ? 'internal' : 'node',
      ...(hostPort === undefined ? {} : { hostPort: hostPort === 0 ? 'dynamic' : hostPort }),
    }),
  )
}

interface Wanted {
  readonly hostPort?: number | undefined
  readonly protocol?: string | undefined
}

function wantedByApp({ definition }: AppSpec): readonly Wanted[] {
  const { container, portDefinitions = [], requirePorts } = definition
  if (container?.portMappings) return container.portMappings
  return portDefinitions.map(({ port = 0, protocol }) => ({
    hostPort: requirePorts ? port : 0,
    protocol,
  }))
}

function wantedByPod({ definition }: PodSpec): readonly Wanted[] {
  return definition.containers.flatMap(({ endpoints = [] }) =>
    endpoints.map(({ hostPort, protocol }) => ({ hostPort, protocol: protocol?.[0] })),
  )
}

/** What the world calls the port at this index. */
export function portName(index: number): string {
  return `p${index}`
}
