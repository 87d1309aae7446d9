import type { AppInput } from 'intermodal'
import { Fields } from '../text/fields.ts'
import type { MapNode } from '../text/node.ts'
import { isLabel, type ServiceContext } from './context.ts'

type Condition = 'started' | 'healthy' | 'completed'

const CONDITIONS: Readonly<Record<string, Condition>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
}

/** `depends_on`, and `links`, which make one service wait for another too. */
export function readDependsOn(service: ServiceContext): Pick<AppInput, 'dependsOn'> {
  const { fields, report, project } = service
  const dependsOn: Record<string, Condition> = {}
  for (const [name, node] of fields.fields('depends_on').rest()) {
    const clause = new Fields(node, report)
    const written = clause.text('condition') ?? 'service_started'
    const condition = CONDITIONS[written]
    const required = clause.flag('required') ?? true
    const restart = clause.take('restart')
    if (restart && clause.flag('restart'))
      report.loss(restart.at, 'dropped', 'it is not restarted when the other one is')
    for (const [key, { at }] of clause.rest())
      report.problem(at, `"${key}" is no key of depends_on`)
    if (!condition) {
      report.problem(node.at, `needs one of ${Object.keys(CONDITIONS).join(', ')}`)
      continue
    }
    const id = project.ids.get(name)
    const absent = project.absent.get(name)
    if (id === undefined || absent !== undefined)
      report.loss(
        node.at,
        required ? 'dropped' : 'approximated',
        `does not wait for "${name}", which ${absent ?? 'is no service here'}`,
      )
    else dependsOn[id] = condition
  }
  for (const { text, node } of fields.texts('links')) {
    const [name = ''] = text.split(':')
    const id = project.ids.get(name)
    if (id === undefined || project.absent.has(name) || id === service.id) {
      const why = id === undefined ? 'is no service here' : 'is not there, or is itself'
      report.loss(node.at, 'dropped', `does not link to "${name}", which ${why}`)
      continue
    }
    dependsOn[id] ??= 'started'
    const alias = text.slice(name.length + 1)
    if (alias !== '' && alias !== name)
      report.loss(
        node.at,
        isLabel(alias) ? 'approximated' : 'dropped',
        isLabel(alias)
          ? `"${alias}" is a name of ${id} for every app, not for this one alone`
          : `"${alias}" is no name of lower-case letters, digits and hyphens`,
        `call it ${name}`,
      )
  }
  return Object.keys(dependsOn).length > 0 ? { dependsOn } : {}
}

/** Services that somebody waits for until they are done: they are jobs. */
export function awaitedJobs(services: MapNode): ReadonlySet<string> {
  return new Set(
    [...services.entries.values()].flatMap((service) => {
      const clause = service.type === 'map' ? service.entries.get('depends_on') : undefined
      if (clause?.type !== 'map') return []
      return [...clause.entries].flatMap(([name, node]) => {
        const condition = node.type === 'map' ? node.entries.get('condition') : undefined
        const completed =
          condition?.type === 'scalar' && condition.value === 'service_completed_successfully'
        return completed ? [name] : []
      })
    }),
  )
}

/** What links of others call each service. */
export function linkAliases(services: MapNode): Map<string, Set<string>> {
  const aliases = new Map<string, Set<string>>()
  for (const service of services.entries.values()) {
    const links = service.type === 'map' ? service.entries.get('links') : undefined
    for (const item of links?.type === 'list' ? links.items : []) {
      const [name = '', alias] = item.type === 'scalar' ? String(item.value).split(':') : []
      if (alias === undefined || alias === name || !isLabel(alias)) continue
      aliases.set(name, (aliases.get(name) ?? new Set()).add(alias))
    }
  }
  return aliases
}
