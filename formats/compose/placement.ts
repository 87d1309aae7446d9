import type { AppInput } from 'intermodal'
import { Fields } from '../text/fields.ts'
import type { ServiceContext } from './context.ts'

type PlacementInput = NonNullable<AppInput['placement']>
type Rule = NonNullable<PlacementInput['require']>[number]

/** `deploy.placement`, and `platform`, which is a demand on nodes as well. */
export function readPlacement(
  service: ServiceContext,
  placement: Fields,
): Pick<AppInput, 'placement'> {
  const { fields, report, swarm } = service
  const require: Rule[] = []
  let pool: string | undefined
  for (const { text, node } of placement.texts('constraints')) {
    const [, key, operator, value] = /^\s*([^\s=!]+)\s*(==|!=)\s*(.+?)\s*$/.exec(text) ?? []
    if (key === undefined || value === undefined) {
      report.loss(
        node.at,
        'dropped',
        'is no demand that Swarm understands',
        'write "key == value" or "key != value"',
      )
      continue
    }
    if (pool === undefined && operator === '==' && (key === 'node.role' || key === POOL)) {
      pool = value
      continue
    }
    require.push({
      attribute: attributeOf(key),
      ...(operator === '==' ? {} : { op: 'notIn' as const }),
      values: [value],
    })
  }
  const spread = placement.list('preferences').flatMap((node) => {
    const preference = new Fields(node, report)
    const by = preference.text('spread')
    for (const [key, { at }] of preference.rest())
      report.problem(at, `"${key}" is no key of preferences`)
    return by === undefined ? [] : [{ by: attributeOf(by) }]
  })
  const maxPerNode = placement.count('max_replicas_per_node')
  for (const [key, { at }] of placement.rest()) {
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key of placement`)
  }
  const platform = fields.take('platform')
  if (platform) {
    const [OS, Architecture] = fields.text('platform')?.split('/') ?? []
    swarm.keep(
      platform.at,
      ['TaskTemplate', 'Placement', 'Platforms'],
      [{ OS, ...(Architecture === undefined ? {} : { Architecture }) }],
    )
  }
  const result: PlacementInput = {
    ...(require.length > 0 ? { require } : {}),
    ...(spread.length > 0 ? { spread } : {}),
    ...(pool === undefined ? {} : { pool }),
    // 0 is no bound.
    ...(maxPerNode ? { maxPerNode } : {}),
  }
  return Object.keys(result).length > 0 ? { placement: result } : {}
}

const POOL = 'node.labels.pool'

/** Labels of nodes go by their own names in the model, and `node.name` is the node itself. */
export function attributeOf(key: string): string {
  if (key === 'node.hostname') return 'node.name'
  const [, label] = /^node\.labels\.(.+)$/.exec(key) ?? []
  const ambiguous = label === undefined || label === 'node.name' || swarmKey(label) === label
  return ambiguous ? key : label
}

/** What Swarm calls an attribute. */
export function swarmKey(attribute: string): string {
  if (attribute === 'node.name') return 'node.hostname'
  return THEIRS.test(attribute) ? attribute : `node.labels.${attribute}`
}

const THEIRS =
  /^(?:node\.(?:id|hostname|ip|role|platform\.os|platform\.arch)|(?:node|engine)\.labels\..+)$/
