import type { JsonObject } from '../json.ts'
import { sameJson } from '../json.ts'
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../kinds.ts'
import { controllerOf, isGoing, type KubeObject } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import { type Controller, keyOf, MANAGER, splitKey, type Tools } from './controllers.ts'
import {
  countOf,
  isDone,
  isFinished,
  limitsOf,
  proportional,
  sameNotes,
  templateOf,
  wantedNew,
} from './deployment-math.ts'
import { reportDeployment } from './deployment-status.ts'
import { hashOf, isActive, ownerOf } from './pods.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAXIMUM = 'deployment.kubernetes.io/max-replicas'
const COMPONENT = 'deployment-controller'
/** Of a deployment and not of what it is made of. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deployment.kubernetes.io/revision-history',
  DESIRED,
  MAXIMUM,
])

/** Moves deployments from one replica set to the next, within their budgets. */
export function deploymentController({ cluster, owned }: Tools): Controller {
  const { store, events } = cluster

  const notes = ({ metadata, spec = {} }: KubeObject) => {
    const { maxSurge } = limitsOf(spec)
    const replicas = Number(spec.replicas ?? 0)
    const own = Object.entries(metadata.annotations ?? {}).filter(([key]) => !OWN.has(key))
    return {
      ...Object.fromEntries(own),
      [DESIRED]: String(replicas),
      [MAXIMUM]: String(replicas + maxSurge),
    }
  }

  const adopt = (deployment: KubeObject) => {
    const fits = objectSelector(deployment.spec?.selector as JsonObject)
    for (const set of owned.free(REPLICA_SETS, deployment.metadata.namespace)) {
      if (isGoing(set) || !fits(set.metadata.labels ?? {})) continue
      cluster.change(
        REPLICA_SETS,
        set,
        ({ metadata, ...rest }) => ({
          ...rest,
          metadata: { ...metadata, ownerReferences: [ownerOf(DEPLOYMENTS, deployment)] },
        }),
        MANAGER,
      )
    }
  }

  const scale = (deployment: KubeObject, set: KubeObject, replicas: number) => {
    const from = countOf(set)
    if (from === replicas && sameNotes(set, notes(deployment))) return
    cluster.change(
      REPLICA_SETS,
      set,
      ({ metadata, spec, ...rest }) => ({
        ...rest,
        metadata: { ...metadata, annotations: { ...metadata.annotations, ...notes(deployment) } },
        spec: { ...spec, replicas },
      }),
      MANAGER,
    )
    if (from === replicas) return
    const way = from < replicas ? 'up' : 'down'
    const message = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${replicas}`
    events.tell(DEPLOYMENTS, deployment, {
      reason: 'ScalingReplicaSet',
      message,
      component: COMPONENT,
    })
  }

  const revisionOf = (object: KubeObject) => Number(object.metadata.annotations?.[REVISION] ?? 0)

  const number = (deployment: KubeObject, revision: number) =>
    cluster.change(
      DEPLOYMENTS,
      deployment,
      ({ metadata, ...rest }) => ({
        ...rest,
        metadata: {
          ...metadata,
          annotations: { ...metadata.annotations, [REVISION]: String(revision) },
        },
      }),
      MANAGER,
      'status',
    )

  /** The replica set of the template there is now: made when there is none, numbered anew when it is an old one. */
  const currentSet = (deployment: KubeObject, sets: readonly KubeObject[], make: boolean) => {
    const { spec = {}, metadata } = deployment
    const known = sets.find((set) => sameJson(templateOf(set), templateOf(deployment)))
    const newest = Math.max(0, ...sets.filter((set) => set !== known).map(revisionOf))
    if (known) {
      if (revisionOf(known) <= newest || !sameNotes(known, notes(deployment))) {
        const revision = revisionOf(known) > newest ? revisionOf(known) : newest + 1
        const before = known.metadata.annotations ?? {}
        const history =
          revisionOf(known) > newest
            ? {}
            : { 'deployment.kubernetes.io/revision-history': String(revisionOf(known)) }
        const annotations = {
          ...before,
          ...notes(deployment),
          ...history,
          [REVISION]: String(revision),
        }
        const written = cluster.change(
          REPLICA_SETS,
          known,
          ({ metadata: own, ...rest }) => ({ ...rest, metadata: { ...own, annotations } }),
          MANAGER,
        )
        return written ?? known
      }
      return known
    }
    if (!make) return undefined
    const template = spec.template as { readonly metadata?: JsonObject; readonly spec?: JsonObject }
    const hash = hashOf(template)
    const label = { 'pod-template-hash': hash }
    const selector = spec.selector as JsonObject
    const replicas = wantedNew(deployment, sets, 0)
    const labels = { ...(template.metadata?.labels as object), ...label }
    const made = cluster.make(
      REPLICA_SETS,
      metadata.namespace,
      {
        metadata: {
          name: `${metadata.name}-${hash}`,
          labels,
          annotations: { ...notes(deployment), [REVISION]: String(newest + 1) },
          ownerReferences: [ownerOf(DEPLOYMENTS, deployment)],
        },
        spec: {
          replicas,
          ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
          selector: {
            ...selector,
            matchLabels: { ...(selector.matchLabels as object), ...label },
          },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      },
      MANAGER,
    )
    if (replicas > 0) {
      const message = `Scaled up replica set ${made.metadata.name} from 0 to ${replicas}`
      events.tell(DEPLOYMENTS, deployment, {
        reason: 'ScalingReplicaSet',
        message,
        component: COMPONENT,
      })
    }
    return made
  }

  /** Old sets give up pods that are of no use first, then as many as the budget allows. */
  const shrinkOld = (deployment: KubeObject, fresh: KubeObject, old: readonly KubeObject[]) => {
    const { spec = {} } = deployment
    const { maxUnavailable } = limitsOf(spec)
    const wanted = Number(spec.replicas ?? 0)
    const all = old.reduce((sum, set) => sum + countOf(set), countOf(fresh))
    const least = wanted - maxUnavailable
    const unready = countOf(fresh) - Number(fresh.status?.availableReplicas ?? 0)
    let spare = all - least - unready
    if (spare <= 0) return
    const counts = new Map(old.map((set) => [set, countOf(set)]))
    const oldest = [...old].sort((a, b) => revisionOf(a) - revisionOf(b))
    for (const set of oldest) {
      const count = counts.get(set) ?? 0
      const useless = Math.min(spare, count - Number(set.status?.availableReplicas ?? 0))
      if (useless <= 0) continue
      counts.set(set, count - useless)
      spare -= useless
    }
    const available = [...old, fresh].reduce(
      (sum, set) => sum + Number(set.status?.availableReplicas ?? 0),
      0,
    )
    let free = available - least
    for (const set of oldest) {
      if (free <= 0) break
      const count = counts.get(set) ?? 0
      const some = Math.min(count, free)
      counts.set(set, count - some)
      free -= some
    }
    for (const [set, count] of counts) if (count !== countOf(set)) scale(deployment, set, count)
  }

  const roll = (deployment: KubeObject, sets: readonly KubeObject[], fresh: KubeObject) => {
    const { spec = {} } = deployment
    const old = sets.filter(({ metadata }) => metadata.uid !== fresh.metadata.uid)
    const wanted = Number(spec.replicas ?? 0)
    if ((spec.strategy as JsonObject | undefined)?.type === 'Recreate') {
      for (const set of old) if (countOf(set) > 0) scale(deployment, set, 0)
      const busy = old.some((set) =>
        owned.controlled(PODS, set).some((pod) => isActive(pod) || isGoing(pod)),
      )
      if (!busy) scale(deployment, fresh, wanted)
      return
    }
    const target = wantedNew(deployment, old, countOf(fresh))
    if (target !== countOf(fresh)) {
      scale(deployment, fresh, target)
      if (target > countOf(fresh)) return
    }
    shrinkOld(deployment, store.get(REPLICA_SETS, ...splitKey(keyOf(fresh))) ?? fresh, old)
  }

  const forget = (deployment: KubeObject, old: readonly KubeObject[]) => {
    const limit = Number(deployment.spec?.revisionHistoryLimit ?? 10)
    const idle = old.filter(
      (set) => countOf(set) === 0 && Number(set.status?.replicas ?? 0) === 0 && !isGoing(set),
    )
    const extra = idle.length - limit
    if (extra <= 0) return
    for (const set of idle.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, extra))
      cluster.remove(REPLICA_SETS, set)
  }

  const sync = (deployment: KubeObject): number | undefined => {
    const { spec = {} } = deployment
    const setsOf = () => owned.controlled(REPLICA_SETS, deployment)
    if (isGoing(deployment)) return reportDeployment(cluster, deployment, setsOf(), undefined)
    adopt(deployment)
    const before = setsOf()
    const paused = spec.paused === true
    const recreate = (spec.strategy as JsonObject | undefined)?.type === 'Recreate'
    const known = before.find((set) => sameJson(templateOf(set), templateOf(deployment)))
    if (recreate && !paused && !known) {
      // The old ones have to be gone before there is a new one.
      const live = before.filter((set) => countOf(set) > 0)
      for (const set of live) scale(deployment, set, 0)
      const busy = before.some((set) => owned.controlled(PODS, set).some((pod) => !isFinished(pod)))
      if (live.length > 0 || busy) return reportDeployment(cluster, deployment, setsOf(), undefined)
    }
    const fresh = currentSet(deployment, before, !paused)
    const numbered =
      fresh && revisionOf(deployment) !== revisionOf(fresh)
        ? number(deployment, revisionOf(fresh))
        : deployment
    const current = numbered ?? deployment
    const resized = before.some(
      (set) =>
        countOf(set) > 0 &&
        set.metadata.annotations?.[DESIRED] !== undefined &&
        Number(set.metadata.annotations[DESIRED]) !== Number(spec.replicas),
    )
    if (paused || resized) {
      for (const [set, count] of proportional(current, setsOf(), fresh)) scale(current, set, count)
    } else if (fresh) roll(current, setsOf(), fresh)
    const again = reportDeployment(cluster, current, setsOf(), fresh)
    if (fresh && isDone(current, fresh))
      forget(
        current,
        setsOf().filter(({ metadata }) => metadata.uid !== fresh.metadata.uid),
      )
    return again
  }

  return {
    name: COMPONENT,
    keysOf: ({ kind, object }) => {
      if (kind === DEPLOYMENTS) return [keyOf(object)]
      const owner = controllerOf(object)
      if (kind === REPLICA_SETS)
        return owner?.kind === 'Deployment'
          ? [`${object.metadata.namespace}/${owner.name}`]
          : store.list(DEPLOYMENTS, object.metadata.namespace).map(keyOf)
      if (kind !== PODS || owner?.kind !== 'ReplicaSet') return []
      // One that recreates waits for the last of its old pods.
      const set = store.get(REPLICA_SETS, object.metadata.namespace, owner.name)
      const top = set && controllerOf(set)
      return top?.kind === 'Deployment' ? [`${object.metadata.namespace}/${top.name}`] : []
    },
    sync: (key) => {
      const deployment = store.get(DEPLOYMENTS, ...splitKey(key))
      return deployment ? sync(deployment) : undefined
    },
  }
}
