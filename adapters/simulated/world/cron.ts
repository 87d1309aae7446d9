import { Cron } from 'croner'
import type { App } from 'intermodal'
import { forgetInstance, stopInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { createInstance, isLive, occupies } from './instances.ts'
import type { AppRecord, CronRun, InstanceRecord } from './model.ts'

/** How many finished runs stay visible where the app does not say, as in Kubernetes. */
const KEEP = { succeeded: 3, failed: 1 }

/** The first moment of the schedule after this one. */
export function nextRun(app: App, after: number): number | undefined {
  const { schedule } = app
  if (!schedule) return undefined
  const cron = new Cron(schedule.cron, {
    paused: true,
    mode: '5-part',
    ...(schedule.timeZone === undefined ? {} : { timezone: schedule.timeZone }),
  })
  return cron.nextRun(new Date(after))?.getTime()
}

/** One step of a cron app: starts the runs that are due, follows those that are on, forgets old ones. */
export function reconcileCron(engine: Engine, record: AppRecord): number | undefined {
  const { app } = record.spec
  const first = nextRun(app, engine.now)
  record.cron ??= { nextAt: first, runs: [] }
  const { rollout, cron } = record
  // A schedule is in force as soon as it is known; its runs are not part of the rollout.
  if (rollout?.state === 'running' || rollout?.state === 'rollingBack') {
    rollout.state = rollout.state === 'running' ? 'succeeded' : 'rolledBack'
    rollout.message = 'scheduled'
    rollout.since = engine.now
    record.activity = undefined
    cron.nextAt = first
    engine.changed(record)
  }
  while (cron.nextAt !== undefined && cron.nextAt <= engine.now) {
    const scheduledAt = cron.nextAt
    cron.nextAt = nextRun(app, scheduledAt)
    if (record.suspended === undefined && rollout?.state !== 'paused')
      startRun(engine, record, scheduledAt)
  }
  for (const run of cron.runs) followRun(engine, record, run)
  forgetRuns(engine, record)
  const deadlines = cron.runs.flatMap((run) =>
    run.state === 'active' && app.job?.deadline !== undefined
      ? [run.scheduledAt + app.job.deadline]
      : [],
  )
  const due = [...deadlines, ...(cron.nextAt === undefined ? [] : [cron.nextAt])]
  return due.length === 0 ? undefined : Math.min(...due)
}

function startRun(engine: Engine, record: AppRecord, scheduledAt: number): void {
  const { schedule } = record.spec.app
  const active = record.cron?.runs.filter(({ state }) => state === 'active') ?? []
  const late = engine.now - scheduledAt > (schedule?.startDeadline ?? Number.POSITIVE_INFINITY)
  if (late || (active.length > 0 && schedule?.concurrency === 'forbid')) return
  if (schedule?.concurrency === 'replace') {
    for (const run of active) {
      run.state = 'replaced'
      run.finishedAt = engine.now
      for (const one of instancesOf(record, run)) stopInstance(engine, record, one)
    }
  }
  record.cron?.runs.push({ id: engine.nextId(), scheduledAt, state: 'active' })
  engine.changed(record)
}

function instancesOf(record: AppRecord, run: CronRun): readonly InstanceRecord[] {
  return record.instances.filter((one) => one.run === run.id)
}

function followRun(engine: Engine, record: AppRecord, run: CronRun): void {
  if (run.state !== 'active') return
  const { job } = record.spec.app
  const own = instancesOf(record, run)
  const done = new Set(own.filter(({ state }) => state === 'succeeded').map(({ slot }) => slot))
  const completions = job?.completions ?? 1
  const late = engine.now >= run.scheduledAt + (job?.deadline ?? Number.POSITIVE_INFINITY)
  if (done.size >= completions) {
    endRun(engine, record, run, 'succeeded')
    return
  }
  if (late || own.some(({ gaveUp }) => gaveUp)) {
    endRun(engine, record, run, 'failed')
    return
  }
  const busy = new Set(own.filter(occupies).map(({ slot }) => slot))
  for (let index = 0; index < completions; index++) {
    const slot = `${run.id}.${index}`
    if (busy.size >= Math.min(job?.parallelism ?? 1, completions - done.size)) break
    if (done.has(slot) || busy.has(slot)) continue
    createInstance(engine, record, { slot, revision: record.spec.revision, run: run.id })
    busy.add(slot)
  }
}

function endRun(
  engine: Engine,
  record: AppRecord,
  run: CronRun,
  state: 'succeeded' | 'failed',
): void {
  run.state = state
  run.finishedAt = engine.now
  for (const one of instancesOf(record, run)) if (isLive(one)) stopInstance(engine, record, one)
  engine.changed(record)
}

function forgetRuns(engine: Engine, record: AppRecord): void {
  const { cron } = record
  const keep = { ...KEEP, ...record.spec.app.schedule?.keep }
  for (const state of ['succeeded', 'failed', 'replaced'] as const) {
    const finished = cron?.runs.filter((run) => run.state === state) ?? []
    const limit = state === 'replaced' ? 0 : (keep[state] ?? KEEP[state])
    for (const run of finished.slice(0, Math.max(0, finished.length - limit))) {
      const own = instancesOf(record, run)
      if (own.some(({ state }) => state === 'stopping')) continue
      for (const one of own) forgetInstance(engine, record, one)
      cron?.runs.splice(cron.runs.indexOf(run), 1)
    }
  }
}
