import type { App, AppInput, PlacementRule } from 'intermodal'
import type { Report } from './loss.ts'
import { step } from './loss.ts'
import type { Placement } from './wire-policy.ts'

/** What swarmkit's constraint parser takes for a key and a value. */
const KEY = /^[a-z_][a-z0-9\-_.]+$/i
const VALUE = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i

const ROLES: ReadonlySet<string> = new Set(['manager', 'worker'])
/** Attributes of ours that Swarm knows under a name of its own. */
const OWN: Readonly<Record<string, string>> = { 'node.name': 'node.hostname' }
const THEIRS =
  /^(?:node\.(?:id|hostname|ip|role|platform\.os|platform\.arch)|(?:node|engine)\.labels\..+)$/

export function writePlacement(app: App, report: Report): Placement | undefined {
  const { placement } = app
  const constraints = placement.require.flatMap((rule, index) =>
    writeRule(rule, `/placement/require/${index}`, report),
  )
  if (placement.pool !== undefined) constraints.push(writePool(placement.pool, report))
  for (const index of placement.prefer.keys()) {
    report(
      'dropped',
      `/placement/prefer/${index}`,
      'Swarm has no preferred nodes, only required ones and spreading',
      'make it a rule of placement.require, or leave it out',
    )
  }
  if (placement.tolerations !== undefined && placement.tolerations.length > 0) {
    report('dropped', '/placement/tolerations', 'Swarm nodes have no taints', 'leave them out')
  }
  const preferences = placement.spread.flatMap(({ by, maxSkew }, index) => {
    const path = `/placement/spread/${index}`
    if (maxSkew !== undefined) {
      report(
        'approximated',
        `${path}/maxSkew`,
        'Swarm spreads as evenly as it can, without a bound',
      )
    }
    const descriptor = attribute(by)
    // Spreading over the nodes is what the scheduler does by itself.
    if (descriptor === 'node.hostname' || descriptor === 'node.id') return []
    return [{ Spread: { SpreadDescriptor: descriptor } }]
  })
  const result: Placement = {
    ...(constraints.length > 0 ? { Constraints: constraints } : {}),
    ...(preferences.length > 0 ? { Preferences: preferences } : {}),
    ...maxReplicas(app),
  }
  return Object.keys(result).length > 0 ? result : undefined
}

// A global service runs once on a node anyway, and refuses the setting.
function maxReplicas(app: App): Placement {
  const { maxPerNode } = app.placement
  return maxPerNode === undefined || app.kind === 'daemon' ? {} : { MaxReplicas: maxPerNode }
}

function writeRule(rule: PlacementRule, path: string, report: Report): string[] {
  const key = attribute(rule.attribute)
  const drop = (detail: string, remedy: string) => {
    report('dropped', path, detail, remedy)
    return []
  }
  if (rule.op !== 'in' && rule.op !== 'notIn') {
    return drop(
      `a Swarm constraint compares with == or != only, not with "${rule.op}"`,
      'give the nodes a label for it and require its value',
    )
  }
  if (rule.op === 'in' && rule.values.length > 1) {
    return drop(
      'a Swarm constraint takes one value, and all constraints must hold',
      'give those nodes a common label and require it',
    )
  }
  if (!KEY.test(key) || !rule.values.every((value) => VALUE.test(value))) {
    return drop(
      'Swarm takes letters, digits and a few signs in constraints',
      'use a plainer attribute or value',
    )
  }
  return rule.values.map((value) => `${key}${rule.op === 'in' ? '==' : '!='}${value}`)
}

function writePool(pool: string, report: Report): string {
  if (ROLES.has(pool)) return `node.role==${pool}`
  report(
    'approximated',
    `/placement${step('pool')}`,
    `means the nodes with the label pool=${pool}`,
    `docker node update --label-add pool=${pool} NODE`,
  )
  return `node.labels.pool==${pool}`
}

function attribute(name: string): string {
  return OWN[name] ?? (THEIRS.test(name) ? name : `node.labels.${name}`)
}

function attributeBack(key: string): string {
  const own = Object.entries(OWN).find(([, theirs]) => theirs === key)
  if (own) return own[0]
  const [, label] = /^node\.labels\.(.+)$/.exec(key) ?? []
  return label === undefined || attribute(label) !== key ? key : label
}

export function readPlacement(placement: Placement): NonNullable<AppInput['placement']> {
  const rules: { attribute: string; op: 'in' | 'notIn'; values: string[] }[] = []
  let pool: string | undefined
  for (const text of placement.Constraints ?? []) {
    const [, key, operator, value] = /^(\S+?)(==|!=)(.+)$/.exec(text) ?? []
    if (key === undefined || value === undefined) continue
    if (pool === undefined && operator === '==' && (key === 'node.role' || key === POOL)) {
      pool = value
      continue
    }
    rules.push({
      attribute: attributeBack(key),
      op: operator === '==' ? 'in' : 'notIn',
      values: [value],
    })
  }
  const spread = (placement.Preferences ?? []).flatMap(({ Spread }) =>
    Spread ? [{ by: attributeBack(Spread.SpreadDescriptor) }] : [],
  )
  return {
    ...(rules.length > 0 ? { require: rules } : {}),
    ...(spread.length > 0 ? { spread } : {}),
    ...(pool === undefined ? {} : { pool }),
    ...(placement.MaxReplicas ? { maxPerNode: placement.MaxReplicas } : {}),
  }
}

const POOL = 'node.labels.pool'
