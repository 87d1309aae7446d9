import type { AppInput } from 'intermodal'
import { Fields, flagOf, textOf } from '../text/fields.ts'
import { isNothing, kindOf, type Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'

type NamedVolume = Extract<NonNullable<AppInput['volumes']>[string], { type: 'named' }>

/** A named volume as the engine knows it: with the project's name in front, unless it has a name of its own. */
export function namedVolume(
  { project, report }: ServiceContext,
  source: string,
  node: Node,
): Omit<NamedVolume, 'mountPath'> {
  if (!project.volumes.has(source)) {
    report.loss(
      node.at,
      'approximated',
      `makes a volume "${source}": there is none under "volumes:"`,
    )
  }
  const definition = project.volumes.use(source)
  const { name, external, fields } = readDefinition(definition, report)
  const driver = fields.text('driver')
  const options = readOptions(fields.take('driver_opts'), report)
  return {
    type: 'named',
    name: name ?? (external ? source : `${project.project}_${source}`),
    ...(driver === undefined ? {} : { driver }),
    ...(options === undefined ? {} : { options }),
  }
}

/** What volumes, networks, secrets and configs have in common. */
export function readDefinition(
  node: Node | undefined,
  report: ServiceContext['report'],
): { readonly name: string | undefined; readonly external: boolean; readonly fields: Fields } {
  const fields = new Fields(node, report)
  const external = fields.take('external')
  if (external?.type === 'map') {
    // As it was written before version 3.5: external: { name: … }.
    const inner = new Fields(external, report)
    const name = inner.text('name')
    for (const [key, { at }] of inner.rest()) report.problem(at, `"${key}" is no key of external`)
    return { name: name ?? fields.text('name'), external: true, fields }
  }
  return { name: fields.text('name'), external: flagOf(external, report) ?? false, fields }
}

function readOptions(
  node: Node | undefined,
  report: ServiceContext['report'],
): Record<string, string> | undefined {
  if (isNothing(node) || node === undefined) return undefined
  if (node.type !== 'map')
    return report.problem(node.at, `needs a map of keys, not ${kindOf(node)}`)
  const entries = [...node.entries].flatMap(([key, value]) => {
    const text = textOf(value, report)
    return text === undefined ? [] : [[key, text] as const]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}
