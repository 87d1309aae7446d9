import { type Report, step } from './loss.ts'
import { isHost, modern, withoutNulls } from './modern.ts'
import { isPod, type MarathonNative } from './native.ts'
import { isObject } from './patch.ts'
import type { AppDefinition, PortDefinition, PortMapping } from './wire.ts'

/**
 * Names what an app says to no effect: because another key says otherwise and counts, or because Marathon has stopped looking at it.
 * What only repeats another key, as servers before 1.5 do in their answers, is not named.
 */
export function reportOverruled(native: MarathonNative, report: Report): void {
  if (isPod(native)) return
  const app = withoutNulls(native)
  reportNetworks(app, report)
  reportPorts(app, report)
  reportResidency(app, report)
  for (const [index, uri] of (app.uris ?? []).entries())
    if (app.fetch?.length && app.fetch[index]?.uri !== uri)
      report('approximated', `/uris${step(index)}`, 'is not looked at: fetch counts')
}

function reportNetworks({ networks, ipAddress, container }: AppDefinition, report: Report): void {
  const { network, portMappings } = container?.docker ?? {}
  const today = 'is not looked at: networks counts'
  if (networks?.length && network !== undefined)
    report('dropped', '/container/docker/network', today)
  if (container?.portMappings && portMappings)
    report(
      'dropped',
      '/container/docker/portMappings',
      'is not looked at: container.portMappings counts',
    )
  if (!ipAddress) return
  if (networks?.length) report('dropped', '/ipAddress', today)
  else if (network === 'HOST' || network === 'BRIDGE')
    report('dropped', '/ipAddress', `is not looked at: the app is in the ${network} network`)
  if (ipAddress.groups?.length)
    report('dropped', '/ipAddress/groups', 'Marathon has stopped looking at it')
  if (ipAddress.discovery?.ports?.length && (container?.portMappings ?? portMappings))
    report('dropped', '/ipAddress/discovery', 'is not looked at: portMappings counts')
}

/** Ports of the host, for an app in another network: there the mappings tell the service ports. */
function reportPorts(app: AppDefinition, report: Report): void {
  const { networks, container } = modern(app)
  const host = isHost(networks)
  const { portDefinitions = [] } = app
  if (host) {
    for (const [at, mappings] of [
      ['/container/portMappings', app.container?.portMappings],
      ['/container/docker/portMappings', app.container?.docker?.portMappings],
    ] as const)
      if (mappings?.length)
        report('dropped', at, "is not looked at: the app is in the host's network")
    for (const [index, port] of (app.ports ?? []).entries())
      if (app.portDefinitions && port !== (portDefinitions[index]?.port ?? 0))
        report('approximated', `/ports${step(index)}`, 'is not looked at: portDefinitions counts')
    return
  }
  const mappings = container?.portMappings ?? []
  const unused = "counts in the host's network only"
  if (app.requirePorts) report('approximated', '/requirePorts', `${unused}: it is taken for false`)
  for (const [index, port] of (app.ports ?? []).entries())
    if (port !== (mappings[index]?.servicePort ?? 0))
      report('approximated', `/ports${step(index)}`, `${unused}: the mapping has the service port`)
  for (const [index, definition] of portDefinitions.entries())
    for (const path of differences(definition, mappings[index] ?? {}))
      report(
        'approximated',
        `/portDefinitions${step(index)}${path}`,
        `${unused}: the mapping has its own`,
      )
}

/** What the mapping does not say as well. */
function* differences(
  { port = 0, name, protocol = 'tcp', labels = {} }: PortDefinition,
  mapping: PortMapping,
): Generator<string> {
  if (port !== (mapping.servicePort ?? 0)) yield '/port'
  if (name !== undefined && name !== mapping.name) yield '/name'
  if (protocol !== (mapping.protocol ?? 'tcp')) yield '/protocol'
  for (const [key, value] of Object.entries(labels))
    if (mapping.labels?.[key] !== value) yield `/labels${step(key)}`
}

/** Servers write it by themselves, like this, for apps with persistent volumes. */
const WRITTEN: Readonly<Record<string, unknown>> = {
  relaunchEscalationTimeoutSeconds: 3600,
  taskLostBehavior: 'WAIT_FOREVER',
}

function reportResidency({ residency, container }: AppDefinition, report: Report): void {
  if (!isObject(residency)) return
  const resident = container?.volumes?.some(({ persistent }) => persistent) ?? false
  for (const [key, value] of Object.entries(residency))
    if (!resident || value !== WRITTEN[key])
      report(
        'approximated',
        `/residency${step(key)}`,
        'has no effect: apps with persistent volumes wait for theirs for ever',
      )
}
