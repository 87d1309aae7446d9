import type { Call, ChangeCall } from '../adapter.ts'
import { formatDuration, milliseconds } from '../app/quantity.ts'
import type { AppId } from '../app/schema.ts'
import { backoff } from '../backoff.ts'
import type { CallOptions, WriteOptions } from '../client.ts'
import { type Clock, sleep } from '../clock.ts'
import { IntermodalError, withContext } from '../errors.ts'
import { abortable } from '../stream.ts'
import { Breaker, type CallClass } from './breaker.ts'

export interface CallerOptions {
  readonly cluster: string
  readonly adapter: string
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds. */
  readonly timeout: number
  readonly retries: number
  /** Aborts when the client is disposed. */
  readonly closed: AbortSignal
}

export interface Operation {
  /** For messages: `status of /shop/web`. */
  readonly name: string
  readonly app?: AppId | undefined
  readonly kind: CallClass
  /** Whether it may be sent again after a failure. Only reads are: an adapter repeats its own writes, after a look. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. */
  readonly timeout?: number | undefined
}

/** Gives every call its deadline, its retries and its error context, and keeps a silent cluster from costing more. */
export class Caller {
  readonly #options: CallerOptions
  readonly #breaker: Breaker

  constructor(options: CallerOptions) {
    this.#options = options
    this.#breaker = new Breaker(options.clock)
  }

  async run<T>(operation: Operation, work: (call: Call) => Promise<T>): Promise<T> {
    const { clock, random, retries } = this.#options
    for (let failures = 0; ; ) {
      try {
        return await this.#once(operation, work)
      } catch (error) {
        const again =
          operation.repeatable &&
          IntermodalError.is(error) &&
          error.retryable &&
          error.code !== 'TIMEOUT' &&
          error.retryAfter === undefined &&
          failures < retries
        if (!again) throw error
        failures++
        const signals = [this.#options.closed, ...(operation.signal ? [operation.signal] : [])]
        await sleep(clock, backoff(failures, random, { first: 200 }), AbortSignal.any(signals))
      }
    }
  }

  /** A call that changes nothing: it is repeated when it fails for a reason that passes. */
  read<T>(
    name: string,
    app: AppId | undefined,
    options: CallOptions,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    return this.run({ ...operation('read', name, app, options), repeatable: true }, work)
  }

  write<T>(
    name: string,
    app: AppId | undefined,
    options: WriteOptions,
    work: (call: ChangeCall) => Promise<T>,
  ): Promise<T> {
    const { force = false } = options
    return this.run(operation('write', name, app, options), (call) => work({ ...call, force }))
  }

  /** A call that reaches into a node: logs, exec. */
  runtime<T>(
    name: string,
    app: AppId,
    options: CallOptions,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    return this.run(operation('runtime', name, app, options), work)
  }

  /** The cluster was heard of on another way: calls may be tried again. */
  heard(): void {
    this.#breaker.answered('read')
    this.#breaker.answered('write')
  }

  /** A signal and error context for a call that lasts as long as its reader. */
  stream(operation: Pick<Operation, 'name' | 'app' | 'signal'>): {
    readonly call: Call
    readonly describe: (error: unknown) => unknown
  } {
    const { closed } = this.#options
    const signal = operation.signal ? AbortSignal.any([closed, operation.signal]) : closed
    return {
      call: { signal, deadline: Number.POSITIVE_INFINITY },
      describe: (error) => (signal.aborted ? signal.reason : this.#describe(operation, error)),
    }
  }

  async #once<T>(operation: Operation, work: (call: Call) => Promise<T>): Promise<T> {
    const { clock, closed, cluster } = this.#options
    const callers = operation.signal ? [closed, operation.signal] : [closed]
    for (const signal of callers) signal.throwIfAborted()
    const timeout = operation.timeout ?? this.#options.timeout
    this.#enter(operation)
    const late = new AbortController()
    const cancel = clock.after(timeout, () =>
      late.abort(
        new IntermodalError(
          'TIMEOUT',
          `${operation.name}: no answer from ${cluster} within ${formatDuration(timeout)}`,
          {
            cluster,
            app: operation.app,
            remedy:
              'check that the engine answers; a write may still happen, so look before repeating it',
          },
        ),
      ),
    )
    const signal = AbortSignal.any([...callers, late.signal])
    try {
      const result = await abortable(work({ signal, deadline: clock.now() + timeout }), signal)
      this.#breaker.answered(operation.kind)
      return result
    } catch (error) {
      this.#learn(operation.kind, timeout, late.signal, signal)
      throw signal.aborted ? signal.reason : this.#describe(operation, error)
    } finally {
      cancel()
    }
  }

  #enter(operation: Operation): void {
    try {
      this.#breaker.enter(operation.kind)
    } catch (error) {
      throw this.#describe(operation, error)
    }
  }

  #learn(kind: CallClass, timeout: number, late: AbortSignal, signal: AbortSignal): void {
    if (!signal.aborted) this.#breaker.answered(kind)
    // A caller in more of a hurry than the client's own limit proves nothing about the cluster.
    else if (late.aborted && timeout >= this.#options.timeout) this.#breaker.silent(kind)
    else this.#breaker.released(kind)
  }

  #describe(operation: Pick<Operation, 'name' | 'app'>, error: unknown): unknown {
    const { cluster, adapter } = this.#options
    const known = IntermodalError.is(error)
      ? error
      : new IntermodalError(
          'PROTOCOL',
          `${operation.name}: the ${adapter} adapter failed in a way it does not know (${error instanceof Error ? error.name : typeof error})`,
          { cause: error, remedy: 'the cause has the details; it is worth a bug report' },
        )
    return withContext(known, operation.app ? { cluster, app: operation.app } : { cluster })
  }
}

function operation(
  kind: CallClass,
  name: string,
  app: AppId | undefined,
  options: CallOptions,
): Operation {
  const timeout =
    options.timeout === undefined ? undefined : milliseconds('timeout', options.timeout)
  return { kind, name, app, repeatable: false, signal: options.signal, timeout }
}
