import type { AppStatus, Health, Instance, InstanceState, Reason } from 'intermodal'
import { isReadiness } from './checks.ts'
import { causeOf, isCrash, reason } from './failure.ts'
import { isFinal, isWrapped } from './job.ts'
import type { Waiting } from './queue.ts'
import { configuredAt, generationOf } from './revision.ts'
import type { AppInfo, Task, TaskFailure } from './wire-answers.ts'

/** What the instances of one app are judged by. */
export interface Judging {
  readonly app: AppInfo
  readonly revision: string
  /** What earlier versions were called, by the moment they were configured. */
  readonly revisions: ReadonlyMap<number, string>
  readonly job: boolean
  /** Pods have versions, and nothing that tells a scale from another change. */
  readonly pod: boolean
  readonly waiting: Waiting | undefined
  readonly deploying: boolean
  /** Tasks whose readiness check says no. */
  readonly notReady: ReadonlySet<string>
  readonly previous: AppStatus | undefined
  readonly now: number
}

const STATES: Readonly<Record<string, InstanceState>> = {
  TASK_STAGING: 'preparing',
  TASK_STARTING: 'starting',
  TASK_RUNNING: 'running',
  TASK_KILLING: 'stopping',
  TASK_FINISHED: 'succeeded',
  TASK_KILLED: 'killed',
  TASK_FAILED: 'failed',
  TASK_ERROR: 'rejected',
  TASK_LOST: 'lost',
  TASK_DROPPED: 'lost',
  TASK_GONE: 'lost',
  TASK_GONE_BY_OPERATOR: 'lost',
  TASK_UNREACHABLE: 'lost',
  TASK_UNKNOWN: 'unknown',
}

export function instancesOf(judging: Judging): readonly Instance[] {
  const tasks = judging.app.tasks ?? []
  const slots = new Slots(judging)
  const live = tasks.map((task) => instanceOf(task, judging, slots))
  const failure = failedInstance(judging)
  return failure && !live.some(({ id }) => id === failure.id) ? [...live, failure] : live
}

function instanceOf(task: Task, judging: Judging, slots: Slots): Instance {
  const { app } = judging
  const started = Date.parse(task.startedAt ?? '')
  const known = judging.previous?.instances.find(({ id }) => id === task.id)
  const state = stateOf(task)
  const { health, kept } = healthOf(task, state, judging, known)
  const done = judging.job && state === 'running' && isWrapped(app) && health === 'healthy'
  const ready =
    state === 'running' && !done && !judging.job && isReady(task, health, judging, known)
  const why = ready || done ? undefined : whyNot(task, state, health, judging)
  const addresses = addressesOf(task)
  return {
    id: task.id,
    ...slots.of(task),
    state: done ? 'succeeded' : state,
    nativeState: `${task.state ?? 'TASK_STAGING'}${kept ? ', health from before the leader changed' : ''}`,
    // The check of a job tells its end, not how well it is.
    health: judging.job ? 'none' : health,
    ready,
    revision: revisionAt(task.version, judging),
    ...(task.host ? { node: task.host } : {}),
    ...(addresses.length > 0 ? { addresses } : {}),
    restarts: 0,
    ...(Number.isFinite(started) ? { startedAt: started } : {}),
    ...(why ? { reason: why } : {}),
  }
}

function stateOf({ state, stagedAt, startedAt }: Task): InstanceState {
  // One that only waits to be launched is told as staging, since 1.8.
  if (state === 'TASK_STAGING' && !stagedAt && !startedAt) return 'pending'
  if (state === undefined) return startedAt ? 'running' : stagedAt ? 'preparing' : 'pending'
  return STATES[state] ?? 'unknown'
}

/**
 * Three-valued: no result is never taken for a bad one. The leader keeps results in its memory, so after a change of leader all are
 * gone until the next check: what was known stays until then.
 */
function healthOf(
  task: Task,
  state: InstanceState,
  judging: Judging,
  known: Instance | undefined,
): { readonly health: Health; readonly kept?: boolean } {
  if ((judging.app.healthChecks ?? []).length === 0) return { health: 'none' }
  const results = (task.healthCheckResults ?? []).filter((result) => result !== null)
  if (results.length > 0) {
    if (results.every(({ alive }) => alive === true)) return { health: 'healthy' }
    const failing = results.some(({ alive, consecutiveFailures = 0, lastFailure }) =>
      alive === false ? consecutiveFailures > 0 || Boolean(lastFailure) : false,
    )
    return { health: failing ? 'unhealthy' : 'warmingUp' }
  }
  if (state !== 'running')
    return { health: state === 'stopping' || state === 'lost' ? 'unknown' : 'warmingUp' }
  if (known?.health === 'healthy' || known?.health === 'unhealthy')
    return { health: known.health, kept: true }
  if (known?.health === 'unknown' && known.ready) return { health: 'unknown' }
  // Nothing was ever known of it: young if we saw it come, or if something is being rolled out.
  return { health: judging.deploying || judging.previous !== undefined ? 'warmingUp' : 'unknown' }
}

function isReady(
  task: Task,
  health: Health,
  { notReady, previous }: Judging,
  known: Instance | undefined,
): boolean {
  if (notReady.has(task.id)) return false
  if (health === 'healthy' || health === 'none') return true
  // Of a fresh start we know nothing, and an app at rest was healthy once.
  return health === 'unknown' && (previous === undefined || (known?.ready ?? false))
}

function whyNot(
  task: Task,
  state: InstanceState,
  health: Health,
  { app, waiting, now, notReady, job }: Judging,
): Reason | undefined {
  const since = Date.parse(task.startedAt ?? task.stagedAt ?? '') || waiting?.since || now
  if (state === 'lost')
    return reason(
      'NodeLost',
      `its agent ${task.host ?? ''} cannot be reached`.replace('  ', ' '),
      since,
    )
  if (state === 'running' && notReady.has(task.id))
    return reason('ReadinessFailed', 'its readiness check does not pass', since)
  if (health === 'unhealthy' && state === 'running' && !job) {
    const onlyReadiness = (app.healthChecks ?? []).every(isReadiness)
    const [failed] = (task.healthCheckResults ?? []).filter((result) => result?.alive === false)
    const times = failed?.consecutiveFailures ?? 0
    const cause = failed?.lastFailureCause ? `: ${failed.lastFailureCause.slice(0, 200)}` : ''
    return reason(
      onlyReadiness ? 'ReadinessFailed' : 'LivenessFailed',
      `its health check failed${times > 1 ? ` ${times} times in a row` : ''}${cause}`,
      Date.parse(failed?.lastFailure ?? '') || since,
    )
  }
  return undefined
}

function revisionAt(version: string | null | undefined, judging: Judging): string {
  const configured = generationOf(configuredAt(judging.app))
  if (!version || generationOf(version) >= configured) return judging.revision
  const at = generationOf(version)
  const before = [...judging.revisions.entries()]
    .filter(([moment]) => moment <= at)
    .sort(([a], [b]) => b - a)
  const known = before[0]?.[1]
  if (judging.pod && (known === undefined ? !judging.deploying : known === judging.revision))
    return judging.revision
  // Of the same content, and to be replaced all the same: after a restart, or on the way back.
  return known === undefined || known === judging.revision ? version : known
}

/** The last that failed, as long as nothing better has come in its place. */
function failedInstance(judging: Judging): Instance | undefined {
  const { app, waiting, job } = judging
  const failure = app.lastTaskFailure
  if (!failure?.taskId || !isCurrent(failure, app)) return undefined
  const tasks = app.tasks ?? []
  const failedAt = Date.parse(failure.timestamp ?? '') || 0
  const wanted = app.instances ?? 1
  const up = tasks.filter(({ state }) => state === 'TASK_RUNNING')
  const delayed = waiting !== undefined && !waiting.overdue
  if (up.length >= wanted && !delayed) return undefined
  const cause = causeOf(failure.state, failure.message)
  // Marathon backs off because of it, so it has not been the first.
  const loop = delayed && !job && isCrash(cause.code) && !isFinal(app)
  return {
    id: failure.taskId,
    state: STATES[failure.state ?? ''] === 'lost' ? 'lost' : 'failed',
    nativeState: failure.state ?? 'TASK_FAILED',
    health: (app.healthChecks ?? []).length === 0 || job ? 'none' : 'unknown',
    ready: false,
    revision: revisionAt(failure.version, judging),
    ...(failure.host ? { node: failure.host } : {}),
    restarts: 0,
    ...(failedAt > 0 ? { finishedAt: failedAt } : {}),
    ...(cause.exitCode === undefined ? {} : { exitCode: cause.exitCode }),
    reason: loop
      ? reason(
          'CrashLoop',
          `${cause.message}; the next attempt is ${waiting.secondsLeft} s away`,
          failedAt,
        )
      : reason(cause.code, cause.message, failedAt),
  }
}

export function isCurrent(failure: TaskFailure, app: AppInfo): boolean {
  return generationOf(failure.version) >= generationOf(configuredAt(app))
}

function addressesOf({ ipAddresses, ports, host }: Task): readonly string[] {
  const own = (ipAddresses ?? []).flatMap(({ ipAddress }) => (ipAddress ? [ipAddress] : []))
  return host && ports?.length ? [...ports.map((port) => `${host}:${port}`), ...own] : own
}

/** Marathon's instances have no names; those of a stateful app keep a number for as long as they are there. */
class Slots {
  readonly #stateful: boolean
  readonly #previous: AppStatus | undefined
  readonly #taken = new Set<string>()

  constructor({ app, previous }: Judging) {
    this.#stateful = app.labels?.['intermodal.kind'] === 'stateful'
    this.#previous = previous
    const live = new Set((app.tasks ?? []).map(({ id }) => placeOf(id)))
    for (const { id, slot } of previous?.instances ?? [])
      if (slot !== undefined && live.has(placeOf(id))) this.#taken.add(slot)
  }

  of({ id }: Task): { readonly slot?: string } {
    if (!this.#stateful) return {}
    const known = this.#previous?.instances.find((one) => placeOf(one.id) === placeOf(id))?.slot
    if (known !== undefined) return { slot: known }
    for (let number = 1; ; number++) {
      const slot = String(number)
      if (this.#taken.has(slot)) continue
      this.#taken.add(slot)
      return { slot }
    }
  }
}

/** Since 1.8 a task that starts again in the same place keeps its instance, and counts up at the end of its id. */
function placeOf(taskId: string): string {
  return taskId.replace(/\.\d+$/, '')
}
