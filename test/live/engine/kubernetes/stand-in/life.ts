import type { Container, Pod, Probe } from './objects.ts'
import { type Program, probeFailure, programOf } from './program.ts'

/** What a container is doing. Times are milliseconds since the epoch. */
export interface ContainerLife {
  readonly phase: 'waiting' | 'unpullable' | 'running' | 'backOff' | 'ended'
  readonly since: number
  readonly restarts: number
  readonly started: boolean
  readonly ready: boolean
  /** Why it is not ready, as an event would say it. */
  readonly unready?: string | undefined
  /** How it ended, this time or the last. */
  readonly end?: ContainerEnd | undefined
}

export interface ContainerEnd {
  readonly code: number
  readonly startedAt: number
  readonly at: number
  /** The probe it was killed for, as an event would say it. */
  readonly probe?: string | undefined
}

/** A pod's containers in the order of its spec, and when the next of them does something by itself. */
export interface PodLife {
  readonly init: readonly ContainerLife[]
  readonly main: readonly ContainerLife[]
  readonly due: number
}

/** How long a container takes to be made, and the first pause between restarts: short, so that tests are. */
const PREPARE = 50
const BACK_OFF = 1000
const LONGEST_BACK_OFF = 30_000

export function born(pod: Pod, now: number): PodLife {
  const waiting: ContainerLife = {
    phase: 'waiting',
    since: now,
    restarts: 0,
    started: false,
    ready: false,
  }
  return {
    init: (pod.spec.initContainers ?? []).map(() => waiting),
    main: pod.spec.containers.map(() => waiting),
    due: now,
  }
}

/** The pod at that time. Called again when `due` has come, and no later than that it misses nothing. */
export function advance(pod: Pod, life: PodLife, now: number): PodLife {
  const { restartPolicy = 'Always', containers, initContainers = [] } = pod.spec
  let due = Number.POSITIVE_INFINITY
  const next = (container: Container, from: ContainerLife, policy: string): ContainerLife => {
    let state = from
    for (;;) {
      const [changed, when] = step(container, state, policy, now)
      if (changed === state) {
        due = Math.min(due, when)
        return state
      }
      state = changed
    }
  }
  const over = life.main.every((state) => isOver(state, restartPolicy))
  const init: ContainerLife[] = []
  let open = true
  for (const [index, container] of initContainers.entries()) {
    const state = life.init[index] as ContainerLife
    const sidecar = container.restartPolicy === 'Always'
    if (sidecar && over && state.phase === 'running')
      init.push(ended(state, now, programOf(container).stopCode))
    else if (!open || (sidecar && over)) init.push(open ? state : { ...state, since: now })
    else init.push(next(container, state, sidecar ? 'Always' : retry(restartPolicy)))
    const last = init.at(-1) as ContainerLife
    open &&= sidecar ? last.started || over : last.phase === 'ended' && last.end?.code === 0
  }
  const main = containers.map((container, index) => {
    const state = life.main[index] as ContainerLife
    return open ? next(container, state, restartPolicy) : { ...state, since: now }
  })
  const finished = main.every((state) => isOver(state, restartPolicy))
  if (finished && !over) return advance(pod, { init, main, due: now }, now)
  return { init, main, due }
}

/** Whether it has ended for good. */
export function isOver({ phase, end }: ContainerLife, policy: string): boolean {
  if (phase !== 'ended' || policy === 'Always') return false
  return policy === 'Never' || end?.code === 0
}

function retry(policy: string): string {
  return policy === 'Never' ? 'Never' : 'OnFailure'
}

/** The next state by that time, or the same one and when there will be another. */
function step(
  container: Container,
  state: ContainerLife,
  policy: string,
  now: number,
): readonly [ContainerLife, number] {
  const program = programOf(container)
  const wait = (until: number, then: () => ContainerLife) =>
    [now >= until ? then() : state, until] as const
  switch (state.phase) {
    case 'waiting':
      return wait(state.since + PREPARE, () =>
        program.pullable
          ? { ...state, phase: 'running', since: now, started: false, ready: false }
          : { ...state, phase: 'unpullable', since: now },
      )
    case 'unpullable':
      return [state, Number.POSITIVE_INFINITY]
    case 'running':
      return run(container, program, state, now)
    case 'ended':
      if (isOver(state, policy)) return [state, Number.POSITIVE_INFINITY]
      return [{ ...state, phase: 'backOff', since: now }, now]
    case 'backOff':
      return wait(state.since + backOff(state.restarts), () => ({
        ...state,
        phase: 'running',
        since: now,
        restarts: state.restarts + 1,
        started: false,
        ready: false,
      }))
  }
}

/** The first restart is at once. */
function backOff(restarts: number): number {
  return restarts === 0 ? 0 : Math.min(LONGEST_BACK_OFF, BACK_OFF * 2 ** (restarts - 1))
}

function run(
  container: Container,
  program: Program,
  state: ContainerLife,
  now: number,
): readonly [ContainerLife, number] {
  const age = now - state.since
  if (program.end && age >= program.end.after) return [ended(state, now, program.end.code), now]
  const ending = program.end ? state.since + program.end.after : Number.POSITIVE_INFINITY
  const { startupProbe, livenessProbe, readinessProbe } = container
  const check = (probe: Probe) => probeFailure(probe, container, program, age)

  if (startupProbe && !state.started) {
    const failure = check(startupProbe)
    if (failure === undefined && age >= firstCheck(startupProbe))
      return [{ ...state, started: true }, now]
    if (age >= givenUp(startupProbe))
      return [ended(state, now, 137, `Startup probe failed: ${failure}`), now]
    return [state, Math.min(ending, nextCheck(startupProbe, state.since, now))]
  }
  if (!state.started) return [{ ...state, started: true }, now]
  let due = ending
  if (livenessProbe && check(livenessProbe) !== undefined) {
    if (age >= givenUp(livenessProbe)) {
      const probe = `Liveness probe failed: ${check(livenessProbe)}`
      return [ended(state, now, 137, probe), now]
    }
    due = Math.min(due, nextCheck(livenessProbe, state.since, now))
  }
  const failure = readinessProbe && check(readinessProbe)
  const unready = failure && `Readiness probe failed: ${failure}`
  const ready = !readinessProbe || (failure === undefined && age >= firstCheck(readinessProbe))
  if (ready !== state.ready || unready !== state.unready) return [{ ...state, ready, unready }, now]
  if (!ready && readinessProbe) due = Math.min(due, nextCheck(readinessProbe, state.since, now))
  return [state, due]
}

function ended(state: ContainerLife, now: number, code: number, probe?: string): ContainerLife {
  const end = { code, startedAt: state.since, at: now, probe }
  return { ...state, phase: 'ended', since: now, started: false, ready: false, end }
}

function period({ periodSeconds = 10 }: Probe): number {
  return periodSeconds * 1000
}

function firstCheck(probe: Probe): number {
  return (probe.initialDelaySeconds ?? 0) * 1000 + PREPARE
}

function givenUp(probe: Probe): number {
  return firstCheck(probe) + period(probe) * (probe.failureThreshold ?? 3)
}

function nextCheck(probe: Probe, start: number, now: number): number {
  const first = start + firstCheck(probe)
  return now < first
    ? first
    : first + (Math.floor((now - first) / period(probe)) + 1) * period(probe)
}
