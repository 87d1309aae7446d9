import type { Clock } from 'intermodal'
import { type Answer, type Exchange, Http } from './client.ts'
import { authorization, type Credentials, type Endpoint, type TlsOptions } from './connection.ts'
import { readErrorBody } from './error-body.ts'
import { HttpError } from './http-error.ts'
import { jsonItems, parse } from './json-items.ts'
import type { Json } from './patch.ts'

export interface TransportOptions extends Credentials {
  readonly endpoints: readonly Endpoint[]
  readonly tls?: TlsOptions | undefined
  readonly clock: Clock
  /** The largest answer that is read whole, and the largest item of a list, bytes. */
  readonly maxAnswer: number
}

export interface Sent {
  readonly method: Exchange['method']
  /** From `/v2` on, with its query. */
  readonly path: string
  readonly body?: unknown
  readonly accept?: string | undefined
  /** Past the prefix of the address. */
  readonly root?: boolean | undefined
  readonly signal: AbortSignal
}

export interface Received<T> {
  readonly value: T
  readonly status: number
  readonly header: (name: string) => string | undefined
}

/** How long a Marathon that could not be reached is left alone, milliseconds. */
const REST = 5_000
/** With another one to ask, nobody waits longer for one, milliseconds. */
const PATIENCE = 10_000
const MOST_REDIRECTS = 3
/** A list may be so many times as large as what is read at once. */
const LIST = 16

/**
 * One cluster behind several addresses. A call goes to another address when nothing was sent, or when repeating it
 * changes nothing; a write that may have happened is the caller's to look up.
 */
export class Transport {
  readonly #options: TransportOptions
  readonly #http: Http
  readonly #down = new Map<Endpoint, number>()
  #preferred: Endpoint
  #leader: string | undefined

  constructor(options: TransportOptions) {
    this.#options = options
    this.#http = new Http(options.tls)
    this.#preferred = options.endpoints[0] as Endpoint
  }

  /** For messages. */
  get at(): string {
    return this.#preferred.at
  }

  /** Who led last, as answers tell; a change means that health is forgotten. */
  get leader(): string | undefined {
    return this.#leader
  }

  async json<T>(sent: Sent): Promise<Received<T>> {
    const { answer, at } = await this.#open(sent)
    const header = (name: string) => textOf(answer.headers[name])
    const text = await this.#text(answer, at)
    return {
      value: (text.trim() === '' ? undefined : parse(text, at)) as T,
      status: answer.status,
      header,
    }
  }

  /** The items of a list, one by one, so that none of a large cluster's answer is kept but what is made of it. */
  async *items(sent: Sent, key?: string): AsyncGenerator<Json, void, void> {
    const { answer, at } = await this.#open(sent)
    const { maxAnswer } = this.#options
    let whole = false
    try {
      yield* jsonItems(answer.body, { key, at, maxItem: maxAnswer, maxAll: LIST * maxAnswer })
      whole = true
    } finally {
      if (!whole) answer.discard()
    }
  }

  /** The same on the root of the address, where DC/OS has its other services. */
  async root<T>(sent: Sent): Promise<Received<T>> {
    return this.json<T>({ ...sent, root: true })
  }

  /** An answer without an end. */
  async stream(sent: Sent): Promise<{ readonly answer: Answer; readonly at: string }> {
    return this.#open(sent)
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  async #open(sent: Sent): Promise<{ readonly answer: Answer; readonly at: string }> {
    const candidates = this.#candidates()
    let failed: unknown
    for (const [index, endpoint] of candidates.entries()) {
      const others = candidates.length - index - 1
      try {
        const answer = await this.#try(endpoint, sent, others > 0)
        this.#down.delete(endpoint)
        this.#preferred = endpoint
        return { answer, at: endpoint.at }
      } catch (error) {
        failed = error
        if (!this.#mayGoOn(error, sent)) throw error
        this.#down.set(endpoint, this.#options.clock.now() + REST)
      }
    }
    throw failed
  }

  /** The one that answered last, then the others; those that are resting come last. */
  #candidates(): readonly Endpoint[] {
    const now = this.#options.clock.now()
    const others = this.#options.endpoints.filter((endpoint) => endpoint !== this.#preferred)
    const all = [this.#preferred, ...others]
    const resting = (endpoint: Endpoint) => (this.#down.get(endpoint) ?? 0) > now
    return [...all.filter((one) => !resting(one)), ...all.filter(resting)]
  }

  #mayGoOn(error: unknown, { method, signal }: Sent): boolean {
    if (signal.aborted || !(error instanceof HttpError)) return false
    if (error.kind === 'unreachable') return true
    if (method !== 'GET') return false
    return error.kind !== 'http' || [502, 503, 504].includes(error.status ?? 0)
  }

  async #try(endpoint: Endpoint, sent: Sent, others: boolean): Promise<Answer> {
    const first = await this.#send(endpoint, sent, others)
    const again = first.status === 401 ? await this.#anew(first, endpoint, sent, others) : first
    const leader = textOf(again.headers['x-marathon-leader'])
    if (leader !== undefined) this.#leader = leader
    if (again.status < 300) return again
    throw await this.#refused(again, endpoint.at)
  }

  /** A token that has run out is asked for once more. */
  async #anew(first: Answer, endpoint: Endpoint, sent: Sent, others: boolean): Promise<Answer> {
    if (typeof this.#options.token !== 'function') return first
    first.discard()
    return this.#send(endpoint, sent, others)
  }

  async #send(endpoint: Endpoint, sent: Sent, others: boolean): Promise<Answer> {
    const { method, body, accept = 'application/json', signal } = sent
    const headers = {
      accept,
      ...(accept === 'application/json' ? { 'accept-encoding': 'gzip' } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(await authorization(this.#options)),
    }
    let origin = endpoint.origin
    let path = sent.root ? sent.path : `${endpoint.prefix}${sent.path}`
    for (let count = 0; ; count++) {
      const answer = await this.#http.send({
        method,
        origin,
        path,
        headers,
        signal,
        body: body === undefined ? undefined : JSON.stringify(body),
        headersTimeout: others && method === 'GET' ? PATIENCE : 0,
      })
      const target =
        answer.status >= 300 && answer.status < 400 ? textOf(answer.headers.location) : undefined
      if (target === undefined || count === MOST_REDIRECTS) return answer
      answer.discard()
      const next = redirected(target, `${origin}${path}`, endpoint.at)
      origin = next.origin
      path = `${next.pathname}${next.search}`
    }
  }

  async #refused(answer: Answer, at: string): Promise<HttpError> {
    const { status } = answer
    try {
      return new HttpError('http', { at, status, ...readErrorBody(await this.#text(answer, at)) })
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      // Whether an app is absent, or the address is wrong, only the page of a 404 tells.
      if (status === 404 && (error.kind === 'broken' || error.kind === 'timeout')) return error
      // Otherwise the status is what matters; its page may be cut off or endless.
      return new HttpError('http', { at, status })
    }
  }

  async #text(answer: Answer, at: string): Promise<string> {
    const decoder = new TextDecoder()
    const parts: string[] = []
    let size = 0
    for await (const chunk of answer.body) {
      size += chunk.byteLength
      if (size > this.#options.maxAnswer) {
        answer.discard()
        throw new HttpError('too-large', { at })
      }
      parts.push(decoder.decode(chunk, { stream: true }))
    }
    return parts.join('') + decoder.decode()
  }
}

/**
 * The leader's own address, which a standby sends streams to. The same call, and never from TLS to plain: credentials go
 * along.
 */
function redirected(location: string, from: string, at: string): URL {
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined
  const before = new URL(from)
  const samePath = target?.pathname.endsWith(before.pathname.slice(before.pathname.indexOf('/v2')))
  const downgraded = before.protocol === 'https:' && target?.protocol !== 'https:'
  if (!target || !samePath || downgraded || target.username !== '')
    throw new HttpError('garbled', { at, text: 'it redirects to somewhere else' })
  if (target.search === '') target.search = before.search
  if (target.href === before.href)
    throw new HttpError('garbled', { at, text: 'it redirects to itself' })
  return target
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
