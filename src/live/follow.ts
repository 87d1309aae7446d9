import type { Change, Revision } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import type { Clock } from '../clock.ts'
import { IntermodalError } from '../errors.ts'
import type { FailedInstance, Outcome, RolloutResult, RolloutStep } from '../rollout.ts'
import type { AppStatus, Instance, ReasonCode } from '../status.ts'
import { deadlineMessage, HOPELESS, isFailing, judge, progressMark } from './judge.ts'

export interface FollowContext {
  readonly cluster: string
  readonly clock: Clock
  /** Endless: see `watching`. Throws the signal's reason. */
  readonly watch: (id: AppId, signal: AbortSignal) => AsyncIterable<Change>
  /** The last lines of an instance that failed; says so in a line when they cannot be had. */
  readonly tail: (id: AppId, instance: Instance, signal: AbortSignal) => Promise<readonly string[]>
  /** Goes back to the revision before; absent where the app does not want it or the engine cannot. */
  readonly goBack?: ((signal: AbortSignal) => Promise<Revision>) | undefined
}

export interface FollowOptions {
  readonly failFast: ReadonlySet<ReasonCode>
  /** Without progress for so long it has failed, milliseconds. */
  readonly progressDeadline: number
}

/** An app that was accepted but is in no full picture yet: read replicas lag. Milliseconds. */
const APPEARS_WITHIN = 15_000
const MOST_FAILURES = 3

export function failFastSet(
  failFast: readonly ReasonCode[] | boolean | undefined,
): ReadonlySet<ReasonCode> {
  if (failFast === true) return HOPELESS
  return new Set(failFast || [])
}

/** Follows one change until it has ended: tells every step that differs from the one before, and returns the result. */
export async function* follow(
  revision: Revision,
  context: FollowContext,
  options: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<RolloutStep, RolloutResult, void> {
  const { clock, cluster } = context
  const id = revision.app
  const started = clock.now()
  const failures = new Failures(context, revision, signal)
  let status: AppStatus | undefined
  let goingBack: Revision | undefined
  let why: { readonly message: string; readonly reasons: RolloutResult['reasons'] } | undefined
  // An engine that has gone back shows no longer why: what was seen on the way tells.
  let lastReasons: RolloutResult['reasons'] = []
  let mark = ''
  let movedAt = started
  let told = ''
  let absent = false
  let blind = false

  const ended = async (
    outcome: Outcome,
    message: string,
    reasons: RolloutResult['reasons'],
  ): Promise<RolloutResult> => ({
    outcome,
    app: id,
    cluster,
    revision,
    message,
    reasons,
    status,
    failures: outcome === 'succeeded' ? [] : await failures.collect(),
    duration: clock.now() - started,
  })
  const step = (
    type: RolloutStep['type'],
    message: string,
    reasons: RolloutStep['reasons'],
  ): RolloutStep[] => {
    const text = `${type} ${message} ${reasons.map(({ code, count }) => `${code}${count}`)}`
    if (text === told) return []
    told = text
    return [{ type, app: id, time: clock.now(), message, reasons, status }]
  }

  for await (const sight of timed(context, revision.app, signal, () =>
    goingBack || blind
      ? Number.POSITIVE_INFINITY
      : movedAt + options.progressDeadline - clock.now(),
  )) {
    if (sight.type === 'lost') {
      yield* step('stale', `${cluster} cannot be reached: ${sight.error.message}`, [])
      blind = true
      continue
    }
    if (blind) {
      if (sight.type === 'tick') continue
      // Nothing could be judged while nothing was seen: the deadline starts again.
      blind = false
      movedAt = clock.now()
    }
    if (sight.type === 'app') {
      status = sight.status
      absent = false
    }
    if (sight.type === 'gone' || (sight.type === 'synced' && sight.absent)) absent = true
    if (absent) {
      if (status === undefined && clock.now() - started < APPEARS_WITHIN) continue
      return yield* last(await ended('cancelled', 'the app was removed', []), clock)
    }
    if (!status) continue
    for (const instance of status.instances)
      if (isFailing(instance, revision)) failures.note(instance)

    const judgement = judge(status, revision, { failFast: options.failFast, goingBack })
    const newMark = progressMark(status, revision)
    if (newMark !== mark || judgement.held) movedAt = clock.now()
    mark = newMark
    const overdue =
      !judgement.outcome && !goingBack && clock.now() - movedAt >= options.progressDeadline
    let { outcome, message, reasons } = judgement
    if (reasons.length > 0) lastReasons = reasons
    if (overdue) {
      outcome = 'failed'
      message = deadlineMessage(status, options.progressDeadline)
      reasons = status.reasons
    }
    if (!outcome) {
      yield* step(judgement.step, message, reasons)
      continue
    }
    if (
      outcome === 'failed' &&
      context.goBack &&
      !goingBack &&
      status.rollout?.state !== 'rollingBack'
    ) {
      why = { message, reasons }
      yield* step('rollingBack', `${message}; going back`, reasons)
      const back = await tryBack(context.goBack, signal)
      if ('error' in back) {
        return yield* last(
          await ended(
            'failed',
            `${message}; and going back failed: ${back.error.message}`,
            reasons,
          ),
          clock,
        )
      }
      goingBack = back.revision
      continue
    }
    const final = why ? `${message}: ${why.message}` : message
    const cause =
      why?.reasons ?? (outcome === 'rolledBack' && reasons.length === 0 ? lastReasons : reasons)
    return yield* last(await ended(outcome, final, cause), clock)
  }
  throw signal.reason
}

async function* last(
  result: RolloutResult,
  clock: Clock,
): AsyncGenerator<RolloutStep, RolloutResult, void> {
  const { app, message, reasons, status, outcome } = result
  yield { type: 'ended', app, time: clock.now(), message, reasons, status, outcome }
  return result
}

async function tryBack(
  goBack: NonNullable<FollowContext['goBack']>,
  signal: AbortSignal,
): Promise<{ readonly revision: Revision } | { readonly error: IntermodalError }> {
  try {
    return { revision: await goBack(signal) }
  } catch (error) {
    if (!signal.aborted && IntermodalError.is(error)) return { error }
    throw error
  }
}

type Sight =
  | Exclude<Change, { type: 'synced' } | { type: 'alive' }>
  | { readonly type: 'synced'; readonly absent: boolean }
  /** Nothing new, but time has passed. */
  | { readonly type: 'tick' }

/** The changes of one app, and a `tick` whenever its deadline may have passed in silence. */
async function* timed(
  context: FollowContext,
  id: AppId,
  signal: AbortSignal,
  untilDeadline: () => number,
): AsyncGenerator<Sight, void, void> {
  const closing = new AbortController()
  const changes = context
    .watch(id, AbortSignal.any([signal, closing.signal]))
    [Symbol.asyncIterator]()
  let present = false
  let pending: Promise<IteratorResult<Change>> | undefined
  try {
    for (;;) {
      pending ??= changes.next()
      const rest = Math.min(untilDeadline(), APPEARS_WITHIN)
      const result = await orTick(pending, context.clock, Math.max(1, rest))
      if (result === 'tick') {
        yield { type: 'tick' }
        continue
      }
      pending = undefined
      if (result.done) return
      const change = result.value
      if (change.type === 'app') present = true
      if (change.type === 'gone' || change.type === 'lost') present = false
      if (change.type === 'alive') yield { type: 'tick' }
      else if (change.type === 'synced') yield { type: 'synced', absent: !present }
      else yield change
    }
  } finally {
    closing.abort(new DOMException('the rollout is no longer followed', 'AbortError'))
    pending?.catch(() => {}) // It ends with the abort just given; nobody waits for it.
    await changes.return?.(undefined)
  }
}

function orTick<T>(promise: Promise<T>, clock: Clock, milliseconds: number): Promise<T | 'tick'> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(milliseconds, () => resolve('tick'))
    promise.then(resolve, reject).finally(cancel)
  })
}

/** The first few instances that failed, with their last words, fetched while the engine still has them. */
class Failures {
  readonly #context: FollowContext
  readonly #revision: Revision
  readonly #signal: AbortSignal
  readonly #noted = new Map<string, { instance: Instance; logs: Promise<readonly string[]> }>()

  constructor(context: FollowContext, revision: Revision, signal: AbortSignal) {
    this.#context = context
    this.#revision = revision
    this.#signal = signal
  }

  note(instance: Instance): void {
    const known = this.#noted.get(instance.id)
    if (known) known.instance = instance
    else if (this.#noted.size < MOST_FAILURES) {
      const logs = this.#context.tail(this.#revision.app, instance, this.#signal)
      logs.catch(() => {}) // An abort; whoever follows is told it by the stream.
      this.#noted.set(instance.id, { instance, logs })
    }
  }

  async collect(): Promise<readonly FailedInstance[]> {
    return Promise.all(
      [...this.#noted.values()].map(async ({ instance, logs }) => ({ instance, logs: await logs })),
    )
  }
}
