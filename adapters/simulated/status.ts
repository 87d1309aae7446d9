import { type AppStatus, deriveStatus, type Instance, type Reason } from 'intermodal'
import { specOf } from './world/engine.ts'
import { occupies } from './world/instances.ts'
import type { AppRecord, InstanceRecord } from './world/model.ts'

/** What the world says of one app at this moment, in the model's words. Pure. */
export function statusOf(record: AppRecord, at: number, source: 'read' | 'watch'): AppStatus {
  const { spec, rollout } = record
  const { app } = spec
  const suspended = record.suspended !== undefined && record.job?.failed === undefined
  const instances = record.instances
    .filter((one) => isEvidence(record, one))
    .map((one) => publicInstance(record, one))
  const { state, counts, reasons } = deriveStatus({
    // Suspended, every kind is the same: nothing is wanted of it.
    kind: suspended ? 'service' : app.kind,
    desired: suspended ? 0 : record.replicas,
    revision: spec.revision,
    generation: { desired: record.generation, observed: record.observed },
    instances,
    rollout,
    activity: record.activity,
    deleting: record.deleting,
    completions: record.job?.completed,
    exhausted: isExhausted(record),
    reasons: appReasons(record, instances),
  })
  return {
    id: record.id,
    kind: app.kind,
    image: app.image,
    state,
    counts,
    reasons,
    revision: spec.revision,
    generation: { desired: record.generation, observed: record.observed },
    rollout: rollout && {
      state: rollout.state,
      revision: rollout.revision,
      message: rollout.message,
      since: rollout.since,
    },
    instances,
    labels: app.labels,
    createdAt: record.createdAt,
    managed: record.owner === OWNER,
    observed: { at, source, stale: false },
  }
}

/** Who apps belong to that came through this adapter. */
export const OWNER = 'intermodal'

/** What has ended is told as long as it says something about today: its slot does not serve again yet. */
function isEvidence(record: AppRecord, instance: InstanceRecord): boolean {
  if (occupies(instance)) return true
  const { kind } = record.spec.app
  if (kind === 'job' || kind === 'cron') return true
  return !record.instances.some((other) => other.slot === instance.slot && other.ready)
}

export function publicInstance(record: AppRecord, instance: InstanceRecord): Instance {
  const { id, slot, state, health, ready, revision, restarts } = instance
  const { node, startedAt, finishedAt, exitCode, reason } = instance
  return {
    id,
    slot,
    state,
    health,
    ready,
    revision,
    restarts,
    node,
    startedAt,
    finishedAt,
    exitCode,
    reason,
    addresses: addressesOf(record, instance),
  }
}

function addressesOf(record: AppRecord, instance: InstanceRecord): readonly string[] | undefined {
  const { node, ports } = instance
  if (node === undefined || instance.state !== 'running') return undefined
  const { ports: declared } = specOf(record, instance.revision)
  if (declared.length === 0) return undefined
  return declared.map(({ name, containerPort }) => {
    const hostPort = ports?.[name]
    return hostPort === undefined ? `${instance.id}:${containerPort}` : `${node}:${hostPort}`
  })
}

/** Nothing will be tried again by itself. */
function isExhausted(record: AppRecord): boolean {
  if (record.job?.failed) return true
  const { kind } = record.spec.app
  if (kind === 'cron')
    return record.cron?.runs.findLast(({ state }) => state !== 'active')?.state === 'failed'
  return record.instances.some(
    ({ gaveUp, revision }) => gaveUp && revision === record.spec.revision,
  )
}

function appReasons(record: AppRecord, instances: readonly Instance[]): readonly Reason[] {
  const { rollout, job } = record
  const reasons: Reason[] = []
  if (rollout?.state === 'paused') {
    reasons.push({
      code: rollout.pausedBy === 'user' ? 'PausedByUser' : 'PausedOnFailure',
      message: rollout.message,
      count: 1,
      since: rollout.since,
    })
  }
  // A rollout that was rolled back is history, told by `rollout`; reasons are about what is so now.
  const present = rollout?.state !== 'running' && rollout?.state !== 'rolledBack'
  const cause = job?.failed ?? (present ? rollout?.cause : undefined)
  // Most often an instance still shows the cause; it is told once.
  if (cause && !instances.some(({ reason }) => reason?.code === cause.code)) reasons.push(cause)
  return reasons
}
