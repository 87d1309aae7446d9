import { notValid } from '../errors.ts'
import { ancestors, isWithin, type PathId } from '../normal/paths.ts'
import { instancesOf, type Root, type Spec } from './root.ts'

export interface Action {
  readonly type: 'Start' | 'Stop' | 'Scale' | 'Restart'
  /** As it shall be; for `Stop`, as it was. */
  readonly spec: Spec
}

/**
 * The steps from one root to another, as Marathon takes them: what is gone stops, what is new starts with no instances,
 * then layer by layer, those others depend on first, everything is restarted or scaled.
 */
export function stepsBetween(original: Root, target: Root): readonly (readonly Action[])[] {
  const removed = [...original.specs.values()].filter(({ id }) => !target.specs.has(id))
  const added = [...target.specs.values()].filter(({ id }) => !original.specs.has(id))
  const steps: (readonly Action[])[] = [
    removed.map((spec) => ({ type: 'Stop', spec })),
    added.map((spec) => ({ type: 'Start', spec })),
    ...layersOf(target).map((layer) =>
      layer.flatMap((spec) => actionOf(original.specs.get(spec.id), spec)),
    ),
  ]
  return steps.filter((step) => step.length > 0)
}

function actionOf(before: Spec | undefined, spec: Spec): readonly Action[] {
  if (!before) return [{ type: 'Scale', spec }]
  if (before.lastConfigChangeAt !== spec.lastConfigChangeAt) return [{ type: 'Restart', spec }]
  return instancesOf(before) === instancesOf(spec) ? [] : [{ type: 'Scale', spec }]
}

/** Each layer depends on earlier ones only. Throws Marathon's refusal when there is a circle. */
export function layersOf(root: Root): readonly (readonly Spec[])[] {
  const specs = [...root.specs.values()]
  const depths = new Map<PathId, number>()
  const open = new Set<PathId>()
  const depthOf = (spec: Spec): number => {
    const known = depths.get(spec.id)
    if (known !== undefined) return known
    if (open.has(spec.id)) throw notValid('/', 'Dependency graph has cyclic dependencies.')
    open.add(spec.id)
    const depth = Math.max(
      0,
      ...dependenciesOf(root, spec, specs).map((other) => depthOf(other) + 1),
    )
    open.delete(spec.id)
    depths.set(spec.id, depth)
    return depth
  }
  const layers: Spec[][] = []
  for (const spec of specs) {
    const depth = depthOf(spec)
    layers[depth] = [...(layers[depth] ?? []), spec]
  }
  return layers
}

/** A dependency on a group is one on everything in it; what a group depends on, all in it depends on. */
function dependenciesOf(root: Root, spec: Spec, specs: readonly Spec[]): readonly Spec[] {
  const own = spec.kind === 'app' ? ((spec.definition.dependencies ?? []) as PathId[]) : []
  const inherited = ancestors(spec.id).flatMap((group) =>
    (group === '/' ? root.dependencies : (root.groups.get(group)?.dependencies ?? [])).filter(
      (path) => !isWithin(path, group) || !isWithin(spec.id, path),
    ),
  )
  const wanted = [...own, ...inherited]
  if (wanted.length === 0) return []
  return specs.filter(({ id }) => id !== spec.id && wanted.some((path) => isWithin(id, path)))
}
