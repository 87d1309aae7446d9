import {
  type App,
  type AppId,
  type ApplyOptions,
  type AppStatus,
  type Outcome,
  type Revision,
  type Rollout,
  RolloutError,
  type RolloutResult,
  type RolloutStep,
} from 'intermodal'
import type { GroupTarget } from '../../src/group/target.ts'
import { instance, status } from '../support/statuses.ts'

/** A rollout that does what the test says. */
export class FakeRollout implements Rollout {
  readonly cluster = 'prod'
  readonly app: AppId
  readonly revision: Revision
  readonly #steps: RolloutStep[] = []
  readonly #result = Promise.withResolvers<RolloutResult>()
  #news = Promise.withResolvers<void>()
  #over = false

  constructor(revision: Revision) {
    this.app = revision.app
    this.revision = revision
  }

  step(message: string, facts: Partial<RolloutStep> = {}): void {
    this.#steps.push({
      type: 'progress',
      app: this.app,
      time: 0,
      message,
      reasons: [],
      ...facts,
    })
    this.#tell()
  }

  /** One instance of the new revision runs. */
  start(): void {
    const running = instance(`${this.app}-1`, { revision: this.revision.id })
    this.step('1 running', {
      status: status(this.app, { revision: this.revision.id, instances: [running] }),
    })
  }

  end(outcome: Outcome, message: string = outcome, last: AppStatus = status(this.app)): void {
    this.step(message, { type: 'ended', outcome })
    this.#over = true
    this.#result.resolve({
      outcome,
      app: this.app,
      cluster: this.cluster,
      revision: this.revision,
      message,
      reasons: [],
      status: last,
      failures: [],
      duration: 0,
    })
    this.#tell()
  }

  async done(): Promise<RolloutResult> {
    const result = await this.result()
    const { outcome } = result
    if (outcome === 'succeeded') return result
    throw new RolloutError({ ...result, outcome })
  }

  result(): Promise<RolloutResult> {
    return this.#result.promise
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RolloutStep, void, void> {
    for (let index = 0; ; ) {
      const step = this.#steps[index]
      if (step) {
        index++
        yield step
      } else if (this.#over) return
      else await this.#news.promise
    }
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}

/** A cluster that accepts everything, and rolls out what the test ends. */
export class FakeGroupTarget implements GroupTarget {
  readonly cluster = 'prod'
  readonly capabilities = { material: true, rollback: true }
  readonly calls: string[] = []
  readonly live = new Map<AppId, AppStatus>()
  readonly rollouts = new Map<AppId, FakeRollout>()
  readonly revisions = new Map<AppId, Partial<Revision>>()
  /** Ends every rollout as soon as it is asked for. */
  atOnce = false
  onApply: (app: App) => void = () => {}

  async apply(app: App, _options: ApplyOptions): Promise<Rollout> {
    this.calls.push(`apply ${app.id} ${app.image}`)
    this.onApply(app)
    const existed = this.live.has(app.id)
    const rollout = new FakeRollout({
      app: app.id,
      id: 'r1',
      generation: 1,
      changed: true,
      previous: existed ? 'r0' : undefined,
      ...this.revisions.get(app.id),
    })
    this.rollouts.set(app.id, rollout)
    if (this.atOnce) rollout.end('succeeded')
    return rollout
  }

  async status(id: AppId): Promise<AppStatus | undefined> {
    this.calls.push(`status ${id}`)
    return this.live.get(id)
  }

  async rollback(id: AppId, options: { readonly to?: string | undefined } = {}): Promise<Rollout> {
    this.calls.push(`rollback ${id} to ${options.to}`)
    const rollout = new FakeRollout({ app: id, id: 'r0', generation: 2, changed: true })
    rollout.end('succeeded')
    return rollout
  }

  async remove(id: AppId): Promise<boolean> {
    this.calls.push(`remove ${id}`)
    return true
  }

  async export(id: AppId): ReturnType<GroupTarget['export']> {
    const found = this.exported.get(id)
    if (!found) throw new Error(`the test exports no ${id}`)
    return { app: found, losses: [] }
  }

  readonly exported = new Map<AppId, App>()

  async putSecret({ name }: { readonly name: string }): Promise<boolean> {
    this.calls.push(`secret ${name}`)
    return true
  }

  async putConfig({ name }: { readonly name: string }): Promise<boolean> {
    this.calls.push(`config ${name}`)
    return true
  }

  /** What was changed, in order. */
  get changes(): readonly string[] {
    return this.calls.filter((call) => !call.startsWith('status'))
  }

  rollout(id: AppId): FakeRollout {
    const rollout = this.rollouts.get(id)
    if (!rollout) throw new Error(`${id} has not been applied`)
    return rollout
  }
}
