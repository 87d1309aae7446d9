import type { AppInput } from 'intermodal'
import { Fields, textOf } from '../text/fields.ts'
import { isNothing, type Node } from '../text/node.ts'
import { isLabel, labelOf, type ServiceContext } from './context.ts'
import { CONTAINER } from './swarm-patch.ts'
import { readDefinition } from './volume-definition.ts'

/** `networks`, `network_mode`, and the further names a service is reached by. */
export function readNetwork(service: ServiceContext): Partial<AppInput> {
  const mode = readMode(service)
  const names: string[] = []
  const aliases = new Set<string>()
  const addAlias = (alias: string, node: Node): void => {
    if (alias === service.name || alias === '') return
    if (isLabel(alias)) aliases.add(alias)
    else
      service.report.loss(
        node.at,
        'dropped',
        `"${alias}" is no name of lower-case letters, digits and hyphens`,
      )
  }
  for (const [name, node] of service.fields.fields('networks').rest()) {
    const joined = joinNetwork(service, name, node, addAlias)
    if (joined !== undefined && !names.includes(joined)) names.push(joined)
  }
  readContainerName(service, addAlias)
  for (const alias of service.project.aliases.get(service.name) ?? []) aliases.add(alias)
  const network = {
    ...(mode === undefined ? {} : { mode }),
    ...(names.length > 0 ? { names } : {}),
    ...(aliases.size > 0 ? { aliases: [...aliases] } : {}),
  }
  return Object.keys(network).length > 0 ? { network } : {}
}

function readMode({ fields, report }: ServiceContext): 'host' | 'bridge' | undefined {
  const node = fields.take('network_mode')
  const mode = textOf(node, report)
  if (!node || mode === undefined) return undefined
  if (mode === 'host' || mode === 'bridge') return mode
  if (mode.startsWith('service:') || mode.startsWith('container:'))
    return void report.loss(
      node.at,
      'dropped',
      'it does not share the network of another container',
      'make it a sidecar of the other app: sidecars share its network',
    )
  return void report.loss(
    node.at,
    'dropped',
    `the model has no network mode "${mode.slice(0, 40)}"`,
  )
}

function joinNetwork(
  service: ServiceContext,
  name: string,
  node: Node,
  addAlias: (alias: string, node: Node) => void,
): string | undefined {
  const { project, report } = service
  const fields = new Fields(node, report)
  for (const { text, node } of fields.texts('aliases')) addAlias(text, node)
  for (const [key, inner] of fields.rest())
    report.loss(inner.at, 'dropped', `the model does not know "${key}" of a network`)
  const known = project.networks.has(name)
  if (!known && name !== 'default')
    report.loss(
      node.at,
      'approximated',
      `joins a network "${labelOf(name)}" of the cluster: there is none under "networks:"`,
    )
  const definition = known ? project.networks.use(name) : undefined
  const { name: own, external } = readDefinition(definition, report)
  // Apps of one group share a network as it is.
  if (name === 'default' && !external && own === undefined) return undefined
  return labelOf(own ?? name)
}

/** Others may reach it by the name of its container. */
function readContainerName(
  { fields, report, name, id }: ServiceContext,
  addAlias: (alias: string, node: Node) => void,
): void {
  const node = fields.take('container_name')
  const text = textOf(node, report)
  if (!node || text === undefined || text === name) return
  addAlias(text, node)
  if (isLabel(text))
    report.loss(
      node.at,
      'approximated',
      'each instance gets a name from its engine; the given one is a further name of the app',
      `call it ${id} where you look for it`,
    )
}

/** Names and name servers, which only Swarm can be told. */
export function readNames({ fields, report, swarm }: ServiceContext): void {
  const hosts = readHosts(fields.take('extra_hosts'), report)
  for (const { node, entry } of hosts) swarm.keep(node.at, [...CONTAINER, 'Hosts'], [entry])
  for (const [key, wire] of DNS) {
    const node = fields.take(key)
    const texts = fields.texts(key).map(({ text }) => text)
    if (node && texts.length > 0) swarm.keep(node.at, [...CONTAINER, 'DNSConfig', wire], texts)
  }
}

const DNS = [
  ['dns', 'Nameservers'],
  ['dns_search', 'Search'],
  ['dns_opt', 'Options'],
] as const

/** `name:ip` or `name=ip` in a list, or a map; the Engine API says `ip name`. */
function readHosts(
  node: Node | undefined,
  report: ServiceContext['report'],
): { node: Node; entry: string }[] {
  if (!node) return []
  if (node.type === 'map')
    return [...node.entries].flatMap(([name, value]) =>
      (value.type === 'list' ? value.items : [value]).flatMap((item) => {
        const ip = textOf(item, report)
        return ip === undefined ? [] : [{ node: item, entry: `${ip} ${name}` }]
      }),
    )
  return (node.type === 'list' ? node.items : [node]).flatMap((item) => {
    if (isNothing(item)) return []
    const text = textOf(item, report) ?? ''
    const [, name, ip] = /^([^=:]+)[=:]\[?([^\]]+)\]?$/.exec(text) ?? []
    if (name !== undefined && ip !== undefined) return [{ node: item, entry: `${ip} ${name}` }]
    return report.problem(item.at, 'needs "name:address"') ?? []
  })
}
