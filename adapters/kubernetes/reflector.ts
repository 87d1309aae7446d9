import { abortable, type Clock, type IntermodalError, sleep } from 'intermodal'
import type { Api, ListOptions } from './api.ts'
import { ApiError, isExpired, isStatus } from './api-error.ts'
import { explainError } from './errors.ts'
import { refusalOf } from './exchange.ts'
import type { Resource } from './kinds.ts'
import { splitLines } from './lines.ts'
import { parseObject } from './parse.ts'
import { slim } from './slim.ts'
import type { Stream } from './transport.ts'
import type { KubernetesObject } from './wire.ts'

/** What is known of one kind of object, as it changes. */
export interface Sink {
  /** Everything there is; what is not in it is gone. */
  replace(objects: readonly KubernetesObject[]): void
  set(object: KubernetesObject): void
  delete(object: KubernetesObject): void
  /** It cannot be followed at the moment. Said once, until `well`. */
  ill(error: IntermodalError): void
  /** It is followed again, without anything having been missed. */
  well(): void
}

export interface ReflectorOptions {
  readonly api: Api
  readonly resource: Resource
  readonly select: ListOptions
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** A watch that sends no byte for so long is taken for dead, milliseconds. Bookmarks come about once a minute. */
  readonly idle: number
  /** What may not be seen, or is not there, is done without. */
  readonly optional: boolean
}

interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject
}

const MAX_LINE = 16 * 2 ** 20
/** How long an answer may take to begin, milliseconds. */
const FIRST_BYTE = 30_000
const FIRST_RETRY = 250
const LAST_RETRY = 30_000
/** A server that is busy gets so many further chances before anybody is told. */
const PATIENCE_WITH_BUSY = 3
/** Something optional that was refused is asked for again after so long, milliseconds. */
const RETRY_REFUSED = 600_000

/**
 * One kind of object, listed once and watched from there: for ever, until the signal aborts. A watch that ends, for
 * whatever reason, goes on from the last resource version; only where the server has forgotten that (410), everything is
 * listed again.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #sink: Sink
  #version: string | undefined
  #failures = 0
  /** Watches that ended at once and told nothing, one after the other. */
  #hasty = 0
  #ill = false
  #restart: AbortController | undefined

  constructor(options: ReflectorOptions, sink: Sink) {
    this.#options = options
    this.#sink = sink
  }

  /** There is reason to doubt the connection: it is made anew. */
  doubt(): void {
    this.#restart?.abort(new ApiError('silent', { at: '' }))
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const begun = this.#options.clock.now()
      try {
        await this.#list(signal)
        await this.#watch(signal)
        // A server or a proxy that ends every watch at once would be asked without a pause.
        if (this.#options.clock.now() - begun < 1000) await this.#rest(++this.#hasty, signal)
        else this.#hasty = 0
      } catch (error) {
        signal.throwIfAborted()
        await this.#failed(error, signal)
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    if (this.#version !== undefined) return
    const { api, resource, select, clock } = this.#options
    const keep = (object: KubernetesObject) => slim({ ...object, kind: resource.kind })
    const late = deadline(clock, 10 * FIRST_BYTE, signal)
    try {
      const { items, resourceVersion } = await api.list(resource, select, late.signal, keep)
      this.#version = resourceVersion
      this.#sink.replace(items)
      this.#recovered()
    } finally {
      late.cancel()
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, resource, select, random, clock } = this.#options
    const restart = new AbortController()
    this.#restart = restart
    const connection = AbortSignal.any([signal, restart.signal])
    const late = deadline(clock, FIRST_BYTE, connection)
    let stream: Stream
    try {
      const query = {
        ...select,
        resourceVersion: this.#version,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.round(300 + 300 * random()),
      }
      stream = await abortable(api.watch(resource, query, late.signal), late.signal)
    } finally {
      late.cancel()
    }
    // A page in its place would be taken for a watch that ends, again and again.
    if (stream.headers?.['content-type']?.includes('html')) {
      stream.destroy()
      throw new ApiError('garbled', { at: '', detail: 'a page came in place of a watch' })
    }
    this.#recovered()
    try {
      const tooLong = () => new ApiError('too-large', { at: '', detail: `${MAX_LINE} bytes` })
      for await (const line of splitLines(this.#lively(stream, connection), MAX_LINE, tooLong))
        this.#take(line)
    } catch (error) {
      signal.throwIfAborted()
      // However a watch ends, it goes on where it was; only what the server itself said counts.
      if (error instanceof ApiError && error.kind === 'http') throw error
    } finally {
      stream.destroy()
    }
  }

  /** Ends when nothing comes for too long, not even a bookmark. */
  async *#lively(stream: Stream, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const { clock, idle } = this.#options
    const dead = new AbortController()
    let heard = clock.now()
    let cancel = () => {}
    const arm = (after: number) => {
      cancel = clock.after(after, () => {
        const rest = heard + idle - clock.now()
        if (rest > 0) arm(rest)
        else dead.abort(new ApiError('silent', { at: '' }))
      })
    }
    arm(idle)
    const end = () => stream.destroy()
    const ends = AbortSignal.any([signal, dead.signal])
    ends.addEventListener('abort', end, { once: true })
    try {
      for await (const chunk of stream) {
        heard = clock.now()
        yield chunk as Buffer
      }
    } finally {
      cancel()
      ends.removeEventListener('abort', end)
    }
  }

  #take(line: Buffer): void {
    if (line.length === 0) return
    const event = parse(line, this.#options.resource.kind)
    // Cut off in the middle: it comes again from the version before it, which no later event may move.
    if (!event) throw new ApiError('garbled', { at: '', detail: 'an event is no JSON' })
    this.#hasty = 0
    const { type } = event
    if (type === 'ERROR') throw statusError(event.object)
    const object = { ...event.object, kind: this.#options.resource.kind }
    this.#version = object.metadata.resourceVersion ?? this.#version
    this.#failures = 0
    if (type === 'ADDED' || type === 'MODIFIED') this.#sink.set(slim(object))
    else if (type === 'DELETED') this.#sink.delete(object)
  }

  async #failed(error: unknown, signal: AbortSignal): Promise<void> {
    const { resource, optional, clock } = this.#options
    if (isExpired(error)) {
      this.#version = undefined
      // Once at once; a server that forgets faster than we read is not asked in a loop.
      if (this.#failures++ > 0) await this.#rest(this.#failures, signal)
      return
    }
    if (optional && isStatus(error, 401, 403, 404, 405)) {
      this.#version = undefined
      this.#sink.replace([])
      this.#recovered()
      return sleep(clock, RETRY_REFUSED, signal)
    }
    const told = explainError(error, `watch ${resource.plural}`)
    this.#failures++
    const patience = told.code === 'THROTTLED' ? PATIENCE_WITH_BUSY : isCutOff(error) ? 1 : 0
    if (!this.#ill && this.#failures > patience) {
      this.#ill = true
      this.#sink.ill(told)
    }
    await this.#rest(this.#failures, signal, told.retryAfter)
  }

  #recovered(): void {
    if (this.#version !== undefined) this.#failures = 0
    if (!this.#ill) return
    this.#ill = false
    this.#sink.well()
  }

  #rest(failures: number, signal: AbortSignal, least = 0): Promise<void> {
    const { clock, random } = this.#options
    const full = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(10, failures - 1))
    return sleep(clock, Math.max(least, full * (0.5 + random() / 2)), signal)
  }
}

/** One connection broke, which costs nothing: that the server is gone is known when the next one fails too. */
function isCutOff(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return error.kind === 'truncated' || error.syscode === 'ECONNRESET'
}

function parse(line: Buffer, kind: string): WatchEvent | undefined {
  try {
    const event = parseObject(line, kind) as WatchEvent
    return typeof event.type === 'string' && event.object ? event : undefined
  } catch {
    return undefined
  }
}

/** `{"type":"ERROR","object":{"kind":"Status","code":410,…}}` */
function statusError(object: unknown): ApiError {
  const { code, reason } = object as { readonly code?: number; readonly reason?: string }
  const expired = reason === 'Expired' || reason === 'Gone'
  return new ApiError('http', {
    at: 'the watch',
    status: expired ? 410 : (code ?? 500),
    refusal: refusalOf(object),
  })
}

function deadline(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; cancel(): void } {
  const late = new AbortController()
  const cancel = clock.after(milliseconds, () => late.abort(new ApiError('silent', { at: '' })))
  return { signal: AbortSignal.any([signal, late.signal]), cancel }
}
