import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { Endpoint } from './connection.ts'
import { type Answer, exchange, type Wanted } from './exchange.ts'
import { TransportError } from './transport-error.ts'

/** What dockerode hands to its modem for each call. Only what this adapter uses of it is understood. */
export interface DialOptions {
  readonly path: string
  readonly method: string
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly abortSignal?: AbortSignal | undefined
  readonly isStream?: boolean | undefined
  readonly hijack?: boolean | undefined
  readonly authconfig?: unknown
}

export type DialCallback = (error: unknown, result?: unknown) => void

export interface TransportOptions {
  readonly endpoint: Endpoint
  /** Sockets for ordinary calls. Pings and streams have their own, so that a hung engine can still be asked. */
  readonly maxSockets?: number | undefined
  /** Longest answer that is read, bytes. */
  readonly maxBytes?: number | undefined
  /** With an ssh endpoint: what gives the local socket. */
  readonly tunnel?: { open(signal: AbortSignal): Promise<string> } | undefined
}

const NEWEST = 51
const OLDEST = 41
const PING_SOCKETS = 2
const DEFAULT_SOCKETS = 12
const DEFAULT_BYTES = 64 * 2 ** 20

/**
 * A modem for dockerode that settles every call exactly once: by an answer, an error, a cut connection or its signal.
 * docker-modem leaves a promise pending for ever when a response is cut, and its own signal does not help there.
 *
 * It also closes docker-modem's leaks: it reads no environment, and refuses a POST whose body would be copied into
 * the URL (and so into logs and proxies), which is what dockerode does with secrets unless told `_query`.
 */
export class Transport {
  readonly at: string
  readonly #endpoint: Endpoint
  readonly #tunnel: TransportOptions['tunnel']
  readonly #maxBytes: number
  readonly #calls: http.Agent
  readonly #pings: http.Agent
  readonly #streams: http.Agent
  #version: string | undefined
  // dockerode writes this property on whatever modem it is given.
  Promise: PromiseConstructor = Promise

  constructor(options: TransportOptions) {
    this.#endpoint = options.endpoint
    this.#tunnel = options.tunnel
    this.#maxBytes = options.maxBytes ?? DEFAULT_BYTES
    this.at = options.endpoint.at
    const agent = (maxSockets: number) =>
      options.endpoint.tls
        ? new https.Agent({ keepAlive: true, maxSockets })
        : new http.Agent({ keepAlive: true, maxSockets })
    this.#calls = agent(options.maxSockets ?? DEFAULT_SOCKETS)
    this.#pings = agent(PING_SOCKETS)
    this.#streams = agent(Number.POSITIVE_INFINITY)
  }

  /** dockerode's way in. */
  dial(options: DialOptions, callback: DialCallback): void {
    this.#dial(options).then(
      (result) => {
        // dockerode reads fields of the answer without looking, and a throw in here would settle nothing.
        try {
          callback(null, result)
        } catch {
          callback(new TransportError('garbled', { at: this.at }))
        }
      },
      (error) => callback(error),
    )
  }

  /** Whether the engine answers at all, on sockets that hung calls cannot take. */
  async ping(signal: AbortSignal): Promise<void> {
    await this.#negotiate(signal)
  }

  /** The version of the API both sides speak: `1.41`. */
  async version(signal: AbortSignal): Promise<string> {
    return this.#version ?? this.#negotiate(signal)
  }

  /** Closes every connection; open streams end with an error. */
  destroy(): void {
    for (const agent of [this.#calls, this.#pings, this.#streams]) agent.destroy()
  }

  async #dial(options: DialOptions): Promise<unknown> {
    const signal = options.abortSignal
    if (!signal)
      throw new TypeError(`${options.method} ${bare(options.path)} came without a signal`)
    const { path, body } = address(options)
    const version = await this.version(signal)
    const wanted: Wanted = options.hijack ? 'socket' : options.isStream ? 'stream' : 'answer'
    const headers: Record<string, string> = {}
    const auth = registryAuth(options.authconfig)
    if (auth !== undefined) headers['X-Registry-Auth'] = auth
    try {
      const answer = await this.#send(
        { method: options.method, path: `/v${version}${path}`, headers, body },
        wanted,
        wanted === 'answer' ? this.#calls : this.#streams,
        signal,
      )
      return wanted === 'answer' ? parse(answer as Answer, this.at) : answer
    } catch (error) {
      // The engine was replaced by another version: ask anew before the next call.
      if (error instanceof TransportError && /^client version/.test(error.text ?? ''))
        this.#version = undefined
      throw error
    }
  }

  async #negotiate(signal: AbortSignal): Promise<string> {
    const answer = (await this.#send(
      { method: 'GET', path: '/_ping', headers: {}, body: undefined },
      'answer',
      this.#pings,
      signal,
    )) as Answer
    const theirs = /^1\.(\d+)$/.exec(String(answer.headers['api-version'] ?? ''))
    if (!theirs) throw new TransportError('garbled', { at: this.at, detail: 'no Api-Version' })
    const minor = Number(theirs[1])
    if (minor < OLDEST) throw new TransportError('too-old', { at: this.at, detail: `1.${minor}` })
    this.#version = `1.${Math.min(minor, NEWEST)}`
    return this.#version
  }

  async #send(
    request: {
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string | undefined
    },
    wanted: Wanted,
    agent: http.Agent,
    signal: AbortSignal,
  ): Promise<Answer | http.IncomingMessage | Duplex> {
    const { tls, hostname, port } = this.#endpoint
    const socketPath = (await this.#tunnel?.open(signal)) ?? this.#endpoint.socketPath
    return exchange({
      request: { ...request, agent, tls, socketPath, hostname, port },
      wanted,
      at: this.at,
      maxBytes: this.#maxBytes,
      signal,
    })
  }
}

/** The path with its query, and the body. The body never becomes part of the query. */
function address({ path, method, options = {} }: DialOptions): {
  readonly path: string
  readonly body: string | undefined
} {
  const { abortSignal: _, authconfig: __, _query, _body, ...rest } = options
  const asksQuery = path.includes('?')
  if (method === 'POST' && asksQuery && _query === undefined) {
    throw new TypeError(`POST ${bare(path)} without _query would put its body into the URL`)
  }
  const query = asksQuery ? queryString((_query ?? rest) as Record<string, unknown>) : ''
  const body = method === 'POST' ? (_body ?? (_query === undefined ? rest : undefined)) : undefined
  return {
    path: `${bare(path)}${query && `?${query}`}`,
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

function queryString(values: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue
    query.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  return query.toString()
}

function bare(path: string): string {
  const end = path.indexOf('?')
  return end < 0 ? path : path.slice(0, end)
}

/** base64url of the credentials, as the engine wants it. */
function registryAuth(config: unknown): string | undefined {
  if (config === undefined || config === null) return undefined
  return Buffer.from(JSON.stringify(config))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/** JSON only where the engine says it is JSON: guessing turns a log line that looks like JSON into an object. */
function parse({ headers, body }: Answer, at: string): unknown {
  if (body.length === 0) return undefined
  const text = body.toString('utf8')
  if (!String(headers['content-type'] ?? '').startsWith('application/json')) return text
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the text.
    throw new TransportError('garbled', { at, detail: 'the JSON is broken' })
  }
}
