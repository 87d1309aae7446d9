import type { World } from '../../../../adapters/simulated/world.ts'
import type { TaskRecord } from '../store/objects.ts'
import type { Time } from '../time.ts'
import type { Container } from './container.ts'
import { effectsOn, lasting } from './levers.ts'
import { interpret } from './shell.ts'

export interface HealthRules {
  readonly test: readonly string[]
  /** Milliseconds, as all of these. */
  readonly interval: number
  readonly startPeriod: number
  readonly retries: number
}

/** What the engine checks with; what is 0 or absent is the engine's own default. `undefined`: there is no check. */
export function healthRules({ Spec }: TaskRecord): HealthRules | undefined {
  const check = Spec.ContainerSpec?.Healthcheck
  const [first] = check?.Test ?? []
  if (!check?.Test || first === undefined || first === 'NONE') return undefined
  return {
    test: check.Test,
    interval: (check.Interval || 30e9) / 1e6,
    startPeriod: (check.StartPeriod ?? 0) / 1e6,
    retries: check.Retries || 3,
  }
}

/** Checks a container again and again, and tells when its health changes. */
export class HealthChecks {
  readonly #world: World
  readonly #time: Time
  readonly #container: Container
  readonly #rules: HealthRules
  readonly #onChange: (health: 'healthy' | 'unhealthy') => void
  readonly #startedAt: number
  readonly #warmAt: number
  #failures = 0
  #stop: () => void = () => {}
  #closed = false

  constructor(
    machinery: { readonly world: World; readonly time: Time },
    container: Container,
    rules: HealthRules,
    onChange: (health: 'healthy' | 'unhealthy') => void,
  ) {
    this.#world = machinery.world
    this.#time = machinery.time
    this.#container = container
    this.#rules = rules
    this.#onChange = onChange
    this.#startedAt = this.#time.now
    this.#warmAt = this.#time.now + lasting(this.#world, container.task, 'warmUp')
    container.health = 'starting'
    this.#next()
  }

  /** A lever was pulled or taken back: the next check may see it. */
  wake(): void {
    if (this.#closed) return
    this.#stop()
    this.#next()
  }

  close(): void {
    this.#closed = true
    this.#stop()
  }

  #next(): void {
    this.#stop = this.#time.after(this.#rules.interval, () => this.#check())
  }

  #check(): void {
    if (this.#closed) return
    const passes = this.#passes()
    const before = this.#container.health
    if (passes) {
      this.#failures = 0
      if (before !== 'healthy') this.#become('healthy')
      // As long as nobody pulls a lever every further check says the same.
      return
    }
    const starting = before === 'starting'
    const early = starting && this.#time.now - this.#startedAt < this.#rules.startPeriod
    if (!early) this.#failures++
    if (this.#failures >= this.#rules.retries) {
      this.#become('unhealthy')
      return
    }
    this.#next()
  }

  #become(health: 'healthy' | 'unhealthy'): void {
    this.#container.health = health
    if (health === 'unhealthy') this.close()
    this.#onChange(health)
  }

  #passes(): boolean {
    if (this.#time.now < this.#warmAt) return false
    if (effectsOn(this.#world, this.#container.task).some(({ type }) => type === 'unhealthy'))
      return false
    const [kind, ...words] = this.#rules.test
    const run = interpret(
      kind === 'CMD-SHELL' ? ['sh', '-c', ...words] : words,
      this.#container.environment,
    )
    return run?.end === undefined || run.end.code === 0
  }
}
