import type { AppInput } from 'intermodal'
import { Fields, textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import { freshName, isLabel, type ServiceContext } from './context.ts'
import { parsePort } from './short.ts'

type Ports = NonNullable<AppInput['ports']>
type PortInput = Ports[number]
type Protocol = 'tcp' | 'udp' | 'sctp'

interface WrittenPort {
  readonly node: Node
  readonly target: readonly [first: number, last: number]
  readonly published?: readonly [first: number, last: number] | undefined
  readonly protocol: Protocol
  readonly hostIp?: string | undefined
  readonly name?: string | undefined
  readonly mode: 'ingress' | 'host'
}

/**
 * `ports` and `expose`. A published port is one of every node unless `mode: host` says otherwise, which is Compose's own
 * default; an exposed one is for other apps only.
 */
export function readPorts(service: ServiceContext): Partial<AppInput> {
  const ports: PortInput[] = []
  const add = (port: Omit<PortInput, 'name'>, node: Node, name?: string): void => {
    const { containerPort, protocol = 'tcp' } = port
    const same = (other: PortInput) =>
      other.containerPort === containerPort && (other.protocol ?? 'tcp') === protocol
    if (ports.some(same)) {
      if (port.exposure === 'internal')
        service.report.loss(node.at, 'approximated', `port ${containerPort} is there already`)
      else
        service.report.loss(
          node.at,
          'dropped',
          `port ${containerPort} is published already, and an app publishes each of its ports once`,
          'let clients use one of the two ports',
        )
      return
    }
    const base = name !== undefined && isLabel(name) ? name : `${protocol}-${containerPort}`
    const taken = (candidate: string) => ports.some((other) => other.name === candidate)
    ports.push({ name: freshName(base, taken), ...port })
  }
  for (const node of service.fields.list('ports')) {
    const written = node.type === 'map' ? readLong(service, node) : readShort(service, node)
    if (written) for (const port of spread(service, written)) add(port, node, written.name)
  }
  for (const { text, node } of service.fields.texts('expose')) {
    if (text === '') continue
    const written = parsePort(text)
    const range = written && rangeOf(written.target)
    const protocol = protocolOf(written?.protocol)
    if (!range || !protocol || written.published !== undefined) {
      service.report.problem(node.at, 'needs a port, such as "8080" or "53/udp"')
      continue
    }
    for (let port = range[0]; port <= range[1]; port++)
      add({ containerPort: port, ...udp(protocol), exposure: 'internal' }, node)
  }
  return ports.length > 0 ? { ports } : {}
}

function readShort({ report }: ServiceContext, node: Node): WrittenPort | undefined {
  const text = textOf(node, report)
  if (text === undefined) return undefined
  if (/^[\s:/-]*(?:tcp|udp)?$/.test(text))
    return void report.loss(node.at, 'dropped', 'names no port', 'set the variables it is made of')
  const short = parsePort(text)
  const target = short && rangeOf(short.target)
  const published = short?.published === undefined ? undefined : rangeOf(short.published)
  const protocol = protocolOf(short?.protocol)
  if (!short || !target || !protocol || (short.published !== undefined && !published))
    return report.problem(
      node.at,
      'needs ports such as "8080:80", "127.0.0.1:8080:80" or "53:53/udp"',
    )
  return { node, target, published, protocol, hostIp: short.hostIp, mode: 'ingress' }
}

function readLong({ report }: ServiceContext, node: Node): WrittenPort | undefined {
  const fields = new Fields(node, report)
  const target = rangeOf(fields.text('target') ?? '')
  const written = fields.text('published')
  const published = written === undefined || written === '0' ? undefined : rangeOf(written)
  const protocol = protocolOf(fields.text('protocol')?.toLowerCase())
  const mode = fields.text('mode') ?? 'ingress'
  const name = fields.text('name')
  const hostIp = fields.text('host_ip')
  const appProtocol = fields.take('app_protocol')
  if (appProtocol)
    report.loss(appProtocol.at, 'dropped', 'the model does not know what is spoken on a port')
  for (const [key, { at }] of fields.rest())
    if (!key.startsWith('x-')) report.problem(at, `"${key}" is no key of ports`)
    else report.loss(at, 'dropped', 'is an extension that nobody here reads')
  if (!target) return report.problem(node.at, 'needs a target, from 1 to 65535')
  if (written !== undefined && written !== '0' && !published)
    return report.problem(node.at, 'needs a published port from 1 to 65535')
  if (!protocol) return report.problem(node.at, 'needs the protocol tcp, udp or sctp')
  if (mode !== 'ingress' && mode !== 'host')
    return report.problem(node.at, 'needs the mode ingress or host')
  return { node, target, published, protocol, hostIp, name, mode }
}

/** One entry for each port of a range. */
function spread(service: ServiceContext, written: WrittenPort): Omit<PortInput, 'name'>[] {
  const { node, target, published, protocol, hostIp, mode } = written
  const { report } = service
  if (hostIp !== undefined && !/^(?:0\.0\.0\.0|\[?::\]?)$/.test(hostIp))
    report.loss(
      node.at,
      'dropped',
      `is published on every address of the node, not only on ${hostIp}`,
      'publish it in no way (expose), or keep others away with a firewall',
    )
  const count = target[1] - target[0]
  if (count >= MAX_RANGE) {
    report.loss(
      node.at,
      'dropped',
      `is a range of ${count + 1} ports, and an app names each of its ports`,
      'run it on the network of the node: network_mode: host',
    )
    return []
  }
  const free = published !== undefined && published[1] - published[0] !== count
  if (free)
    report.loss(
      node.at,
      'approximated',
      `the engine chooses a port, not only one from ${published[0]} to ${published[1]}`,
    )
  return Array.from({ length: count + 1 }, (_, index) => ({
    containerPort: target[0] + index,
    ...udp(protocol),
    hostPort: published && !free ? published[0] + index : ('dynamic' as const),
    exposure: mode === 'host' ? ('node' as const) : ('cluster' as const),
  }))
}

function udp(protocol: Protocol): Pick<PortInput, 'protocol'> {
  return protocol === 'tcp' ? {} : { protocol }
}

function protocolOf(text = 'tcp'): Protocol | undefined {
  return text === 'tcp' || text === 'udp' || text === 'sctp' ? text : undefined
}

const MAX_RANGE = 100

function rangeOf(text: string): readonly [number, number] | undefined {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const first = Number(from)
  const last = Number(to ?? from)
  const valid = first >= 1 && last <= 65535 && last >= first
  return valid ? [first, last] : undefined
}
