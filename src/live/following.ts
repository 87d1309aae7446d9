import type { Revision } from '../adapter.ts'
import { type Duration, milliseconds } from '../app/quantity.ts'
import type { Clock } from '../clock.ts'
import {
  type Outcome,
  type Rollout,
  RolloutError,
  type RolloutResult,
  type RolloutStep,
  type WaitOptions,
} from '../rollout.ts'

const DEFAULT_WAIT: Duration = '15m'

export interface FollowingOptions {
  readonly cluster: string
  readonly clock: Clock
  readonly revision: Revision
  /** Begins to follow; called once while there are readers, again when new ones come after all had left. */
  readonly follow: (signal: AbortSignal) => AsyncGenerator<RolloutStep, RolloutResult, void>
  readonly closed: AbortSignal
}

/**
 * One follower shared by all who wait for the same change: it looks at the cluster while somebody reads, and each
 * reader is told every step from the first.
 */
export class Following implements Rollout {
  readonly app
  readonly cluster: string
  readonly revision: Revision
  readonly #options: FollowingOptions
  readonly #steps: RolloutStep[] = []
  #result: RolloutResult | undefined
  #failure: { readonly reason: unknown } | undefined
  #readers = 0
  #running: AbortController | undefined
  #news = Promise.withResolvers<void>()

  constructor(options: FollowingOptions) {
    this.#options = options
    this.app = options.revision.app
    this.cluster = options.cluster
    this.revision = options.revision
  }

  async done(options: WaitOptions = {}): Promise<RolloutResult> {
    const result = await this.result(options)
    if (result.outcome === 'succeeded') return result
    throw new RolloutError(result as RolloutResult & { outcome: Exclude<Outcome, 'succeeded'> })
  }

  async result({ timeout = DEFAULT_WAIT, signal }: WaitOptions = {}): Promise<RolloutResult> {
    const limit = milliseconds('timeout', timeout)
    signal?.throwIfAborted()
    const { clock } = this.#options
    const started = clock.now()
    const leave = new AbortController()
    const cancel = clock.after(limit, () => leave.abort())
    const both = signal ? AbortSignal.any([signal, leave.signal]) : leave.signal
    try {
      for await (const _ of this.#read(both));
      if (this.#result) return this.#result
      signal?.throwIfAborted()
      return this.#timedOut(timeout, clock.now() - started)
    } finally {
      cancel()
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<RolloutStep> {
    return this.#read(undefined)
  }

  /** Every step from the first; ends with the last one, or when the signal aborts. */
  async *#read(signal: AbortSignal | undefined): AsyncGenerator<RolloutStep, void, void> {
    const wake = () => this.#tell()
    signal?.addEventListener('abort', wake, { once: true })
    this.#enter()
    try {
      for (let index = 0; ; ) {
        const news = this.#news.promise
        if (signal?.aborted) return
        const step = this.#steps[index]
        if (step) {
          index++
          yield step
        } else if (this.#result) return
        else if (this.#failure) throw this.#failure.reason
        else await news
      }
    } finally {
      signal?.removeEventListener('abort', wake)
      this.#leave()
    }
  }

  #enter(): void {
    this.#readers++
    if (this.#running || this.#result) return
    this.#failure = undefined
    const running = new AbortController()
    this.#running = running
    this.#run(AbortSignal.any([running.signal, this.#options.closed])).then(
      (result) => {
        this.#result = result
        this.#tell()
      },
      (reason: unknown) => {
        if (this.#running !== running) return
        this.#running = undefined
        this.#failure = { reason }
        this.#tell()
      },
    )
  }

  #leave(): void {
    this.#readers--
    if (this.#readers > 0 || this.#result) return
    const running = this.#running
    this.#running = undefined
    running?.abort(new DOMException('nobody follows the rollout any more', 'AbortError'))
  }

  async #run(signal: AbortSignal): Promise<RolloutResult> {
    const steps = this.#options.follow(signal)
    for (;;) {
      const next = await steps.next()
      if (next.done) return next.value
      this.#steps.push(next.value)
      this.#tell()
    }
  }

  #tell(): void {
    const { resolve } = this.#news
    this.#news = Promise.withResolvers<void>()
    resolve()
  }

  #timedOut(timeout: Duration, duration: number): RolloutResult {
    const last = this.#steps.at(-1)
    return {
      outcome: 'timedOut',
      app: this.app,
      cluster: this.cluster,
      revision: this.revision,
      message: `not done after ${timeout}: ${last?.message ?? 'nothing was seen of it'}`,
      reasons: last?.reasons ?? [],
      status: last?.status,
      failures: [],
      duration,
    }
  }
}
