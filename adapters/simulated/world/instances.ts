import type { AppId, InstanceState, Reason } from 'intermodal'
import { endInstance, finishStop } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { afterPull, beginPull } from './images.ts'
import type { AppRecord, InstanceRecord, LogEntry } from './model.ts'
import { beginProbes, stepProbes } from './probes.ts'

/** Alive in the eyes of an update: it has a claim on being there. */
export function isLive({ state }: InstanceRecord): boolean {
  return (
    state === 'pending' ||
    state === 'assigned' ||
    state === 'preparing' ||
    state === 'starting' ||
    state === 'running'
  )
}

/** Occupies a slot: alive, still stopping, or on a lost node and not given up. */
export function occupies(instance: InstanceRecord): boolean {
  return (
    isLive(instance) ||
    instance.state === 'stopping' ||
    (instance.state === 'lost' && !instance.replaced)
  )
}

/** Ready for as long as the app asks (`update.minReadyTime`): what updates count on. */
export function isAvailable(instance: InstanceRecord, minReadyTime: number, now: number): boolean {
  return instance.ready && now - (instance.readyAt ?? now) >= minReadyTime
}

export interface Birth {
  readonly slot: string
  readonly revision: string
  readonly pinned?: string | undefined
  readonly run?: number | undefined
  /** The one it replaces after a crash. */
  readonly after?: InstanceRecord | undefined
  readonly crashes?: readonly number[] | undefined
  readonly notBefore?: number | undefined
  readonly reason?: Reason | undefined
}

export function createInstance(engine: Engine, record: AppRecord, birth: Birth): InstanceRecord {
  const instance: InstanceRecord = {
    id: `${nameOf(record.id)}-${engine.nextId()}`,
    slot: birth.slot,
    revision: birth.revision,
    createdAt: engine.now,
    restarts: birth.after ? birth.after.restarts + 1 : 0,
    run: birth.run,
    pinned: birth.pinned,
    state: 'pending',
    health: hasChecks(record, birth.revision) ? 'warmingUp' : 'none',
    ready: false,
    crashes: birth.crashes,
    notBefore: birth.notBefore,
    reason: birth.reason,
  }
  record.instances.push(instance)
  if (birth.notBefore !== undefined) engine.wake(record, instance, birth.notBefore)
  engine.changed(record)
  return instance
}

function nameOf(id: AppId): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

function hasChecks(record: AppRecord, revision: string): boolean {
  const { startup, liveness, readiness } = specOf(record, revision).probes
  return Boolean(startup ?? liveness ?? readiness)
}

export function setState(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  state: InstanceState,
): void {
  instance.state = state
  engine.changed(record)
  engine.queue(record)
}

/** Whatever is due for an instance. Each step sets the time of the next. */
export function stepInstance(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  switch (instance.state) {
    case 'pending':
      // Back-off is over: reconciliation finds it a place.
      instance.notBefore = undefined
      engine.queue(record)
      return
    case 'assigned':
      beginPull(engine, record, instance)
      return
    case 'preparing':
      afterPull(engine, record, instance)
      return
    case 'starting':
      if (instance.startedAt === undefined) startProcess(engine, record, instance)
      else stepProcess(engine, record, instance)
      return
    case 'running':
      stepProcess(engine, record, instance)
      return
    case 'stopping':
      finishStop(engine, record, instance)
      return
    default:
      engine.queue(record)
  }
}

function startProcess(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { now } = engine
  const app = specOf(record, instance.revision)
  const broken = engine.effects(record, instance).find((effect) => effect.type === 'startFails')
  if (broken) {
    spendLever(engine, record, broken.lever)
    log(engine, instance, 'stderr', broken.message)
    endInstance(engine, record, instance, {
      state: 'failed',
      exitCode: 127,
      reason: { code: 'StartFailed', message: broken.message, count: 1, since: now },
    })
    return
  }
  instance.startedAt = now
  log(engine, instance, 'stdout', `started ${app.image}`)
  for (const line of engine.state.scripts.get(record.id)?.logs ?? []) {
    log(engine, instance, 'stdout', line)
  }
  planEnd(engine, record, instance)
  setState(engine, record, instance, app.probes.startup ? 'starting' : 'running')
  beginProbes(engine, record, instance)
  stepProcess(engine, record, instance)
}

/** Decides when and how the process will end, if it will: by a lever, or because it is a job's. */
export function planEnd(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { kind } = specOf(record, instance.revision)
  const exit = engine.effects(record, instance).findLast((effect) => effect.type === 'exit')
  if (exit) {
    const at = Math.max(engine.now, (instance.startedAt ?? engine.now) + exit.after)
    instance.end = { at, exitCode: exit.code, oom: exit.oom, lever: exit.lever }
  } else if (kind === 'job' || kind === 'cron') {
    instance.end ??= { at: engine.now + engine.duration(record, instance, 'run'), exitCode: 0 }
  }
}

/** Runs what is due in a process that is up: its end, or its checks. */
export function stepProcess(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { end } = instance
  if (end && end.at <= engine.now) {
    if (end.lever !== undefined) spendLever(engine, record, end.lever)
    const failed = end.exitCode !== 0
    log(
      engine,
      instance,
      failed ? 'stderr' : 'stdout',
      failed ? `exiting with code ${end.exitCode}` : 'done',
    )
    endInstance(engine, record, instance, {
      state: failed ? 'failed' : 'succeeded',
      exitCode: end.exitCode,
      reason: failed ? endReason(engine, record, instance) : undefined,
    })
    return
  }
  const nextCheck = stepProbes(engine, record, instance)
  if (instance.state !== 'running' && instance.state !== 'starting') return
  const due = Math.min(nextCheck ?? Number.POSITIVE_INFINITY, end?.at ?? Number.POSITIVE_INFINITY)
  engine.wake(record, instance, Number.isFinite(due) ? due : undefined)
}

function endReason(engine: Engine, record: AppRecord, instance: InstanceRecord): Reason {
  const since = engine.now
  if (instance.end?.oom) {
    const { requests, limits } = specOf(record, instance.revision).resources
    const limit = limits?.memory ?? requests?.memory
    const message =
      limit === undefined
        ? 'ran out of memory'
        : `passed its ${Math.round(limit / 2 ** 20)} MiB of memory`
    return { code: 'OomKilled', message, count: 1, since }
  }
  return {
    code: 'ExitNonZero',
    message: `exited with code ${instance.end?.exitCode}`,
    count: 1,
    since,
  }
}

export function spendLever(engine: Engine, record: AppRecord, id: number): void {
  const lever = engine.state.levers.get(record.id)?.find((candidate) => candidate.id === id)
  if (lever?.times !== undefined) lever.times--
}

const LOG_LIMIT = 200

/** The last lines of each instance are kept, as a log driver with a limit does. */
export function log(
  engine: Engine,
  instance: InstanceRecord,
  stream: LogEntry['stream'],
  text: string,
): void {
  instance.log ??= []
  instance.log.push({ time: engine.now, stream, text })
  if (instance.log.length > LOG_LIMIT) instance.log.shift()
}
