import type { App } from 'intermodal'
import { defineApp } from 'intermodal'
import type { Spec } from '../store/root.ts'

const NOWHERE_IN_PARTICULAR = defineApp({ id: '/base', image: 'base' }).placement

/** A constraint in three parts, whichever form it was written in. */
interface Constraint {
  readonly field: string
  readonly operator: string
  readonly value?: string | undefined
}

function constraintsOf(spec: Spec): readonly Constraint[] {
  if (spec.kind === 'app') {
    return (spec.definition.constraints ?? []).map(([field = '', operator = '', value]) => ({
      field,
      operator: operator.toUpperCase(),
      value,
    }))
  }
  return (spec.definition.scheduling.placement?.constraints ?? []).map(
    ({ fieldName, operator, value }) => ({ field: fieldName, operator, value }),
  )
}

/** What a constraint means for the world's scheduler. */
export function placementOf(spec: Spec): App['placement'] {
  const placement = { ...NOWHERE_IN_PARTICULAR, require: [...NOWHERE_IN_PARTICULAR.require] }
  const spread = [...NOWHERE_IN_PARTICULAR.spread]
  let maxPerNode: number | undefined
  for (const { field, operator, value = '' } of constraintsOf(spec)) {
    const attribute = attributeOf(field)
    const onNodes = attribute === 'node.name'
    const most = operator === 'UNIQUE' ? 1 : operator === 'MAX_PER' ? Number(value) : undefined
    if (most !== undefined && onNodes) maxPerNode = Math.min(maxPerNode ?? most, most)
    // The world has no limit for each value of an attribute: even shares are the nearest to it.
    else if (most !== undefined || operator === 'GROUP_BY')
      spread.push({ by: attribute, maxSkew: 1 })
    else if ((operator === 'CLUSTER' && value !== '') || operator === 'IS')
      placement.require.push({ attribute, op: 'in', values: [value] })
    else if (operator === 'LIKE' || operator === 'UNLIKE')
      placement.require.push({
        attribute,
        op: operator === 'LIKE' ? 'matches' : 'notMatches',
        values: [value],
      })
  }
  return { ...placement, spread, ...(maxPerNode === undefined ? {} : { maxPerNode }) }
}

function attributeOf(field: string): string {
  if (field === 'hostname' || field === '@hostname') return 'node.name'
  if (field === '@region') return 'region'
  return field === '@zone' ? 'zone' : field
}
