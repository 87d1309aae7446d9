import {
  type AppId,
  abortable,
  type Clock,
  type Duration,
  type ErrorCode,
  IntermodalError,
  parseDuration,
  sleep,
} from 'intermodal'

/** A call or stream of the adapter by the name of its method; `*` is every one of them. */
export type Operation =
  | '*'
  | 'apply'
  | 'remove'
  | 'observe'
  | 'read'
  | 'list'
  | 'watch'
  | 'scale'
  | 'restart'
  | 'suspend'
  | 'resume'
  | 'pause'
  | 'rollback'
  | 'kill'
  | 'logs'
  | 'exec'
  | 'nodes'
  | 'explain'
  | 'putSecret'
  | 'putConfig'

/** Takes a lever back. Twice is the same as once. */
export type Undo = () => void

export interface FaultOptions {
  /** Only the next so many; until undone when absent. */
  readonly times?: number | undefined
}

interface Fault {
  readonly type: 'refuse' | 'delay' | 'hang' | 'drop'
  readonly operation: Operation
  left: number
  readonly code: ErrorCode
  readonly delay: number
  /** Settles when it is undone. */
  readonly over: Promise<void>
  readonly end: () => void
}

/** What the world does to calls and streams, so that one can see what a program makes of a sick cluster. */
export class Faults {
  readonly #clock: Clock
  readonly #faults = new Set<Fault>()
  readonly #streams = new Set<OpenStream>()
  readonly #locks = new Set<AppId>()
  readonly #forget: (app: AppId | undefined) => Undo
  #reordering = 0
  #duplicating = 0

  constructor(clock: Clock, forget: (app: AppId | undefined) => Undo) {
    this.#clock = clock
    this.#forget = forget
  }

  /** Calls throw at once, without any effect, `UNAVAILABLE` unless another code is given. Open streams break. */
  refuse(operation: Operation, options: FaultOptions & { readonly code?: ErrorCode } = {}): Undo {
    return this.#add('refuse', operation, options, { code: options.code })
  }

  /** Calls take so much longer; each change of a stream comes so much later. */
  delay(operation: Operation, duration: Duration, options: FaultOptions = {}): Undo {
    return this.#add('delay', operation, options, { delay: parseDuration(duration) })
  }

  /** Calls never answer and streams fall silent, until undone or aborted. */
  hang(operation: Operation, options: FaultOptions = {}): Undo {
    return this.#add('hang', operation, options, {})
  }

  /** Calls take effect, but the answer is lost: `UNAVAILABLE`. Open streams break, and may connect again at once. */
  drop(operation: Operation, options: FaultOptions = {}): Undo {
    return this.#add('drop', operation, { times: 1, ...options }, {})
  }

  /** The engine forgets what checks said, of one app or of all, until each is checked again. Undone: it remembers. */
  forgetHealth(app?: AppId): Undo {
    return this.#forget(app)
  }

  /**
   * A deployment of somebody else holds the app: changes are refused with `LOCKED`, until undone or until one with `force`
   * goes over it.
   */
  lock(app: AppId): Undo {
    this.#locks.add(app)
    return once(() => this.#locks.delete(app))
  }

  /** Streams tell changes of different apps in any order. */
  reorder(): Undo {
    this.#reordering++
    return once(() => this.#reordering--)
  }

  /** Streams tell every change twice. */
  duplicate(): Undo {
    this.#duplicating++
    return once(() => this.#duplicating--)
  }

  get reordering(): boolean {
    return this.#reordering > 0
  }

  get duplicating(): boolean {
    return this.#duplicating > 0
  }

  #add(
    type: Fault['type'],
    operation: Operation,
    options: FaultOptions,
    details: { readonly code?: ErrorCode | undefined; readonly delay?: number | undefined },
  ): Undo {
    const { promise, resolve } = Promise.withResolvers<void>()
    const fault: Fault = {
      type,
      operation,
      left: options.times ?? Number.POSITIVE_INFINITY,
      code: details.code ?? 'UNAVAILABLE',
      delay: details.delay ?? 0,
      over: promise,
      end: resolve,
    }
    this.#faults.add(fault)
    if (type === 'refuse' || type === 'drop') {
      if (type === 'drop' && isStream(operation)) this.#faults.delete(fault)
      for (const stream of this.#streams) {
        if (applies(fault, stream.operation)) stream.cut(failure(fault, stream.operation))
      }
    }
    return once(() => {
      this.#faults.delete(fault)
      resolve()
    })
  }

  /** Called by the adapter before a call has any effect. */
  async enter(operation: Operation, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    for (const fault of [...this.#faults]) {
      if (!applies(fault, operation) || fault.type === 'drop') continue
      this.#use(fault)
      if (fault.type === 'refuse') throw failure(fault, operation)
      if (fault.type === 'delay') await sleep(this.#clock, fault.delay, signal)
      if (fault.type === 'hang') await abortable(fault.over, signal)
    }
  }

  /** Called before an app is changed. False: it is locked, and may not be forced. */
  unlock(app: AppId, force: boolean): boolean {
    if (force) this.#locks.delete(app)
    return !this.#locks.has(app)
  }

  /** Called after it had its effect. */
  leave(operation: Operation): void {
    for (const fault of [...this.#faults]) {
      if (!applies(fault, operation) || fault.type !== 'drop') continue
      this.#use(fault)
      throw failure(fault, operation)
    }
  }

  /** Before each change an open stream delivers: waits out what delays or silences it. */
  async hold(operation: Operation, signal: AbortSignal): Promise<void> {
    for (const fault of [...this.#faults]) {
      if (!applies(fault, operation)) continue
      if (fault.type === 'delay') await sleep(this.#clock, fault.delay, signal)
      if (fault.type === 'hang') await abortable(fault.over, signal)
    }
  }

  /** Tells an open stream when it is cut. */
  onCut(operation: 'watch' | 'logs', cut: (error: IntermodalError) => void): () => void {
    const stream = { operation, cut }
    this.#streams.add(stream)
    return () => this.#streams.delete(stream)
  }

  #use(fault: Fault): void {
    if (--fault.left <= 0) this.#faults.delete(fault)
  }
}

interface OpenStream {
  readonly operation: 'watch' | 'logs'
  readonly cut: (error: IntermodalError) => void
}

function isStream(operation: Operation): boolean {
  return operation === 'watch' || operation === 'logs'
}

function applies(fault: Fault, operation: Operation): boolean {
  return fault.operation === '*' || fault.operation === operation
}

function failure({ type, code }: Fault, operation: Operation): IntermodalError {
  const what = type === 'drop' ? 'lost the answer to' : 'refused'
  return new IntermodalError(code, `the simulated world ${what} ${operation}`, {
    remedy: 'a fault of the world is in force: undo it',
  })
}

export function once(run: () => void): Undo {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}
