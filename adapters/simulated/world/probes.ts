import type { Health, Probe, Reason } from 'intermodal'
import { stopInstance } from './ending.ts'
import { type Engine, specOf } from './engine.ts'
import { log, setState } from './instances.ts'
import {
  type AppRecord,
  type InstanceRecord,
  PROBE_KINDS,
  type ProbeKind,
  type ProbeRecord,
} from './model.ts'

/** The process is up: checks begin after their initial delay, startup first when there is one. */
export function beginProbes(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { probes } = specOf(record, instance.revision)
  instance.probes = {}
  for (const kind of probes.startup
    ? (['startup'] as const)
    : (['liveness', 'readiness'] as const)) {
    beginProbe(engine, instance, kind, probes[kind])
  }
  updateHealth(engine, record, instance)
}

function beginProbe(
  engine: Engine,
  instance: InstanceRecord,
  kind: ProbeKind,
  probe: Probe | undefined,
): void {
  if (!probe || !instance.probes) return
  instance.probes[kind] = { streak: 0, nextAt: engine.now + probe.initialDelay }
}

/** Runs the checks that are due; returns when the next one is, if any is needed. */
export function stepProbes(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
): number | undefined {
  const { probes } = specOf(record, instance.revision)
  for (const kind of PROBE_KINDS) {
    const [probe, state] = [probes[kind], instance.probes?.[kind]]
    if (!probe || state?.nextAt === undefined || state.nextAt > engine.now) continue
    check(engine, record, instance, kind, probe, state)
    if (kind === 'startup' && state.verdict === true) {
      beginProbe(engine, instance, 'liveness', probes.liveness)
      beginProbe(engine, instance, 'readiness', probes.readiness)
      setState(engine, record, instance, 'running')
    }
    if (state.verdict === false && kind !== 'readiness') {
      return failProbe(engine, record, instance, kind, probe)
    }
  }
  updateHealth(engine, record, instance)
  const due = PROBE_KINDS.flatMap((kind) => instance.probes?.[kind]?.nextAt ?? [])
  return due.length === 0 ? undefined : Math.min(...due)
}

function check(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  kind: ProbeKind,
  probe: Probe,
  state: ProbeRecord,
): void {
  const { now } = engine
  const startedAt = instance.startedAt ?? now
  const levers = engine.effects(record, instance)
  const warmUp = lengthOf(engine, record, instance, 'warmUp')
  const warm = now >= startedAt + warmUp
  const sick = levers.some((effect) => effect.type === 'unhealthy' && effect.probes.includes(kind))
  const inTime = lengthOf(engine, record, instance, 'check') <= probe.timeout
  const passed = warm && !sick && inTime
  instance.forgotten = undefined
  // Failures within the start period are seen, but do not count.
  const counts = passed || now >= startedAt + probe.startPeriod
  if (counts) {
    state.streak = state.last === passed ? state.streak + 1 : 1
    state.last = passed
    const threshold = passed ? probe.successThreshold : probe.failureThreshold
    if (state.streak >= threshold) state.verdict = passed
  }
  // Once the verdict is what every further check would give, checking again tells nothing new.
  const final = state.verdict === passed && counts && warm
  state.nextAt = final ? undefined : now + Math.max(1, probe.interval)
}

/** Not spread by the seed: every check of an instance has to mean the same moment. */
function lengthOf(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  what: 'warmUp' | 'check',
): number {
  let length = engine.state.timings[what]
  for (const effect of engine.effects(record, instance)) {
    if (effect.type === 'takes') length = effect.timings[what] ?? length
  }
  return length
}

/** A lever changed what checks will say: those at rest go on at their next regular time. */
export function rearmProbes(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  if (!instance.probes || instance.startedAt === undefined) return
  const { probes } = specOf(record, instance.revision)
  let next = Number.POSITIVE_INFINITY
  for (const kind of PROBE_KINDS) {
    const [probe, state] = [probes[kind], instance.probes[kind]]
    // A startup check that has passed never runs again.
    if (!probe || !state || (kind === 'startup' && state.verdict === true)) continue
    const first = instance.startedAt + probe.initialDelay
    const interval = Math.max(1, probe.interval)
    const rounds = Math.floor((engine.now - first) / interval) + 1
    state.nextAt ??= Math.max(first, first + rounds * interval)
    next = Math.min(next, state.nextAt)
  }
  const due = Math.min(next, instance.end?.at ?? Number.POSITIVE_INFINITY)
  if (Number.isFinite(due)) engine.wake(record, instance, due)
}

function failProbe(
  engine: Engine,
  record: AppRecord,
  instance: InstanceRecord,
  kind: 'startup' | 'liveness',
  probe: Probe,
): undefined {
  const message = `failed its ${kind} check ${probe.failureThreshold} times in a row`
  const reason: Reason = {
    code: kind === 'liveness' ? 'LivenessFailed' : 'StartupTimeout',
    message,
    count: 1,
    since: engine.now,
  }
  log(engine, instance, 'stderr', message)
  instance.health = 'unhealthy'
  stopInstance(engine, record, instance, { reason })
}

/** What the verdicts mean: readiness gates `ready`; liveness and readiness together make the health. */
export function updateHealth(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  const { probes } = specOf(record, instance.revision)
  const verdicts = PROBE_KINDS.filter((kind) => probes[kind]).map(
    (kind) => instance.probes?.[kind]?.verdict,
  )
  const health: Health =
    verdicts.length === 0
      ? 'none'
      : instance.forgotten
        ? 'unknown'
        : verdicts.includes(false)
          ? 'unhealthy'
          : verdicts.includes(undefined)
            ? 'warmingUp'
            : 'healthy'
  const ready =
    instance.state === 'running' &&
    (!probes.readiness || instance.probes?.readiness?.verdict === true)
  if (ready !== instance.ready) {
    instance.ready = ready
    instance.readyAt = ready ? engine.now : undefined
    if (ready) log(engine, instance, 'stdout', 'ready')
    setState(engine, record, instance, instance.state)
  }
  // A loop of crashes is over when an instance is ready, not when it is started once more.
  const looping = !ready && instance.reason?.code === 'CrashLoop' ? instance.reason : undefined
  const reason = verdictReason(engine, instance, probes.readiness) ?? looping
  if (health === instance.health && reason?.code === instance.reason?.code) return
  instance.health = health
  instance.reason = reason
  setState(engine, record, instance, instance.state)
}

function verdictReason(
  engine: Engine,
  instance: InstanceRecord,
  readiness: Probe | undefined,
): Reason | undefined {
  if (!readiness || instance.probes?.readiness?.verdict !== false) return undefined
  if (instance.reason?.code === 'ReadinessFailed') return instance.reason
  const message = `failed its readiness check ${readiness.failureThreshold} times in a row`
  return { code: 'ReadinessFailed', message, count: 1, since: engine.now }
}
