import {
  type AppId,
  type AppStatus,
  deriveStatus,
  type Instance,
  type Observed,
  readMemo,
  type StatusFacts,
} from 'intermodal'
import { canonical } from './canonical.ts'
import { crashLoop, gaveUp, monitorOf } from './crash-loop.ts'
import { idOfService, isManaged, MEMO, REVISION, readLabels } from './labels.ts'
import { isObject } from './patch.ts'
import { kindOf } from './read.ts'
import { causeOf } from './reasons.ts'
import { type Slot, slotsOf, stateTime, timeOf } from './slots.ts'
import { instancesOf, isChecked, type Judging } from './status-instance.ts'
import { pauseReasons, rolloutOf } from './status-rollout.ts'
import { isJob, revisionOfSpec, taskRevisions } from './task-revision.ts'
import type { Node, Service, ServiceSpec, Task } from './wire.ts'

export interface Snapshot {
  /** A row of `GET /services?status=true`. */
  readonly service: Service
  /** Its tasks, the ended ones too: they are the only history there is. */
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[] | ReadonlyMap<string, Node>
  readonly observed: Observed
  /** The status before this one, if there is one: see `rolloutOf()`. */
  readonly previous?: AppStatus | undefined
}

/**
 * One service in the model's words, of ours or of anybody. Pure, but a matter of time too: an instance counts as up
 * when it has been for a while, so the same snapshot can mean more a few seconds later.
 */
export function statusOf(snapshot: Snapshot): AppStatus {
  const { service, tasks, observed, previous } = snapshot
  const { Spec } = service
  const nodes = nodeIndex(snapshot.nodes)
  const job = isJob(Spec)
  const slots = slotsOf(service, tasks)
  const revision = revisionOfSpec(Spec)
  const given = new Map(slots.map((slot) => [slot, gaveUp(slot, Spec, job, observed.at)]))
  const judging = judge(service, nodes, revision, observed.at)
  const instances = slots.flatMap((slot) => [
    ...instancesOf(slot, judging, given.get(slot) === false),
  ])
  const desired = desiredOf(service, slots)
  const rolling = {
    service,
    revision,
    instances,
    revisions: () => revisionsOf(tasks, judging),
    desired,
    checked: isChecked(Spec.TaskTemplate),
    now: observed.at,
    previous,
  }
  const facts: StatusFacts = {
    kind: kindOf(Spec),
    desired,
    revision,
    generation: { desired: service.Version.Index, observed: service.Version.Index },
    instances,
    // A job is done when it is complete; there is nothing to roll.
    rollout: job ? undefined : rolloutOf(rolling),
    activity: activityOf(service, slots, instances, desired),
    exhausted: [...given.values()].includes(true),
    reasons: pauseReasons(service),
    ...(job ? { completions: completions(service, slots) } : {}),
  }
  return {
    id: idOfService(Spec),
    kind: facts.kind,
    image: Spec.TaskTemplate.ContainerSpec?.Image ?? '',
    ...deriveStatus(facts),
    revision,
    generation: facts.generation,
    ...(facts.rollout ? { rollout: facts.rollout } : {}),
    instances,
    labels: readLabels(Spec.Labels).labels,
    ...(timeOf(service.CreatedAt) > 0 ? { createdAt: timeOf(service.CreatedAt) } : {}),
    managed: isManaged(Spec),
    observed,
  }
}

function revisionsOf(tasks: readonly Task[], { revisionOf }: Judging): readonly string[] {
  const newestFirst = [...tasks].sort((a, b) => timeOf(b.CreatedAt) - timeOf(a.CreatedAt))
  return [...new Set(newestFirst.map(revisionOf))]
}

export function nodeIndex(
  nodes: readonly Node[] | ReadonlyMap<string, Node>,
): ReadonlyMap<string, Node> {
  return 'get' in nodes ? nodes : new Map(nodes.map((node) => [node.ID, node]))
}

function judge(
  service: Service,
  nodes: ReadonlyMap<string, Node>,
  revision: string,
  now: number,
): Judging {
  const { Spec } = service
  const unhealthy = () => (onlyReadiness(Spec) ? 'ReadinessFailed' : 'LivenessFailed')
  const revisionOf = taskRevisions(service)
  const cause = (task: Task) => causeOf(task, nodes, unhealthy)
  const job = isJob(Spec)
  return {
    nodes,
    revisionOf,
    causeOf: cause,
    job,
    loopOf: (slot) =>
      job ? undefined : crashLoop(slot, (task) => revisionOf(task) === revision, cause, now),
    monitor: monitorOf(Spec),
    now,
  }
}

/** Whether the one check stands for a readiness probe alone: only the memo knows. */
function onlyReadiness({ Labels }: ServiceSpec): boolean {
  const probes = readMemo(Labels?.[MEMO])?.app.probes
  return isObject(probes) && probes.liveness === null
}

function desiredOf({ Spec, ServiceStatus }: Service, slots: readonly Slot[]): number {
  const { Mode } = Spec
  if (Mode?.ReplicatedJob) {
    return canonical(Spec).Mode.ReplicatedJob?.TotalCompletions ?? 1
  }
  const running = slots.filter(({ live }) => live.length > 0).length
  if (Mode?.GlobalJob) {
    const { DesiredTasks, CompletedTasks = 0 } = ServiceStatus ?? {}
    return DesiredTasks === undefined ? slots.length : DesiredTasks + CompletedTasks
  }
  // Which nodes a global service is meant for is not told; Swarm counts the tasks it made.
  if (Mode?.Global) return ServiceStatus?.DesiredTasks ?? running
  return Mode?.Replicated?.Replicas ?? 1
}

function completions({ ServiceStatus }: Service, slots: readonly Slot[]): number {
  const seen = slots.filter(({ ended }) => ended.some(({ Status }) => Status.State === 'complete'))
  return Math.max(seen.length, ServiceStatus?.CompletedTasks ?? 0)
}

/** Swarm keeps the spec before the newest one, so what changed last can be told. */
function activityOf(
  service: Service,
  slots: readonly Slot[],
  instances: readonly Instance[],
  desired: number,
): StatusFacts['activity'] {
  const { Spec, PreviousSpec, UpdateStatus, UpdatedAt } = service
  if (!PreviousSpec) return undefined
  const before = PreviousSpec.TaskTemplate
  const forced = (Spec.TaskTemplate.ForceUpdate ?? 0) > (before.ForceUpdate ?? 0)
  if (forced && UpdateStatus?.State === 'updating') {
    const same =
      before.ContainerSpec?.Labels?.[REVISION] ===
      Spec.TaskTemplate.ContainerSpec?.Labels?.[REVISION]
    return same && before.ContainerSpec?.Image === Spec.TaskTemplate.ContainerSpec?.Image
      ? 'restarting'
      : undefined
  }
  const counted = Spec.Mode?.Replicated?.Replicas !== PreviousSpec.Mode?.Replicated?.Replicas
  if (!counted || UpdateStatus?.State !== undefined) return undefined
  // Only what the new count brought is still coming up: in a slot with a past, something else is wrong.
  const fresh = slots.filter(({ ended, stopping }) => ended.length === 0 && stopping.length === 0)
  const coming = fresh.some(({ live }) =>
    live.some(
      (task) =>
        task.Status.State !== 'running' && timeOf(task.CreatedAt) >= timeOf(UpdatedAt) - 1000,
    ),
  )
  const missing = slots.every(({ ended }) => ended.length === 0) && slots.length < desired
  const leaving = instances.some(({ state }) => state === 'stopping')
  return coming || missing || leaving ? 'scaling' : undefined
}

/** An app that is removed: its service is gone, and its last instances are on their way out. */
export function removedStatus(left: {
  readonly id: AppId
  readonly tasks: readonly Task[]
  readonly nodes: Snapshot['nodes']
  readonly observed: Observed
}): AppStatus {
  const { id, tasks, observed } = left
  const nodes = nodeIndex(left.nodes)
  const newest = tasks.reduce<Task | undefined>(
    (found, task) => (found && stateTime(found) >= stateTime(task) ? found : task),
    undefined,
  )
  const container = newest?.Spec.ContainerSpec
  const revision = container?.Labels?.[REVISION] ?? ''
  const instances = tasks.map((task): Instance => {
    const node = nodes.get(task.NodeID ?? '')
    return {
      id: task.ID,
      ...(task.Slot === undefined ? {} : { slot: String(task.Slot) }),
      state: 'stopping',
      nativeState: task.Status.State,
      health: 'unknown',
      ready: false,
      revision: task.Spec.ContainerSpec?.Labels?.[REVISION] ?? revision,
      ...(task.NodeID ? { node: node?.Description?.Hostname ?? task.NodeID } : {}),
      restarts: 0,
    }
  })
  const generation = newest?.Version.Index ?? 0
  const facts: StatusFacts = {
    kind: newest?.Slot === undefined ? 'daemon' : 'service',
    desired: 0,
    revision,
    generation: { desired: generation, observed: generation },
    instances,
    deleting: true,
  }
  return {
    id,
    kind: facts.kind,
    image: container?.Image ?? '',
    ...deriveStatus(facts),
    revision,
    generation: facts.generation,
    instances,
    labels: {},
    managed: true,
    observed,
  }
}
