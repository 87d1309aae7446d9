import { type AppId, type Duration, parseDuration } from 'intermodal'
import type { Engine } from './engine.ts'
import { once, type Undo } from './faults.ts'
import { log, planEnd, setState } from './instances.ts'
import type {
  AppRecord,
  InstanceRecord,
  Lever,
  LeverEffect,
  LeverScope,
  ProbeKind,
  Timings,
} from './model.ts'
import { rearmProbes } from './probes.ts'

/**
 * Which instances: `next` those of the revision that comes next (the first, when there is no such app yet), `all` those
 * there are and those to come, or one by its id.
 */
export type Target = 'next' | 'all' | { readonly instance: string }

/** Which instances something befalls, and how often. */
export interface LeverOptions {
  /** @default 'next' */
  readonly on?: Target | undefined
  /** Only so many times, then all is well. Until undone when absent. */
  readonly times?: number | undefined
}

/** Which instances end, after how long and with what. */
export interface ExitOptions extends LeverOptions {
  /** How long the process runs before. @default '1s' */
  readonly after?: Duration | undefined
  /** @default 1 */
  readonly exitCode?: number | undefined
}

/** What can go wrong with one app. Each lever can be taken back. */
export class AppLevers {
  readonly #engine: Engine
  readonly #id: AppId

  constructor(engine: Engine, id: AppId) {
    this.#engine = engine
    this.#id = id
  }

  /** Every process of the next revision exits with code 1 as it starts, before it is ready: the update goes wrong. */
  failNext(options: Omit<ExitOptions, 'on'> = {}): Undo {
    return this.crashLoop({ after: '0s', ...options, on: 'next' })
  }

  /** Processes exit again and again; `times: 1` is a single crash. */
  crashLoop({ after = '1s', exitCode = 1, ...options }: ExitOptions = {}): Undo {
    return this.#pull(options, { type: 'exit', code: exitCode, after: ms(after), oom: false })
  }

  /** Processes pass their memory limit and are killed: exit code 137, `OomKilled`. */
  oom({ after = '1s', ...options }: Omit<ExitOptions, 'exitCode'> = {}): Undo {
    return this.#pull(options, { type: 'exit', code: 137, after: ms(after), oom: true })
  }

  /** The process cannot be started at all: `StartFailed`. */
  failToStart(message = 'exec: no such file or directory', options: LeverOptions = {}): Undo {
    return this.#pull(options, { type: 'startFails', message })
  }

  /** Checks fail: all of them, or those of some kinds. */
  unhealthy({
    probes = ['startup', 'liveness', 'readiness'],
    ...options
  }: Omit<LeverOptions, 'times'> & {
    readonly probes?: readonly ProbeKind[] | undefined
  } = {}): Undo {
    return this.#pull(options, { type: 'unhealthy', probes })
  }

  /** How long its instances take to pull, start, warm up, stop or, as a job, run. */
  takes(
    durations: Partial<Record<Exclude<keyof Timings, 'jitter'>, Duration>>,
    options: LeverOptions = {},
  ): Undo {
    const timings = Object.fromEntries(
      Object.entries(durations).map(([what, duration]) => [what, ms(duration)]),
    )
    return this.#pull({ on: 'all', ...options }, { type: 'takes', timings })
  }

  /** An instance (the newest, unless one is named) writes a line. */
  log(
    text: string,
    options: {
      readonly instance?: string | undefined
      readonly stream?: 'stdout' | 'stderr' | undefined
    } = {},
  ): void {
    this.#engine.timeline.catchUp()
    const record = this.#engine.state.apps.get(this.#id)
    const instance =
      options.instance === undefined
        ? record?.instances.at(-1)
        : record?.instances.find(({ id }) => id === options.instance)
    if (!record || !instance)
      throw new RangeError(`${this.#id} has no instance ${options.instance ?? ''}`)
    log(this.#engine, instance, options.stream ?? 'stdout', text)
    this.#engine.changed(record)
  }

  #pull({ on = 'next', times }: LeverOptions, effect: LeverEffect): Undo {
    this.#engine.timeline.catchUp()
    const lever: Lever = { id: this.#engine.nextId(), scope: scopeOf(on), effect, times }
    const { levers, apps } = this.#engine.state
    levers.set(this.#id, [...(levers.get(this.#id) ?? []), lever])
    const refresh = () => {
      const record = apps.get(this.#id)
      if (record && lever.scope.on !== 'next')
        for (const one of record.instances) feel(this.#engine, record, one)
      this.#engine.leversChanged(this.#id)
    }
    refresh()
    return once(() => {
      const left = (levers.get(this.#id) ?? []).filter((other) => other !== lever)
      if (left.length > 0) levers.set(this.#id, left)
      else levers.delete(this.#id)
      refresh()
    })
  }
}

function scopeOf(on: Target): LeverScope {
  return typeof on === 'string' ? { on } : { on: 'instance', instance: on.instance }
}

/** An instance that is up already notices that a lever was pulled or taken back. */
function feel(engine: Engine, record: AppRecord, instance: InstanceRecord): void {
  if (
    instance.startedAt === undefined ||
    (instance.state !== 'running' && instance.state !== 'starting')
  )
    return
  if (instance.end?.lever !== undefined) instance.end = undefined
  planEnd(engine, record, instance)
  if (instance.end) engine.wake(record, instance, instance.end.at)
  rearmProbes(engine, record, instance)
}

export function forgetHealth(engine: Engine, app: AppId | undefined): Undo {
  engine.timeline.catchUp()
  const forgotten: [AppRecord, InstanceRecord][] = []
  for (const record of engine.state.apps.values()) {
    if (app !== undefined && record.id !== app) continue
    for (const instance of record.instances) {
      if (instance.state !== 'running' || instance.health === 'none') continue
      instance.forgotten = true
      instance.health = 'unknown'
      rearmProbes(engine, record, instance)
      setState(engine, record, instance, 'running')
      forgotten.push([record, instance])
    }
  }
  return once(() => {
    for (const [record, instance] of forgotten) {
      if (!instance.forgotten) continue
      instance.forgotten = undefined
      const verdicts = Object.values(instance.probes ?? {}).map(({ verdict }) => verdict)
      instance.health = verdicts.includes(false)
        ? 'unhealthy'
        : verdicts.includes(undefined)
          ? 'warmingUp'
          : 'healthy'
      engine.changed(record)
    }
  })
}

function ms(duration: Duration): number {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new RangeError(`"${duration}" is no duration: write "30s"`)
  return parsed
}
