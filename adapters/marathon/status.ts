import {
  type AppStatus,
  deriveStatus,
  type Instance,
  type Observed,
  type Reason,
  type StatusFacts,
} from 'intermodal'
import { reason } from './failure.ts'
import { isFinal, isWrapped } from './job.ts'
import { absolute, isManaged, kindOf, readLabels } from './labels.ts'
import { NO_IMAGE } from './network.ts'
import { placementReasons, type Waiting, waitingOf } from './queue.ts'
import { configuredAt, generationOf, revisionOf } from './revision.ts'
import { instancesOf, isCurrent, type Judging } from './status-instance.ts'
import { activityOf, deploymentOf, lockReasons, type Rolling, rolloutOf } from './status-rollout.ts'
import type { PodDefinition } from './wire.ts'
import type { AppInfo, Deployment, QueueItem } from './wire-answers.ts'

export interface Snapshot {
  /** With tasks, counts, deployments, readiness and lastTaskFailure embedded. */
  readonly app: AppInfo & { readonly spec?: PodDefinition }
  readonly queue: readonly QueueItem[]
  readonly deployments: readonly Deployment[]
  readonly observed: Observed
  /** What was known before, if anything. */
  readonly knowledge?: Knowledge | undefined
}

/** What one look cannot tell: kept from look to look, all by our own clock. */
export interface Knowledge {
  readonly status?: AppStatus | undefined
  /** What versions were called, by the moment they were configured. */
  readonly revisions: ReadonlyMap<number, string>
  /** The newest version there was, with what it is called: to find that out is the dearest part of a look. */
  readonly newest?: { readonly version: string; readonly revision: string } | undefined
  /** Since when it waits without any offer having come. */
  readonly offerlessSince?: number | undefined
  /** Since when instances of older revisions run without a deployment. */
  readonly undrivenSince?: number | undefined
}

/** No offer for this long means that there is nobody to make one, milliseconds. */
const OFFERLESS = 15_000

/** One app in the model's words, of ours or of anybody. Pure. */
export function statusOf(snapshot: Snapshot): AppStatus {
  const { app, queue, deployments, observed, knowledge } = snapshot
  const id = absolute(app.id)
  const kind = kindOf(app)
  const waiting = waitingOf(app.id, queue)
  const revision = nameOf(app, knowledge)
  const judging: Judging = {
    app,
    revision,
    revisions: knowledge?.revisions ?? new Map(),
    job: kind === 'job',
    pod: app.spec !== undefined,
    waiting,
    deploying: deploymentOf(app, deployments) !== undefined,
    notReady: new Set(
      (app.readinessCheckResults ?? []).flatMap(({ ready, taskId }) =>
        ready === false && taskId !== undefined ? [taskId] : [],
      ),
    ),
    previous: knowledge?.status,
    now: observed.at,
  }
  const instances = instancesOf(judging)
  const desired = app.instances ?? 1
  const rolling: Rolling = {
    judging,
    deployments,
    instances,
    desired,
    undrivenSince: knowledge?.undrivenSince,
  }
  const version = generationOf(app.version)
  const waits = waitReasons(waiting, snapshot)
  const facts: StatusFacts = {
    kind,
    desired,
    revision,
    generation: { desired: version, observed: version },
    instances: placeless(instances, waits),
    rollout: kind === 'job' ? undefined : rolloutOf(rolling),
    activity: activityOf(rolling),
    backingOff: isBackingOff(waiting),
    reasons: [
      ...waits,
      ...(kind === 'job' ? [] : backOffReasons(waiting, instances, observed.at)),
      ...lockReasons({ app, deployments, now: observed.at }),
    ],
    ...(kind === 'job' ? jobFacts(app, instances, waiting, desired) : {}),
  }
  return {
    id,
    kind,
    image: imageOf(app),
    ...deriveStatus(facts),
    revision,
    generation: facts.generation,
    ...(facts.rollout ? { rollout: facts.rollout } : {}),
    instances: facts.instances,
    labels: readLabels(app.labels).labels,
    managed: isManaged(app.spec ?? app),
    observed,
  }
}

/** A version is never written twice. */
function nameOf(app: Snapshot['app'], knowledge: Knowledge | undefined): string {
  const { newest } = knowledge ?? {}
  return newest !== undefined && newest.version === app.version
    ? newest.revision
    : revisionOf(app.spec ?? app)
}

function imageOf({ spec, container }: Snapshot['app']): string {
  const [first] = spec?.containers ?? []
  const name = spec && absolute(spec.id).split('/').at(-1)
  const main = spec?.containers.find((one) => one.name === name) ?? first
  return (spec ? main?.image?.id : container?.docker?.image) ?? NO_IMAGE
}

/** Instances that Marathon lists before it has a place for them are those that the queue counts. */
function placeless(instances: readonly Instance[], waits: readonly Reason[]): readonly Instance[] {
  const [why] = waits
  if (!why) return instances
  return instances.map((instance) =>
    instance.state === 'pending' && !instance.reason
      ? { ...instance, reason: { ...why, count: 1 } }
      : instance,
  )
}

/** Overdue is Marathon's word for "waits for offers"; what the offers lack says why. */
function waitReasons(
  waiting: Waiting | undefined,
  { knowledge, observed }: Snapshot,
): readonly Reason[] {
  if (!waiting?.overdue || waiting.count === 0) return []
  const known = placementReasons(waiting)
  if (known.length > 0) return known
  const since = knowledge?.offerlessSince
  if (since === undefined || waiting.offers > 0 || observed.at - since < OFFERLESS) return []
  return [reason('NoNodes', 'no agent has offered anything yet', since, waiting.count)]
}

function isBackingOff(waiting: Waiting | undefined): waiting is Waiting {
  return waiting !== undefined && !waiting.overdue && waiting.count > 0
}

/** What has ended without failing leaves no trace but the rest that Marathon takes before the next attempt. */
function backOffReasons(
  waiting: Waiting | undefined,
  instances: readonly Instance[],
  now: number,
): readonly Reason[] {
  if (!isBackingOff(waiting) || instances.some(({ reason }) => reason)) return []
  const message = 'what it started has ended, and Marathon rests before the next attempt'
  return [reason('CrashLoop', message, waiting.since || now, waiting.count)]
}

/** A wrapped job tells its end by its check. Of others only the end itself is seen: failed, or nothing more to say. */
function jobFacts(
  app: AppInfo,
  instances: readonly Instance[],
  waiting: Waiting | undefined,
  desired: number,
): Pick<StatusFacts, 'completions' | 'exhausted'> {
  const failed = app.lastTaskFailure != null && isCurrent(app.lastTaskFailure, app)
  const live = instances.filter(({ state }) =>
    ['pending', 'preparing', 'starting', 'running'].includes(state),
  )
  const held = waiting !== undefined && !waiting.overdue && isFinal(app)
  if (isWrapped(app)) return { exhausted: failed && held && live.length < desired }
  const ended = held && !failed ? desired - live.length : 0
  return { completions: Math.max(0, ended), exhausted: failed && held }
}

/** What to keep for the next look. */
export function learn(snapshot: Snapshot, status: AppStatus): Knowledge {
  const { app, queue, deployments, knowledge, observed } = snapshot
  const waiting = waitingOf(app.id, queue)
  const offerless = waiting?.overdue && waiting.offers === 0
  const undriven =
    deploymentOf(app, deployments) === undefined &&
    status.instances.some(
      ({ state, revision }) => state === 'running' && revision !== status.revision,
    )
  const revisions = new Map(knowledge?.revisions)
  revisions.set(generationOf(configuredAt(app)), status.revision)
  for (const moment of [...revisions.keys()].sort((a, b) => b - a).slice(REMEMBERED))
    revisions.delete(moment)
  return {
    status,
    revisions,
    ...(app.version === undefined
      ? {}
      : { newest: { version: app.version, revision: status.revision } }),
    ...(offerless ? { offerlessSince: knowledge?.offerlessSince ?? observed.at } : {}),
    ...(undriven ? { undrivenSince: knowledge?.undrivenSince ?? observed.at } : {}),
  }
}

const REMEMBERED = 5
