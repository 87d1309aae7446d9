import pLimit from 'p-limit'
import type { Group } from '../app/group.ts'
import type { App, AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'
import type { GroupResult } from '../group-rollout.ts'
import type { Rollout, RolloutResult, RolloutStep } from '../rollout.ts'
import type { AppStatus } from '../status.ts'
import { abortable } from '../stream.ts'
import { awaitDependency, isMet } from './dependency.ts'
import { type Failure, groupResult } from './result.ts'
import type { StepLog } from './step-log.ts'
import type { ApplyGroupOptions, Before, GroupTarget } from './target.ts'
import { type Applied, undo } from './undo.ts'

/** Each rollout ends by its own progress deadline; those who wait for the group have their own limit. */
const FOLLOW_FOR = '24h'

/** How one app's part in the group ended. */
type Ending =
  | { readonly ok: true; readonly result: RolloutResult }
  | { readonly ok: false; readonly message: string }

export interface RunOptions {
  readonly target: GroupTarget
  readonly group: Group
  readonly options: ApplyGroupOptions
  readonly before: Before
  readonly log: StepLog
  /** Ends the following; what is rolling out goes on. */
  readonly signal: AbortSignal
}

/** Applies the apps of a checked group, each as soon as what it depends on is there. */
export class GroupRun {
  readonly #given: RunOptions
  readonly #started = new Map<AppId, PromiseWithResolvers<void>>()
  readonly #endings = new Map<AppId, Promise<Ending>>()
  readonly #applied = new Map<AppId, Applied>()
  readonly #failures: Failure[] = []

  constructor(given: RunOptions) {
    this.#given = given
  }

  async run(): Promise<GroupResult> {
    const { group, options } = this.#given
    const limit = pLimit(options.concurrency ?? 4)
    for (const { id } of group.apps) this.#started.set(id, Promise.withResolvers())
    // In deployment order: each finds the endings of all it depends on.
    for (const app of group.apps) this.#endings.set(app.id, this.#deploy(app, limit))
    await Promise.all(this.#endings.values())
    const failed = this.#failures.length > 0
    const undone = failed && options.onFailure === 'rollback' ? await this.#undoAll() : undefined
    return this.result(undone)
  }

  /** What is known so far, as a result. */
  result(undone?: { readonly problems: readonly IntermodalError[] }): GroupResult {
    const { group, target } = this.#given
    return groupResult({
      cluster: target.cluster,
      apps: group.apps.map(({ id }) => id),
      results: new Map(
        [...this.#applied].flatMap(([id, { result }]) => (result ? [[id, result]] : [])),
      ),
      failures: this.#failures,
      undone,
    })
  }

  /** Why the group as a whole did not succeed; `undefined` while it may. */
  get firstFailure(): Failure | undefined {
    return this.#failures[0]
  }

  async #deploy(app: App, limit: ReturnType<typeof pLimit>): Promise<Ending> {
    const { log } = this.#given
    const blocked = await this.#dependencies(app)
    if (blocked) return this.#skip(app, blocked)
    return limit(async () => {
      this.#given.signal.throwIfAborted()
      const stop = this.#stopping()
      if (stop) return this.#skip(app, stop)
      try {
        return await this.#rollOut(app)
      } catch (error) {
        if (this.#given.signal.aborted || !IntermodalError.is(error)) throw error
        this.#failures.push({ app: app.id, error })
        log.add({ type: 'failed', app: app.id, error })
        return { ok: false, message: error.message }
      }
    })
  }

  /** Resolves when all are met; with a sentence when one never will be. */
  async #dependencies(app: App): Promise<string | undefined> {
    const { log, target, options, signal } = this.#given
    const ids = Object.keys(app.dependsOn) as AppId[]
    if (ids.length === 0) return undefined
    log.add({ type: 'waiting', app: app.id, on: ids })
    const live = (id: AppId) => awaitDependency(target, app, id, options.clock, signal)
    const waits = ids.map(async (id): Promise<string | undefined> => {
      const ending = this.#endings.get(id)
      if (!ending) {
        await live(id)
        return undefined
      }
      const condition = app.dependsOn[id] ?? 'started'
      const early = condition === 'started' ? this.#started.get(id)?.promise : undefined
      const ended = await Promise.race([ending, ...(early ? [early] : [])])
      if (!ended) return undefined
      if (!ended.ok) return `${id}, which it depends on, did not come up`
      // What did not change has not been waited for, and a finished rollout of a job may still be running.
      const { revision, status } = ended.result
      const trusted = revision.changed && condition !== 'completed'
      if (!trusted && status?.state !== 'suspended' && !isMet(condition, status)) await live(id)
      return undefined
    })
    try {
      return (await Promise.all(waits)).find((blocked) => blocked !== undefined)
    } catch (error) {
      if (signal.aborted || !IntermodalError.is(error)) throw error
      this.#failures.push({ app: app.id, error })
      return error.message
    }
  }

  /** Once the group is going to be put back, nothing new is begun. */
  #stopping(): string | undefined {
    const { options } = this.#given
    const [first] = this.#failures
    return first && options.onFailure === 'rollback'
      ? `${first.app} failed, and the group is put back`
      : undefined
  }

  #skip({ id: app }: App, message: string): Ending {
    this.#given.log.add({ type: 'skipped', app, message })
    return { ok: false, message }
  }

  async #rollOut(app: App): Promise<Ending> {
    const { target, options, log, signal } = this.#given
    const { losses, force, replace, failFast, timeout } = options
    const rollout = await target.apply(app, { losses, force, replace, failFast, timeout, signal })
    this.#applied.set(app.id, { rollout })
    log.add({ type: 'applied', app: app.id, rollout })
    const result = await this.#followed(rollout)
    this.#applied.set(app.id, { rollout, result })
    if (result.outcome === 'succeeded') return { ok: true, result }
    this.#failures.push({ app: app.id, result })
    return { ok: false, message: result.message }
  }

  /** Tells each step, and when the first instance runs. */
  async #followed(rollout: Rollout): Promise<RolloutResult> {
    const { log, signal } = this.#given
    const steps = rollout[Symbol.asyncIterator]()
    const tell = async () => {
      try {
        for (;;) {
          const next: IteratorResult<RolloutStep> = await abortable(steps.next(), signal)
          if (next.done) return
          log.add({ type: 'step', app: rollout.app, step: next.value })
          if (hasStarted(rollout, next.value.status)) this.#started.get(rollout.app)?.resolve()
        }
      } finally {
        // Not awaited: one that waits for its next step only leaves after it.
        void steps.return?.()
      }
    }
    const [result] = await Promise.all([rollout.result({ timeout: FOLLOW_FOR, signal }), tell()])
    return result
  }

  /** The last applied first, so that nothing loses what it depends on while it still runs. */
  async #undoAll(): Promise<{ readonly problems: readonly IntermodalError[] }> {
    const { log, signal } = this.#given
    const problems: IntermodalError[] = []
    for (const [app, applied] of [...this.#applied].reverse()) {
      try {
        const message = await undo(applied, this.#given)
        if (message) log.add({ type: 'undone', app, message })
      } catch (error) {
        if (signal.aborted || !IntermodalError.is(error)) throw error
        problems.push(error)
        log.add({ type: 'failed', app, error })
      }
    }
    return { problems }
  }
}

function hasStarted({ revision }: Rollout, status: AppStatus | undefined): boolean {
  return (status?.instances ?? []).some(
    (instance) => instance.revision === revision.id && instance.state === 'running',
  )
}
