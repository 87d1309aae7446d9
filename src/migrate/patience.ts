import { formatDuration } from '../app/quantity.ts'
import type { AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { type Clock, sleep } from '../clock.ts'
import { IntermodalError } from '../errors.ts'
import type { Rollout, RolloutResult, RolloutStep } from '../rollout.ts'
import type { AppStatus } from '../status.ts'

const FIRST_REST = 500
const LONGEST_REST = 5_000

export interface PatienceOptions {
  readonly clock: Clock
  /** How long a cluster may not answer, milliseconds. */
  readonly limit: number
  readonly signal: AbortSignal
}

/** Waiting for clusters that may be away for a while, and for apps that may be unwell for a while. */
export class Patience {
  readonly clock: Clock
  readonly limit: number
  readonly signal: AbortSignal

  constructor({ clock, limit, signal }: PatienceOptions) {
    this.clock = clock
    this.limit = limit
    this.signal = signal
  }

  /** Asks again while it fails for a reason that passes. What is asked may take effect twice. */
  async ask<T>(what: () => Promise<T>): Promise<T> {
    const until = this.clock.now() + this.limit
    for (let rest = FIRST_REST; ; rest = Math.min(rest * 2, LONGEST_REST)) {
      this.signal.throwIfAborted()
      try {
        return await what()
      } catch (error) {
        if (this.signal.aborted) throw this.signal.reason
        if (!IntermodalError.is(error) || !error.retryable) throw error
        if (this.clock.now() + rest > until) throw error
      }
      await sleep(this.clock, rest, this.signal)
    }
  }

  /**
   * Looks until the status is as wanted. Throws `ROLLOUT_FAILED` with what `complain` says of the last one after `within`
   * milliseconds.
   */
  async until(
    client: Client,
    id: AppId,
    isWanted: (status: AppStatus | undefined) => boolean,
    complain: (status: AppStatus | undefined) => string,
    within = this.limit,
  ): Promise<AppStatus | undefined> {
    const until = this.clock.now() + within
    for (let rest = FIRST_REST; ; rest = Math.min(rest * 2, LONGEST_REST)) {
      const status = await this.status(client, id)
      if (isWanted(status)) return status
      if (this.clock.now() + rest > until) {
        throw new IntermodalError('ROLLOUT_FAILED', complain(status), {
          cluster: client.cluster,
          app: id,
          remedy: 'ask explain() for what to try',
        })
      }
      await sleep(this.clock, rest, this.signal)
    }
  }

  status(client: Client, id: AppId): Promise<AppStatus | undefined> {
    return this.ask(() => client.status(id, { signal: this.signal }))
  }

  /** A rollout to its end. Throws `UNAVAILABLE` when its cluster stays away. */
  async follow(rollout: Rollout, tell: (step: RolloutStep) => void): Promise<RolloutResult> {
    const away = new AbortController()
    const signal = AbortSignal.any([this.signal, away.signal])
    let cancel: (() => void) | undefined
    const read = async () => {
      for await (const step of rollout) {
        if (signal.aborted) return
        if (step.type === 'stale') {
          cancel ??= this.clock.after(this.limit, () => away.abort(this.#away(rollout, step)))
        } else {
          cancel?.()
          cancel = undefined
        }
        tell(step)
      }
    }
    try {
      const reading = read()
      reading.catch(() => {}) // The result is told the same failure.
      const result = await rollout.result({ timeout: '24h', signal })
      await reading
      return result
    } finally {
      cancel?.()
    }
  }

  #away({ app, cluster }: Rollout, { message }: RolloutStep): IntermodalError {
    return new IntermodalError(
      'UNAVAILABLE',
      `${cluster} did not answer for ${formatDuration(this.limit)}: ${message}`,
      { cluster, app, remedy: 'see to the cluster, then begin again' },
    )
  }
}
