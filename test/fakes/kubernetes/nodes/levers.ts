import type { AppId } from 'intermodal'
import type { LeverEffect, ProbeKind, Timings } from '../../../../adapters/simulated/world/model.ts'
import type { Cluster } from '../cluster.ts'
import { JOBS, REPLICA_SETS } from '../kinds.ts'
import { controllerOf, type KubeObject } from '../objects.ts'

const REVISIONS = [
  'pod-template-hash',
  'controller-revision-hash',
  'batch.kubernetes.io/controller-uid',
]

/** The world's levers, as they work on pods: `world.app('/shop/web')` is the workload `web` of the namespace `shop`. */
export class PodLevers {
  readonly #cluster: Cluster
  readonly #seen = new Map<AppId, Set<string>>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** A pod begins: levers for what comes next are about its revision, when it is a new one. */
  begin(pod: KubeObject): void {
    const [id, revision] = [this.appOf(pod), revisionOf(pod)]
    const seen = this.#seen.get(id) ?? new Set()
    this.#seen.set(id, seen)
    if (seen.has(revision)) return
    seen.add(revision)
    for (const lever of this.#cluster.world.engine.state.levers.get(id) ?? [])
      if (lever.scope.on === 'next') lever.scope = { on: 'revision', revision }
  }

  appOf(pod: KubeObject): AppId {
    const { namespace } = pod.metadata
    return `/${namespace}/${this.#top(pod)}`
  }

  #top(object: KubeObject): string {
    const owner = controllerOf(object)
    if (!owner) return object.metadata.name
    const kind =
      owner.kind === 'ReplicaSet' ? REPLICA_SETS : owner.kind === 'Job' ? JOBS : undefined
    const above = kind && this.#cluster.store.get(kind, object.metadata.namespace, owner.name)
    return above ? this.#top(above) : owner.name
  }

  #effects(pod: KubeObject): readonly (LeverEffect & { readonly lever: number })[] {
    const revision = revisionOf(pod)
    return (this.#cluster.world.engine.state.levers.get(this.appOf(pod)) ?? [])
      .filter(
        ({ scope, times }) =>
          times !== 0 &&
          (scope.on === 'all' ||
            (scope.on === 'revision' && scope.revision === revision) ||
            (scope.on === 'instance' && scope.instance === pod.metadata.name)),
      )
      .map(({ id, effect }) => ({ ...effect, lever: id }))
  }

  exit(pod: KubeObject) {
    return this.#effects(pod).findLast((effect) => effect.type === 'exit')
  }

  startFailure(pod: KubeObject) {
    return this.#effects(pod).findLast((effect) => effect.type === 'startFails')
  }

  fails(pod: KubeObject, probe: ProbeKind): boolean {
    return this.#effects(pod).some(
      (effect) => effect.type === 'unhealthy' && effect.probes.includes(probe),
    )
  }

  /** How long something takes, milliseconds, spread by the seed. */
  duration(pod: KubeObject, what: Exclude<keyof Timings, 'jitter'>): number {
    let length = this.#cluster.timings[what]
    for (const effect of this.#effects(pod))
      if (effect.type === 'takes') length = effect.timings[what] ?? length
    return this.#cluster.spread(length)
  }

  spend(pod: KubeObject, id: number): void {
    const lever = this.#cluster.world.engine.state.levers
      .get(this.appOf(pod))
      ?.find((one) => one.id === id)
    if (lever?.times !== undefined) lever.times--
  }

  lines(pod: KubeObject): readonly string[] {
    return this.#cluster.world.engine.state.scripts.get(this.appOf(pod))?.logs ?? []
  }
}

function revisionOf({ metadata: { labels = {} } }: KubeObject): string {
  return REVISIONS.map((key) => labels[key]).find((value) => value !== undefined) ?? ''
}
