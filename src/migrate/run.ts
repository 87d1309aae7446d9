import type { AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'
import { awaitDependency } from '../group/dependency.ts'
import { RolloutError, type RolloutResult } from '../rollout.ts'
import type { AppStatus, ReasonCode } from '../status.ts'
import { takeBack } from './back.ts'
import type { MigrationLog } from './log.ts'
import type { Move } from './moves.ts'
import { scaleDown, untouched } from './old-side.ts'
import type { Settings } from './options.ts'
import { againstOrder, inOrder } from './order.ts'
import { Patience } from './patience.ts'
import { shiftSteps } from './plan.ts'
import { enlarge, readiness, steady } from './ready.ts'
import { type MigrationResult, type MigrationStep, sideOf } from './result.ts'
import { conclude } from './standing.ts'
import type { Sides } from './survey.ts'

export interface RunOptions extends Sides {
  readonly moves: readonly Move[]
  readonly settings: Settings
  readonly log: MigrationLog
  /** Ends everything at once, and is thrown. */
  readonly signal: AbortSignal
}

/** What ends the wait for the new side at once. Volumes are not among it: where they are made on demand, that takes a while. */
const HOPELESS: readonly ReasonCode[] = [
  'ImageNotFound',
  'RegistryAuth',
  'ConfigMissing',
  'SecretMissing',
  'AdmissionDenied',
  'QuotaExceeded',
]

/** What `cancel` aborts with. */
export class Cancelled extends Error {
  readonly back: boolean

  constructor(back: boolean) {
    super(back ? 'the migration is taken back' : 'the migration is stopped')
    this.name = 'AbortError'
    this.back = back
  }
}

/** Both statuses as they were last seen, for the steps. */
export interface Picture {
  old?: AppStatus | undefined
  new?: AppStatus | undefined
}

/** Moves apps: starts them on the new side, takes them from the old one, and takes all of it back when that fails. */
export class MigrationRun {
  readonly given: RunOptions
  /** Apps the new side has been asked to start. */
  readonly begun = new Set<AppId>()
  /** Crons that were suspended on the old side. */
  readonly held = new Set<AppId>()
  readonly #pictures: ReadonlyMap<AppId, Picture>
  readonly #began: number
  #removing = false

  constructor(given: RunOptions) {
    this.given = given
    this.#began = given.settings.clock.now()
    this.#pictures = new Map(
      given.moves.map(({ id, seen }) => [id, { old: seen.old?.status, new: seen.new?.status }]),
    )
  }

  /** `forward` ends the way there, `back` the way back. */
  async run(forward: AbortSignal, back: AbortSignal): Promise<MigrationResult> {
    const { settings, signal, moves } = this.given
    try {
      await this.#material(forward)
      await inOrder(moves, forward, (move, inner) => this.#start(move, this.#patience(inner)))
      if (settings.finish !== 'keep')
        await againstOrder(moves, forward, (move, inner) =>
          this.#shift(move, this.#patience(inner)),
        )
      await this.#finish(forward)
      return await this.#conclude('moved')
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Cancelled && !error.back) return await this.#conclude('stopped')
      const cause = error instanceof Cancelled ? undefined : error
      if (cause !== undefined && !IntermodalError.is(cause)) throw cause
      const app = moves.find(({ id }) => id === cause?.app)
      if (app && cause) this.tell(app, 'failed', cause.message)
      if (this.#removing || (cause && settings.onFailure === 'stop'))
        return await this.#conclude('failed', cause)
      return await this.back(back, cause)
    }
  }

  async back(signal: AbortSignal, cause?: IntermodalError): Promise<MigrationResult> {
    try {
      const problems = await takeBack(this, this.#patience(signal))
      return await this.#conclude(problems.length === 0 ? 'back' : 'failed', cause, problems)
    } catch (error) {
      this.given.signal.throwIfAborted()
      if (error instanceof Cancelled) return await this.#conclude('stopped', cause)
      throw error
    }
  }

  tell(move: Move, type: MigrationStep['type'], message: string, seen: Picture = {}): void {
    const picture = this.#pictures.get(move.id) ?? {}
    Object.assign(picture, seen)
    const [old, now] = [sideOf(picture.old), sideOf(picture.new)]
    this.given.log.add({
      type,
      app: move.id,
      time: this.given.settings.clock.now(),
      message,
      ...(old ? { old } : {}),
      ...(now ? { new: now } : {}),
    })
  }

  #patience(signal: AbortSignal): Patience {
    const { clock, patience } = this.given.settings
    return new Patience({ clock, limit: patience, signal })
  }

  async #material(signal: AbortSignal): Promise<void> {
    const { to, settings } = this.given
    const patience = this.#patience(signal)
    for (const secret of settings.secrets)
      await patience.ask(() => to.putSecret(secret, { signal, timeout: settings.timeout }))
    for (const config of settings.configs)
      await patience.ask(() => to.putConfig(config, { signal, timeout: settings.timeout }))
  }

  async #start(move: Move, patience: Patience): Promise<void> {
    const { from, to, settings } = this.given
    if (move.stage === 'skip')
      return this.tell(move, 'skipped', `has run on ${from.cluster}, and is not run again`)
    if (move.stage === 'done') return this.tell(move, 'finished', `is on ${to.cluster} already`)
    if (move.stage === 'finish') return
    if (move.app.kind === 'cron' && settings.finish !== 'keep')
      return this.tell(move, 'waiting', 'begins when the others have been moved')
    for (const id of move.needsThere) {
      this.tell(move, 'waiting', `waits for ${id} on ${to.cluster}`)
      await awaitDependency(to, move.app, id, settings.clock, patience.signal)
    }
    await this.#startNow(move, patience)
  }

  async #startNow(move: Move, patience: Patience): Promise<void> {
    const { to, settings } = this.given
    const { losses, timeout } = settings
    this.begun.add(move.id)
    this.tell(move, 'starting', `starts on ${to.cluster}`)
    const rollout = await patience.ask(() =>
      to.apply(move.app, {
        losses,
        timeout,
        failFast: HOPELESS,
        force: move.over !== undefined,
        signal: patience.signal,
      }),
    )
    const result = await patience.follow(rollout, ({ message, status, type }) => {
      // Between accepting a change and acting on it engines say nothing of interest.
      const isSeen = status && status.generation.observed >= rollout.revision.generation
      if (type !== 'ended' && isSeen) this.tell(move, 'progress', message, { new: status })
    })
    if (result.outcome !== 'succeeded') throw failure(result)
    await enlarge(move, to, patience)
    const status = await steady(move, to, settings.hold, patience)
    this.tell(move, 'started', `${readiness(move.app, status)} on ${to.cluster}`, { new: status })
  }

  async #shift(move: Move, patience: Patience): Promise<void> {
    const { kind } = move.app
    if (move.stage !== 'start' && move.stage !== 'shift') return
    if (kind === 'cron') return this.#swap(move, patience)
    if (kind === 'job' || kind === 'daemon') return
    const { from, to, settings } = this.given
    const { count = 0, seen, app } = move
    let current = seen.old?.status.counts.desired ?? 0
    // An autoscaler would undo every step but the last: it rests at zero only.
    const steps = seen.old?.app.autoscale ? 1 : settings.steps
    for (const left of shiftSteps(count, steps, current)) {
      const now = await steady(move, to, 0, patience)
      const before = await untouched(move, from, current, patience)
      this.tell(move, 'shifting', `${current} → ${left} on ${from.cluster}`, {
        old: before,
        new: now,
      })
      const old = await scaleDown(move, from, left, patience)
      const after = await steady(move, to, settings.hold, patience)
      const message = `${left} of ${count} left on ${from.cluster}, ${readiness(app, after)} on ${to.cluster}`
      this.tell(move, 'shifted', message, { old, new: after })
      current = left
    }
    await steady(move, to, 0, patience)
  }

  /** A schedule is on one side only: the old one is held before the new one begins. */
  async #swap(move: Move, patience: Patience): Promise<void> {
    const { from, to, settings } = this.given
    const { id } = move
    const { timeout } = settings
    const { signal } = patience
    await untouched(move, from, undefined, patience)
    if (!move.asleep) this.held.add(id)
    await patience.ask(() => from.suspend(id, { signal, timeout }))
    const old = await patience.until(
      from,
      id,
      (status) => status?.state === 'suspended',
      () => `${id} is not suspended on ${from.cluster}`,
    )
    this.tell(move, 'shifting', `suspended on ${from.cluster}`, { old })
    await this.#startNow(move, patience)
    if (move.asleep) await patience.ask(() => to.suspend(id, { signal, timeout }))
  }

  async #finish(signal: AbortSignal): Promise<void> {
    const { from, to, moves, settings } = this.given
    const ours = moves.filter(({ stage }) => stage !== 'skip' && stage !== 'done')
    if (settings.finish !== 'remove') {
      for (const move of ours) {
        const { kind } = move.app
        const stays = settings.finish === 'keep' || kind === 'daemon'
        const rest = stays ? 'goes on' : kind === 'job' ? 'stays' : 'is suspended'
        this.tell(move, 'finished', `serves on ${to.cluster}; ${rest} on ${from.cluster}`)
      }
      return
    }
    await inOrder(ours, signal, async (move, inner) => {
      await steady(move, to, 0, this.#patience(inner))
    })
    await againstOrder(ours, signal, async (move, inner) => {
      this.#removing = true
      const { timeout } = settings
      await this.#patience(inner).ask(() => from.remove(move.id, { signal: inner, timeout }))
      this.tell(move, 'finished', `serves on ${to.cluster}; removed from ${from.cluster}`, {
        old: undefined,
      })
    })
  }

  #conclude(
    outcome: MigrationResult['outcome'],
    cause?: IntermodalError,
    problems: readonly IntermodalError[] = [],
  ): Promise<MigrationResult> {
    return conclude(this.given, { outcome, cause, problems, began: this.#began })
  }
}

function failure(result: RolloutResult): RolloutError {
  const { outcome } = result
  if (outcome === 'succeeded') throw new TypeError('a rollout that succeeded is no failure')
  return new RolloutError({ ...result, outcome })
}
