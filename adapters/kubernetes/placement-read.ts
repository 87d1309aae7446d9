import { POOL_LABEL } from './options.ts'
import { compact } from './patch.ts'
import { attributeOfLabel } from './placement.ts'
import { readTolerations } from './tolerations.ts'
import type { NodeRequirement, NodeSelectorTerm, PodSpec } from './wire.ts'

const OPS: Readonly<Record<string, string>> = {
  In: 'in',
  NotIn: 'notIn',
  Exists: 'exists',
  DoesNotExist: 'absent',
  Gt: 'gt',
  Lt: 'lt',
}

/** What the model has words for; the rest is found by comparing. */
export function readPlacement(spec: PodSpec, poolLabel = POOL_LABEL): object | undefined {
  const { nodeAffinity, podAntiAffinity } = spec.affinity ?? {}
  const terms =
    nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const require = terms.length === 1 ? readTerm(terms[0]) : undefined
  const prefer = preferred.map(({ preference }) => readTerm(preference))
  const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.some(
    ({ topologyKey }) => topologyKey === 'kubernetes.io/hostname',
  )
  const spread = (spec.topologySpreadConstraints ?? []).flatMap((constraint) => {
    const by = attributeOfLabel(constraint.topologyKey)
    const { maxSkew } = constraint
    const hard = constraint.whenUnsatisfiable === 'DoNotSchedule'
    return by === undefined ? [] : [{ by, ...(hard ? { maxSkew } : {}) }]
  })
  const placement = compact({
    require: require?.length ? require : undefined,
    prefer:
      prefer.every((rules) => rules?.length === 1) && prefer.length > 0 ? prefer.flat() : undefined,
    spread: spread.length > 0 ? spread : undefined,
    maxPerNode: apart ? 1 : undefined,
    pool: spec.nodeSelector?.[poolLabel],
    tolerations: readTolerations(spec.tolerations).tolerations,
  })
  return Object.keys(placement).length > 0 ? placement : undefined
}

/** `undefined` when the term says what no rule can. */
function readTerm(term: NodeSelectorTerm | undefined): object[] | undefined {
  if (!term || term.matchFields?.length) return undefined
  const rules = (term.matchExpressions ?? []).map(readRule)
  return rules.every((rule) => rule !== undefined) ? rules : undefined
}

function readRule({ key, operator, values = [] }: NodeRequirement): object | undefined {
  const attribute = attributeOfLabel(key)
  const op = OPS[operator]
  if (attribute === undefined || op === undefined) return undefined
  return { attribute, op, values: [...values] }
}
