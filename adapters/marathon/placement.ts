import type { App, AppInput, PlacementRule } from 'intermodal'
import { type Report, step } from './loss.ts'
import type { AppDefinition } from './wire.ts'

type Constraint = readonly string[]
type Input = NonNullable<AppInput['placement']>

/** `node.name` is the node itself, which Marathon calls `hostname`. */
const attributeOf = (name: string) => (name === 'node.name' ? 'hostname' : name)
const nameOf = (attribute: string) =>
  attribute === 'hostname' || attribute === '@hostname' ? 'node.name' : attribute

export function writePlacement(
  { placement }: App,
  report: Report,
): Pick<AppDefinition, 'constraints' | 'acceptedResourceRoles'> {
  const { require, prefer, spread, maxPerNode, pool, tolerations = [] } = placement
  for (const index of prefer.keys()) {
    report(
      'dropped',
      `/placement/prefer${step(index)}`,
      'Marathon has demands, no preferences',
      'require it',
    )
  }
  for (const index of tolerations.keys()) {
    report('dropped', `/placement/tolerations${step(index)}`, 'Mesos has no taints', 'use a pool')
  }
  const constraints = [
    ...require.flatMap((rule, index) =>
      writeRule(rule, `/placement/require${step(index)}`, report),
    ),
    ...spread.map(({ by, maxSkew }, index) => {
      if (maxSkew !== undefined && maxSkew !== 1) {
        report(
          'dropped',
          `/placement/spread${step(index)}/maxSkew`,
          'Marathon spreads as evenly as it goes',
        )
      }
      return [attributeOf(by), 'GROUP_BY']
    }),
    ...(maxPerNode === undefined
      ? []
      : [maxPerNode === 1 ? ['hostname', 'UNIQUE'] : ['hostname', 'MAX_PER', String(maxPerNode)]]),
  ]
  return {
    ...(constraints.length > 0 ? { constraints } : {}),
    ...(pool === undefined ? {} : { acceptedResourceRoles: [pool] }),
  }
}

function writeRule(
  { attribute, op, values }: PlacementRule,
  at: string,
  report: Report,
): Constraint[] {
  const field = attributeOf(attribute)
  switch (op) {
    case 'in':
      return [[field, 'LIKE', values.map(literal).join('|')]]
    case 'notIn':
      return [[field, 'UNLIKE', values.map(literal).join('|')]]
    case 'exists':
      return [[field, 'LIKE', '.*']]
    case 'absent':
      return [[field, 'UNLIKE', '.*']]
    case 'matches':
      return [[field, 'LIKE', values.join('|')]]
    case 'notMatches':
      return [[field, 'UNLIKE', values.join('|')]]
    default:
      report(
        'dropped',
        at,
        'Marathon compares attributes as text, not as numbers',
        'say it as a regular expression: op matches',
      )
      return []
  }
}

function literal(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The text that `literal` makes this of; `undefined` for a real expression. */
function unescaped(pattern: string): string | undefined {
  const text = pattern.replace(/\\([.*+?^${}()|[\]\\])/g, '$1')
  return literal(text) === pattern ? text : undefined
}

export function readPlacement({
  constraints = [],
  acceptedResourceRoles = [],
}: Pick<AppDefinition, 'constraints' | 'acceptedResourceRoles'>): Input {
  const require: NonNullable<Input['require']>[number][] = []
  const spread: NonNullable<Input['spread']>[number][] = []
  let maxPerNode: number | undefined
  for (const [field = '', operator = '', value] of constraints) {
    const attribute = nameOf(field)
    const onNode = attribute === 'node.name'
    switch (operator.toUpperCase()) {
      case 'UNIQUE':
        if (onNode) maxPerNode ??= 1
        break
      case 'MAX_PER':
        if (onNode && /^[1-9]\d*$/.test(value ?? '')) maxPerNode ??= Number(value)
        break
      case 'GROUP_BY':
        spread.push({ by: attribute })
        break
      case 'CLUSTER':
      case 'IS':
        if (value) require.push({ attribute, op: 'in', values: [value] })
        break
      case 'LIKE':
        require.push({ attribute, ...readPattern(value ?? '', 'exists', 'in', 'matches') })
        break
      case 'UNLIKE':
        require.push({ attribute, ...readPattern(value ?? '', 'absent', 'notIn', 'notMatches') })
        break
    }
  }
  return {
    ...(require.length > 0 ? { require } : {}),
    ...(spread.length > 0 ? { spread } : {}),
    ...(maxPerNode === undefined ? {} : { maxPerNode }),
    ...(acceptedResourceRoles.length === 1 ? { pool: acceptedResourceRoles[0] } : {}),
  }
}

function readPattern(
  pattern: string,
  whatever: PlacementRule['op'],
  listed: PlacementRule['op'],
  otherwise: PlacementRule['op'],
): Pick<PlacementRule, 'op' | 'values'> {
  if (pattern === '.*') return { op: whatever, values: [] }
  const values = pattern.split('|').map(unescaped)
  return values.every((value) => value !== undefined)
    ? { op: listed, values: values as string[] }
    : { op: otherwise, values: [pattern] }
}
