import { notValid } from '../errors.ts'
import type { PathId } from '../normal/paths.ts'
import { layersOf } from './plan.ts'
import { PortPool } from './ports.ts'
import {
  addGroups,
  type Draft,
  draftOf,
  emptyRoot,
  instancesOf,
  type Root,
  type Spec,
  sameConfig,
} from './root.ts'

/** `--zk_max_versions`. */
const VERSIONS = 50

const TITLES = { app: 'Applications', pod: 'Pods' } as const

/** What is wanted, and what was wanted before. */
export class Store {
  readonly #versions = new Map<PathId, Spec[]>()
  readonly #roots: Root[] = []
  #root: Root

  constructor(version: string) {
    this.#root = emptyRoot(version)
    this.#roots.push(this.#root)
  }

  get root(): Root {
    return this.#root
  }

  /** Newest first. */
  get roots(): readonly Root[] {
    return this.#roots
  }

  /** The stored versions of an app or pod, newest first. */
  versions(id: PathId): readonly Spec[] {
    return this.#versions.get(id) ?? []
  }

  /** The root a change leads to; nothing is stored yet. Throws the refusal when it leads nowhere. */
  next(version: string, change: (draft: Draft) => void): Root {
    const draft = draftOf(this.#root)
    change(draft)
    addGroups(draft)
    for (const id of draft.groups.keys()) {
      const kind = draft.specs.get(id)?.kind
      if (kind) throw notValid('/', `Groups and ${TITLES[kind]} may not have the same identifier.`)
    }
    const pool = new PortPool(draft.specs.values())
    for (const [id, spec] of draft.specs) {
      const before = this.#root.specs.get(id)
      if (spec !== before || draft.restarted.has(id)) {
        draft.specs.set(id, settle(spec, before, draft.restarted.has(id), version, pool))
      }
    }
    const { restarted: _, ...rest } = draft
    const root = { ...rest, version }
    layersOf(root)
    return root
  }

  accept(root: Root): void {
    for (const [id, spec] of root.specs) {
      if (this.#root.specs.get(id) === spec) continue
      const known = this.#versions.get(id) ?? []
      this.#versions.set(id, [spec, ...known].slice(0, VERSIONS))
    }
    for (const id of this.#root.specs.keys()) if (!root.specs.has(id)) this.#versions.delete(id)
    this.#root = root
    this.#roots.unshift(root)
    this.#roots.length = Math.min(this.#roots.length, VERSIONS)
  }
}

/** Scaling moves the version and `lastScalingAt`, a changed configuration all three, a restart all but the scaling. */
function settle(
  spec: Spec,
  before: Spec | undefined,
  restarted: boolean,
  version: string,
  pool: PortPool,
): Spec {
  const assigned: Spec =
    spec.kind === 'app'
      ? {
          ...spec,
          definition: pool.assign(
            spec.definition,
            before?.kind === 'app' ? before.definition : undefined,
          ),
        }
      : spec
  if (!before || !sameConfig(before, assigned)) {
    return { ...assigned, version, lastScalingAt: version, lastConfigChangeAt: version }
  }
  const { lastScalingAt, lastConfigChangeAt } = before
  const scaled = instancesOf(before) !== instancesOf(assigned)
  if (!scaled && !restarted) return before
  return {
    ...assigned,
    version,
    lastScalingAt: scaled ? version : lastScalingAt,
    lastConfigChangeAt: restarted ? version : lastConfigChangeAt,
  }
}
