import { type App, canonicalJson, type Revision, revisionOf } from 'intermodal'
import { forgetInstance } from './ending.ts'
import type { Engine } from './engine.ts'
import { materialOf } from './material.ts'
import type { AppRecord, Spec } from './model.ts'
import { isMoving, startRollout } from './rollout.ts'

/** How many earlier revisions can be gone back to. */
const HISTORY = 10

/** What a restart by hand and the content of secrets add to the revision of an app. */
function revisionId(app: App, material: string, restart: number): string {
  return `${revisionOf(app)}${material && `-m${material}`}${restart > 0 ? `-r${restart}` : ''}`
}

function accepted(record: AppRecord, changed: boolean, previous?: string): Revision {
  const { app, revision } = record.spec
  const counted = app.kind === 'service' || app.kind === 'stateful'
  return {
    app: record.id,
    id: revision,
    generation: record.generation,
    changed,
    ...(counted ? { replicas: record.replicas } : {}),
    ...(previous === undefined ? {} : { previous }),
  }
}

/**
 * Creates an app or changes it to this. Only a new revision (`revisionOf` or the content of a secret or config) begins
 * a rollout; the rest changes in place. Without `replicas` the live count stays, and so does being suspended.
 */
export function applyApp(engine: Engine, app: App, owner: string): Revision {
  const record = engine.state.apps.get(app.id)
  const material = materialOf(engine.state, app)
  if (!record) return createApp(engine, app, owner, material)
  const { spec } = record
  const sameContent = revisionOf(spec.app) === revisionOf(app) && spec.material === material
  const restart = sameContent ? spec.restart : 0
  const next: Spec = { app, material, restart, revision: revisionId(app, material, restart) }
  const replicas = wantedReplicas(app, record)
  const sameCount = replicas === record.replicas
  const same = sameContent && sameCount && record.owner === owner
  if (same && withoutReplicas(app) === withoutReplicas(spec.app)) return accepted(record, false)
  const before = spec.revision
  record.owner = owner
  record.generation++
  setReplicas(record, replicas)
  if (next.revision === before) {
    record.spec = next
    if (!sameCount && !isMoving(record)) record.activity = 'scaling'
  } else {
    become(engine, record, next)
    record.activity = undefined
  }
  finishChange(engine, record)
  return accepted(record, true, before)
}

function createApp(engine: Engine, app: App, owner: string, material: string): Revision {
  const record: AppRecord = {
    id: app.id,
    createdAt: engine.now,
    owner,
    spec: { app, material, restart: 0, revision: revisionId(app, material, 0) },
    history: [],
    replicas: firstReplicas(app),
    generation: 1,
    observed: 0,
    instances: [],
  }
  engine.state.apps.set(app.id, record)
  bindLevers(engine, record)
  startRollout(engine, record, {})
  finishChange(engine, record)
  return accepted(record, true)
}

function firstReplicas({ kind, replicas, autoscale, job }: App): number {
  if (kind === 'job') return job?.completions ?? 1
  if (kind === 'cron') return 1
  return replicas ?? autoscale?.min ?? 1
}

function wantedReplicas(app: App, { replicas, suspended }: AppRecord): number {
  if (app.kind === 'job' || app.kind === 'cron') return firstReplicas(app)
  if (app.kind === 'daemon') return replicas
  if (app.replicas !== undefined) return app.replicas
  const { autoscale } = app
  if (!autoscale || suspended !== undefined) return replicas
  return clamp(replicas, autoscale)
}

function clamp(
  count: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  return Math.min(max, Math.max(min, count))
}

/** A count that is set ends being suspended: it says how many there should be. */
function setReplicas(record: AppRecord, replicas: number): void {
  if (replicas !== record.replicas) record.suspended = undefined
  record.replicas = replicas
}

function withoutReplicas({ replicas: _, ...app }: App): string {
  return canonicalJson(app)
}

/** The app is another one from now on; what it was can be gone back to. */
function become(engine: Engine, record: AppRecord, next: Spec): void {
  const { rollout, spec } = record
  // A revision that never served is no place to go back to: the one before it is.
  const unfinished = rollout && rollout.state !== 'succeeded' && rollout.state !== 'rolledBack'
  const served = unfinished && rollout.state !== 'rollingBack' ? rollout.previous : spec.revision
  const previous = served === next.revision ? undefined : served
  const inUse = new Set([previous, ...record.instances.map(({ revision }) => revision)])
  const history = [...record.history, spec].filter(
    ({ revision }, index, all) =>
      revision !== next.revision && all.findLastIndex((one) => one.revision === revision) === index,
  )
  record.history = history.filter(
    ({ revision }, index) => index >= history.length - HISTORY || inUse.has(revision),
  )
  record.spec = next
  record.job = undefined
  bindLevers(engine, record)
  startRollout(engine, record, { previous })
}

/** Levers that wait for the next revision: here it is. */
function bindLevers(engine: Engine, record: AppRecord): void {
  for (const lever of engine.state.levers.get(record.id) ?? []) {
    if (lever.scope.on === 'next') {
      lever.scope = { on: 'revision', revision: record.spec.revision }
    }
  }
}

function finishChange(engine: Engine, record: AppRecord): void {
  engine.changed(record)
  engine.queue(record)
}

export function removeApp(engine: Engine, record: AppRecord): void {
  if (record.deleting) return
  record.deleting = true
  record.generation++
  finishChange(engine, record)
}

/** An autoscaled app stays between its min and max, whoever asks. */
export function scaleApp(engine: Engine, record: AppRecord, wanted: number): Revision {
  const { autoscale } = record.spec.app
  const replicas = autoscale ? clamp(wanted, autoscale) : wanted
  if (record.replicas === replicas) return accepted(record, false)
  record.generation++
  setReplicas(record, replicas)
  if (!isMoving(record)) record.activity = 'scaling'
  finishChange(engine, record)
  return accepted(record, true, record.spec.revision)
}

export function restartApp(engine: Engine, record: AppRecord): Revision {
  const { app, material, restart, revision } = record.spec
  record.generation++
  become(engine, record, {
    app,
    material,
    restart: restart + 1,
    revision: revisionId(app, material, restart + 1),
  })
  record.activity = 'restarting'
  finishChange(engine, record)
  return accepted(record, true, revision)
}

export function suspendApp(engine: Engine, record: AppRecord): Revision {
  if (record.suspended !== undefined || (isCounted(record) && record.replicas === 0)) {
    return accepted(record, false)
  }
  record.suspended = record.replicas
  if (isCounted(record)) record.replicas = 0
  record.generation++
  record.activity = isCounted(record) || record.spec.app.kind === 'daemon' ? 'scaling' : undefined
  finishChange(engine, record)
  return accepted(record, true, record.spec.revision)
}

function isCounted({ spec }: AppRecord): boolean {
  return spec.app.kind === 'service' || spec.app.kind === 'stateful'
}

export function resumeApp(engine: Engine, record: AppRecord): Revision {
  const { rollout, suspended } = record
  const paused = rollout?.state === 'paused'
  if (suspended === undefined && !paused) return accepted(record, false)
  if (suspended !== undefined) {
    if (isCounted(record)) record.replicas = suspended
    record.suspended = undefined
    record.activity = isCounted(record) || record.spec.app.kind === 'daemon' ? 'scaling' : undefined
  }
  if (rollout && paused) {
    Object.assign(rollout, {
      state: 'running',
      pausedBy: undefined,
      cause: undefined,
      since: engine.now,
      message: 'resumed',
      progressAt: engine.now,
      best: undefined,
      failures: 0,
    })
    // Whoever resumes wants another try, of what was given up too.
    for (const one of [...record.instances]) if (one.gaveUp) forgetInstance(engine, record, one)
  }
  record.generation++
  finishChange(engine, record)
  return accepted(record, true, record.spec.revision)
}

/** Holds the rollout where it is. `undefined`: there is none to hold. */
export function pauseApp(engine: Engine, record: AppRecord): Revision | undefined {
  const { rollout } = record
  if (rollout?.state === 'paused') return accepted(record, false)
  if (rollout?.state !== 'running') return undefined
  Object.assign(rollout, {
    state: 'paused',
    pausedBy: 'user',
    since: engine.now,
    message: 'paused by request',
  })
  record.generation++
  finishChange(engine, record)
  return accepted(record, true, record.spec.revision)
}

/**
 * Back to a revision by its id, or to the one that served before: a new rollout of the whole earlier app, with the live
 * replica count. `undefined`: no such revision is known.
 */
export function rollbackApp(
  engine: Engine,
  record: AppRecord,
  revision: string | undefined,
): Revision | undefined {
  const { spec, rollout } = record
  if (revision === spec.revision) return accepted(record, false)
  // A revision the engine itself went back from is no place to go back to.
  const failed =
    rollout?.state === 'rollingBack' || rollout?.state === 'rolledBack'
      ? rollout.revision
      : undefined
  const earlier = record.history.findLast((one) => one.revision !== failed)
  const target = findSpec(record, revision ?? rollout?.previous ?? earlier?.revision)
  if (!target) return undefined
  record.generation++
  become(engine, record, target)
  record.activity = undefined
  finishChange(engine, record)
  return accepted(record, true, spec.revision)
}

function findSpec(record: AppRecord, revision: string | undefined): Spec | undefined {
  return record.history.findLast((spec) => spec.revision === revision)
}
