import { Fields } from '../text/fields.ts'
import type { MapNode, Node } from '../text/node.ts'
import { isNothing } from '../text/node.ts'
import { labelOf, type ProjectContext, type Section } from './context.ts'
import { unknownKey } from './top.ts'
import { isQuoted } from './unsupported.ts'
import { readDefinition } from './volume-definition.ts'

const COMMON = ['name', 'external', 'labels', 'driver', 'driver_opts']
const KEYS: Readonly<Record<'volumes' | 'networks' | 'secrets' | 'configs', readonly string[]>> = {
  volumes: COMMON,
  networks: [...COMMON, 'ipam', 'internal', 'enable_ipv4', 'enable_ipv6', 'attachable'],
  secrets: [...COMMON, 'environment', 'file', 'template_driver'],
  configs: [...COMMON, 'content', 'environment', 'file', 'template_driver'],
}
/** What readers of services take. */
const READ: Readonly<Record<keyof typeof KEYS, readonly string[]>> = {
  volumes: ['name', 'external', 'driver', 'driver_opts'],
  networks: ['name', 'external'],
  secrets: ['name', 'external', 'environment', 'file'],
  configs: ['name', 'external', 'content', 'environment', 'file'],
}

/** What a network between the apps of a group is in any case, or does not change what they do. */
const ORDINARY: ReadonlySet<string> = new Set(['driver', 'attachable', 'labels'])

/** What the top-level sections say that did not become part of an app. */
export function reportSections(project: ProjectContext, root: MapNode): void {
  for (const section of ['volumes', 'networks', 'secrets', 'configs'] as const) {
    for (const [, node] of project[section].all()) reportKeys(project, section, node)
    for (const node of project[section].unused())
      project.report.loss(node.at, 'dropped', 'no app uses it', 'leave it out')
  }
  reportNetworks(project)
  for (const [key, node] of root.entries) {
    if (key === 'models') {
      project.report.loss(node.at, 'dropped', 'the model knows no AI models')
      continue
    }
    if (!key.startsWith('x-') || key === 'x-intermodal') continue
    if (!isQuoted(node.at, project.loading.anchored))
      project.report.loss(
        node.at,
        'dropped',
        'is an extension that nobody here reads',
        'leave it out',
      )
  }
}

function reportKeys({ report }: ProjectContext, section: keyof typeof KEYS, node: Node): void {
  if (isNothing(node)) return
  for (const [key, { at }] of new Fields(node, report).rest()) {
    if (READ[section].includes(key)) continue
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else if (KEYS[section].includes(key))
      report.loss(
        at,
        section === 'networks' && ORDINARY.has(key) ? 'approximated' : 'dropped',
        `the model does not know "${key}" of ${section}`,
        'set it up on the cluster',
      )
    else report.problem(at, unknownKey(key, KEYS[section], `of ${section}`))
  }
}

/** Networks are the cluster's: apps join those that are there. */
function reportNetworks({ networks, report }: ProjectContext): void {
  const section: Section = networks
  for (const name of section.used()) {
    const node = section.use(name)
    const { name: own, external } = readDefinition(node, report)
    if (!node || external) continue
    const label = labelOf(own ?? name)
    report.loss(
      node.at,
      'approximated',
      name === 'default'
        ? 'apps of one group share a network that the engine makes'
        : `apps join a network "${label}" of the cluster, and it is not made for them; apps of one group share a network in any case`,
      name === 'default'
        ? undefined
        : `make it before: docker network create --driver overlay ${label}`,
    )
  }
}
