import type { PlacementRule } from 'intermodal'
import type { Context } from './context.ts'
import { isLabelKey, isLabelValue } from './labels.ts'
import { type Report, step } from './loss.ts'
import { POOL_LABEL } from './options.ts'
import { writeTolerations } from './tolerations.ts'
import type { Affinity, NodeRequirement, PodSpec, TopologySpread } from './wire.ts'

/** Node attributes that Kubernetes has labels of its own for. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  'node.name': 'kubernetes.io/hostname',
  zone: 'topology.kubernetes.io/zone',
  region: 'topology.kubernetes.io/region',
  arch: 'kubernetes.io/arch',
  os: 'kubernetes.io/os',
  instanceType: 'node.kubernetes.io/instance-type',
}
const HOSTNAME = 'kubernetes.io/hostname'

/** The node label that an attribute of the model is. */
export function labelOfAttribute(attribute: string): string {
  return Object.hasOwn(WELL_KNOWN, attribute) ? (WELL_KNOWN[attribute] as string) : attribute
}

/** The attribute a node label is; the way back. `undefined` for a label that an attribute of that name is not. */
export function attributeOfLabel(label: string): string | undefined {
  const known = Object.entries(WELL_KNOWN).find(([, key]) => key === label)?.[0]
  return known ?? (Object.hasOwn(WELL_KNOWN, label) ? undefined : label)
}

const OPERATORS = {
  in: 'In',
  notIn: 'NotIn',
  exists: 'Exists',
  absent: 'DoesNotExist',
  gt: 'Gt',
  lt: 'Lt',
} as const

export function writePlacement(context: Context): Partial<PodSpec> {
  const { app, options, report } = context
  const { pool } = app.placement
  if (pool !== undefined) {
    const label = options.poolLabel ?? POOL_LABEL
    report(
      isLabelValue(pool) ? 'approximated' : 'refused',
      '/placement/pool',
      `means nodes with the label ${label}=${pool}`,
    )
  }
  const affinity = writeAffinity(context)
  const spread = writeSpread(context)
  const tolerations = writeTolerations(app, report)
  return {
    ...(pool === undefined ? {} : { nodeSelector: { [options.poolLabel ?? POOL_LABEL]: pool } }),
    ...(affinity ? { affinity } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
    ...(spread.length > 0 ? { topologySpreadConstraints: spread } : {}),
  }
}

function writeAffinity({ app, selector, report }: Context): Affinity | undefined {
  const { require, prefer, maxPerNode } = app.placement
  const required = writeRules(require, '/placement/require', report)
  const preferred = writeRules(prefer, '/placement/prefer', report)
  const affinity: Affinity = {
    ...(required.length > 0 || preferred.length > 0
      ? {
          nodeAffinity: {
            ...(required.length > 0
              ? {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [{ matchExpressions: required }],
                  },
                }
              : {}),
            ...(preferred.length > 0
              ? {
                  preferredDuringSchedulingIgnoredDuringExecution: preferred.map((rule) => ({
                    weight: 100,
                    preference: { matchExpressions: [rule] },
                  })),
                }
              : {}),
          },
        }
      : {}),
    ...(maxPerNode === 1 && app.kind !== 'daemon'
      ? {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: selector }, topologyKey: HOSTNAME },
            ],
          },
        }
      : {}),
  }
  return Object.keys(affinity).length > 0 ? affinity : undefined
}

function writeRules(
  rules: readonly PlacementRule[],
  path: string,
  report: Report,
): NodeRequirement[] {
  return rules.flatMap((rule, index) => writeRule(rule, `${path}${step(index)}`, report) ?? [])
}

function writeRule(rule: PlacementRule, path: string, report: Report): NodeRequirement | undefined {
  const { op, values } = rule
  const key = labelOfAttribute(rule.attribute)
  if (op === 'matches' || op === 'notMatches') {
    report(
      'dropped',
      path,
      'Kubernetes compares node labels by value, not by regular expression',
      `name the values: op "${op === 'matches' ? 'in' : 'notIn'}"`,
    )
    return undefined
  }
  if (!isLabelKey(key)) {
    report('dropped', path, `no node has the label "${key}"`, 'give a label of the nodes')
    return undefined
  }
  if (op === 'exists' || op === 'absent') return { key, operator: OPERATORS[op] }
  if (op === 'gt' || op === 'lt')
    return { key, operator: OPERATORS[op], values: [bound(rule, path, report)] }
  // No node can have such a value, and the server refuses it.
  const possible = values.filter(isLabelValue)
  if (possible.length < values.length && possible.length > 0) {
    report('approximated', `${path}/values`, 'values that no node label can have are left out')
  }
  if (possible.length > 0) return { key, operator: OPERATORS[op], values: possible }
  if (op === 'in') report('refused', `${path}/values`, 'no node label can have any of these values')
  else report('approximated', path, 'holds for every node: no node label can have these values')
  return undefined
}

function bound({ op, values }: PlacementRule, path: string, report: Report): string {
  const value = Number(values[0])
  const whole = op === 'gt' ? Math.floor(value) : Math.ceil(value)
  if (String(whole) !== values[0]) {
    report(
      'approximated',
      `${path}/values`,
      `Kubernetes compares whole numbers: ${values[0]} becomes ${whole}`,
    )
  }
  return String(whole)
}

function writeSpread({ app, selector, report }: Context): TopologySpread[] {
  const labelSelector = { matchLabels: selector }
  const constraints = new Map<string, TopologySpread>()
  const add = (topologyKey: string, maxSkew: number, hard: boolean): boolean => {
    const whenUnsatisfiable = hard ? 'DoNotSchedule' : 'ScheduleAnyway'
    const id = `${topologyKey} ${whenUnsatisfiable}`
    const known = constraints.get(id)
    // The server refuses two constraints of one kind on one label: the stricter one holds for both.
    constraints.set(id, {
      maxSkew: Math.min(maxSkew, known?.maxSkew ?? maxSkew),
      topologyKey,
      whenUnsatisfiable,
      labelSelector,
    })
    return known === undefined
  }
  for (const [index, { by, maxSkew }] of app.placement.spread.entries()) {
    const path = `/placement/spread${step(index)}`
    const label = labelOfAttribute(by)
    if (!isLabelKey(label)) {
      report('dropped', path, `no node has the label "${label}"`, 'give a label of the nodes')
    } else if (!add(label, maxSkew ?? 1, maxSkew !== undefined)) {
      report('approximated', path, 'says the same attribute again; the stricter one holds')
    }
  }
  const { maxPerNode } = app.placement
  if (maxPerNode !== undefined && app.kind !== 'daemon' && maxPerNode > 1) {
    report(
      'approximated',
      '/placement/maxPerNode',
      `becomes an even spread over nodes, no two of which differ by more than ${maxPerNode}`,
    )
    add(HOSTNAME, maxPerNode, true)
  }
  return [...constraints.values()]
}
