import type { AppDefinition } from '../normal/app.ts'
import { ancestors, isWithin, type PathId } from '../normal/paths.ts'
import type { PodDefinition } from '../normal/pod.ts'

interface Versioned {
  readonly id: PathId
  /** ISO 8601 with milliseconds: when this definition was made. */
  readonly version: string
  readonly lastScalingAt: string
  readonly lastConfigChangeAt: string
}

export interface AppSpec extends Versioned {
  readonly kind: 'app'
  readonly definition: AppDefinition
}

export interface PodSpec extends Versioned {
  readonly kind: 'pod'
  readonly definition: PodDefinition
}

/** Whatever Marathon runs. */
export type Spec = AppSpec | PodSpec

export interface GroupSpec {
  readonly dependencies: readonly PathId[]
  readonly enforceRole?: boolean | undefined
}

/** All that is wanted, at one moment: never changed, only replaced. */
export interface Root {
  readonly specs: ReadonlyMap<PathId, Spec>
  /** All groups but the root one, those included that only exist because something is in them. */
  readonly groups: ReadonlyMap<PathId, GroupSpec>
  readonly dependencies: readonly PathId[]
  readonly version: string
}

/** The next root in the making. */
export interface Draft {
  readonly specs: Map<PathId, Spec>
  readonly groups: Map<PathId, GroupSpec>
  dependencies: readonly PathId[]
  /** Restarted although nothing of them changed. */
  readonly restarted: Set<PathId>
}

export function emptyRoot(version: string): Root {
  return { specs: new Map(), groups: new Map(), dependencies: [], version }
}

export function draftOf({ specs, groups, dependencies }: Root): Draft {
  return {
    specs: new Map(specs),
    groups: new Map(groups),
    dependencies,
    restarted: new Set(),
  }
}

/** Every group above what is there exists too. */
export function addGroups(draft: Draft): void {
  for (const id of [...draft.specs.keys(), ...draft.groups.keys()]) {
    for (const group of ancestors(id)) {
      if (group !== '/' && !draft.groups.has(group)) draft.groups.set(group, { dependencies: [] })
    }
  }
}

export function instancesOf(spec: Spec): number {
  return spec.kind === 'app' ? spec.definition.instances : (spec.definition.scaling.instances ?? 1)
}

export function withInstances(spec: Spec, instances: number): Spec {
  return spec.kind === 'app'
    ? { ...spec, definition: { ...spec.definition, instances } }
    : { ...spec, definition: { ...spec.definition, scaling: { kind: 'fixed', instances } } }
}

export function roleOf(spec: Spec, fallback: string): string {
  return spec.definition.role ?? fallback
}

export function specsWithin(specs: ReadonlyMap<PathId, Spec>, group: PathId): readonly Spec[] {
  return [...specs.values()].filter(({ id }) => isWithin(id, group))
}

/** Whether nothing but the number of instances differs. */
export function sameConfig(a: Spec, b: Spec): boolean {
  return a.kind === b.kind && configOf(a) === configOf(b)
}

const configs = new WeakMap<Spec, string>()

function configOf(spec: Spec): string {
  const known = configs.get(spec)
  if (known !== undefined) return known
  const { definition } = withInstances(spec, 0)
  // Only the resources of the executor are not compared: changing them alone restarts nothing.
  const { executorResources: _, ...compared } = definition
  const config = canonical(compared)
  configs.set(spec, config)
  return config
}

/** JSON with sorted keys, so that order is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
