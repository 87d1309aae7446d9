import type { Cluster } from '../cluster.ts'
import type { JsonObject } from '../json.ts'
import { DEPLOYMENTS } from '../kinds.ts'
import { type KubeObject, time } from '../objects.ts'
import { MANAGER } from './controllers.ts'
import { countOf, limitsOf } from './deployment-math.ts'
import { type Condition, conditionOf, conditionsOf } from './pods.ts'

interface Counts {
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
}

/** Writes what has become of a deployment. Gives back when its deadline has to be looked at, milliseconds. */
export function reportDeployment(
  cluster: Cluster,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  fresh: KubeObject | undefined,
): number | undefined {
  const { now } = cluster
  const counts = countsOf(sets, fresh)
  const conditions = [
    ...[availability(deployment, counts, now)],
    ...progress(deployment, counts, fresh, now),
    ...failures(sets, now),
  ]
  const status = {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...nonZero({
      ...counts,
      unavailableReplicas: Math.max(0, totalOf(sets) - counts.availableReplicas),
    }),
    conditions: inOrder(conditionsOf(deployment), conditions),
  }
  cluster.change(
    DEPLOYMENTS,
    deployment,
    (one) => ({ ...one, status: status as unknown as JsonObject }),
    MANAGER,
    'status',
  )
  const current = conditions.find(({ type }) => type === 'Progressing')
  const limit = Number(deployment.spec?.progressDeadlineSeconds ?? 600) * 1000
  const moving = current?.reason !== 'NewReplicaSetAvailable' && current?.status === 'True'
  if (!moving) return undefined
  return Math.max(0, Date.parse(current?.lastUpdateTime ?? '') + limit - now) + 1000
}

function totalOf(sets: readonly KubeObject[]): number {
  return sets.reduce((sum, set) => sum + countOf(set), 0)
}

function countsOf(sets: readonly KubeObject[], fresh: KubeObject | undefined): Counts {
  const sum = (key: string, list = sets) =>
    list.reduce((total, { status }) => total + Number(status?.[key] ?? 0), 0)
  const own = sets.filter(({ metadata }) => metadata.uid === fresh?.metadata.uid)
  return {
    replicas: sum('replicas'),
    updatedReplicas: sum('replicas', own),
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
  }
}

function nonZero(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

function availability(deployment: KubeObject, counts: Counts, now: number): Condition {
  const least = countOf(deployment) - limitsOf(deployment.spec ?? {}).maxUnavailable
  const enough = counts.availableReplicas >= least
  const [reason, message] = enough
    ? ['MinimumReplicasAvailable', 'Deployment has minimum availability.']
    : ['MinimumReplicasUnavailable', 'Deployment does not have minimum availability.']
  return condition(deployment, 'Available', enough ? 'True' : 'False', reason, message, now)
}

function progress(
  deployment: KubeObject,
  counts: Counts,
  fresh: KubeObject | undefined,
  now: number,
): readonly Condition[] {
  const { spec = {}, status = {} } = deployment
  const before = conditionOf(deployment, 'Progressing')
  const say = (holds: string, reason: string, message: string) => [
    condition(deployment, 'Progressing', holds, reason, message, now),
  ]
  if (spec.paused === true)
    return before?.reason === 'DeploymentPaused'
      ? [before]
      : say('Unknown', 'DeploymentPaused', 'Deployment is paused')
  if (before?.reason === 'DeploymentPaused')
    return say('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  const what = fresh
    ? `ReplicaSet "${fresh.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`
  const observed = Number(status.observedGeneration ?? 0) === deployment.metadata.generation
  const updated = Number(status.updatedReplicas ?? 0)
  if (before?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas)
    return [renamed(before, `${what} has successfully progressed.`, now)]
  const wanted = countOf(deployment)
  const complete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted
  if (complete && fresh)
    return say('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`)
  if (!before)
    return fresh
      ? say('True', 'NewReplicaSetCreated', `Created new replica set "${fresh.metadata.name}"`)
      : []
  const news =
    counts.updatedReplicas > updated ||
    counts.replicas - counts.updatedReplicas < Number(status.replicas ?? 0) - updated ||
    counts.readyReplicas > Number(status.readyReplicas ?? 0) ||
    counts.availableReplicas > Number(status.availableReplicas ?? 0)
  const begins =
    !observed &&
    before.reason !== 'NewReplicaSetCreated' &&
    fresh !== undefined &&
    countOf(fresh) > 0 &&
    counts.updatedReplicas === 0
  if (news || begins || before.reason === 'NewReplicaSetAvailable')
    return say('True', 'ReplicaSetUpdated', `${what} is progressing.`)
  const limit = Number(spec.progressDeadlineSeconds ?? 600) * 1000
  if (before.reason === 'ProgressDeadlineExceeded') return [before]
  if (Date.parse(before.lastUpdateTime ?? '') + limit < now)
    return say('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
  return [before]
}

function renamed(before: Condition, message: string, now: number): Condition {
  return before.message === message ? before : { ...before, message, lastUpdateTime: time(now) }
}

function failures(sets: readonly KubeObject[], now: number): readonly Condition[] {
  const failure = sets.map((set) => conditionOf(set, 'ReplicaFailure')).find(Boolean)
  return failure ? [{ ...failure, lastUpdateTime: failure.lastUpdateTime ?? time(now) }] : []
}

function condition(
  deployment: KubeObject,
  type: string,
  status: string,
  reason: string,
  message: string,
  now: number,
): Condition {
  const before = conditionOf(deployment, type)
  if (before?.status === status && before.reason === reason && type === 'Available') return before
  const lastTransitionTime =
    before?.status === status ? (before.lastTransitionTime ?? time(now)) : time(now)
  return { type, status, lastUpdateTime: time(now), lastTransitionTime, reason, message }
}

/** What was there keeps its place; what is newly written comes after it. */
function inOrder(before: readonly Condition[], now: readonly Condition[]): readonly Condition[] {
  const kept = before.flatMap(({ type }) => now.find((one) => one.type === type) ?? [])
  return [...kept, ...now.filter((one) => !kept.includes(one))]
}
