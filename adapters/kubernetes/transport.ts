import http, { type IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
import { abortable, type Clock, IntermodalError } from 'intermodal'
import { ApiError, type Asked, isStatus } from './api-error.ts'
import { type OpenConfig, openConfig } from './client.ts'
import { type Answer, exchange, type Wanted } from './exchange.ts'
import type { KubeConfigLike, KubernetesConnection } from './kube-config-like.ts'
import { ListBody } from './list-body.ts'
import { withServerName } from './server-name.ts'

export interface TransportOptions extends KubernetesConnection {
  readonly kubeConfig?: KubeConfigLike | undefined
  readonly clock: Clock
  /** Connections for ordinary calls; streams have their own. @default 16 */
  readonly maxSockets?: number | undefined
  /** Longest answer that is read, and longest object of a list, bytes. @default 64 MiB */
  readonly maxBytes?: number | undefined
}

export interface Outgoing {
  readonly method: string
  /** With its query: `/api/v1/namespaces/default/pods?limit=500`. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string | undefined
  readonly asked: Asked
  readonly signal: AbortSignal
}

/** What a watch or a log writes, and the connection under it. */
export type Stream = IncomingMessage

/** A server writes a list in thousands of pieces of one kilobyte or two; so many bytes are looked through together. */
const BATCH = 64 * 1024
/** Credentials that take longer than this are not waited for, milliseconds. */
const CREDENTIALS_PATIENCE = 20_000

/**
 * Requests to one API server. How to authenticate is asked of the kubeconfig for every request, because tokens rotate;
 * the connections are ours: client-node makes new ones for each call.
 */
export class Transport {
  readonly #options: TransportOptions
  readonly #agents: readonly http.Agent[]
  readonly #maxBytes: number
  #opened: Promise<OpenConfig> | undefined
  #closed = false

  constructor(options: TransportOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? 64 * 2 ** 20
    const maxSockets = options.maxSockets ?? 16
    this.#agents = [
      new http.Agent({ keepAlive: true, maxSockets }),
      new https.Agent({ keepAlive: true, maxSockets }),
      new http.Agent({ keepAlive: false }),
      new https.Agent({ keepAlive: false, maxCachedSessions: 100 }),
    ]
  }

  /** The namespace all apps are in. */
  async namespace(signal: AbortSignal): Promise<string> {
    if (this.#options.namespace) return this.#options.namespace
    const { config } = await this.#open(signal)
    return config.getContextObject(config.getCurrentContext())?.namespace || 'default'
  }

  /** Parsed JSON. */
  json(outgoing: Outgoing): Promise<unknown> {
    return this.#parsed(outgoing, async () => {
      const { body } = (await this.#send(outgoing, 'answer')) as Answer
      return JSON.parse(body.toString('utf8'))
    })
  }

  /**
   * A list in which a zero is in the place of each item; the items `take` was given, as text, when they came. When it
   * rejects, that may have been some of them.
   */
  list(outgoing: Outgoing, take: (item: Buffer) => void): Promise<unknown> {
    const { asked } = outgoing
    const most = this.#maxBytes
    const tooLong = () => new ApiError('too-large', { at: '', asked, detail: `${most} bytes` })
    return this.#parsed(outgoing, async () => {
      const list = new ListBody(take, most, tooLong)
      let waiting: Buffer[] = []
      let size = 0
      const pass = () => {
        list.push(Buffer.concat(waiting, size))
        waiting = []
        size = 0
      }
      await this.#send(outgoing, (chunk) => {
        size += chunk.length
        waiting.push(chunk)
        if (size >= BATCH) pass()
      })
      pass()
      return list.end()
    })
  }

  async stream(outgoing: Outgoing): Promise<Stream> {
    return (await this.#send(outgoing, 'stream')) as Stream
  }

  /** For what the client library does by itself. */
  async config(signal: AbortSignal): Promise<KubeConfigLike> {
    return (await this.#open(signal)).config
  }

  /** Closes every connection; open streams end with an error. */
  close(): void {
    this.#closed = true
    for (const agent of this.#agents) agent.destroy()
    // A kubeconfig that could not be opened was told to whoever asked for it.
    this.#opened?.then((opened) => opened.close()).catch(() => {})
  }

  async #parsed({ asked, signal }: Outgoing, read: () => Promise<unknown>): Promise<unknown> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      // The parser's message quotes the text.
      throw new ApiError('garbled', {
        at: await this.#at(signal),
        asked,
        detail: 'the JSON is broken',
      })
    }
  }

  async #send(outgoing: Outgoing, wanted: Wanted, again = false): Promise<Answer | Stream> {
    const { asked, signal } = outgoing
    const opened = await this.#open(signal)
    const cluster = clusterOf(opened.config)
    const url = new URL(cluster.server + outgoing.path)
    const options = await this.#authenticated(opened.config, url, asked, signal)
    try {
      return await exchange({
        url,
        options: {
          ...options,
          agent: this.#agent(options, url, cluster.proxyUrl !== undefined, wanted),
          method: outgoing.method,
          headers: { ...(options.headers as Record<string, string>), ...headersFor(outgoing, url) },
        },
        body: outgoing.body === undefined ? undefined : JSON.stringify(outgoing.body),
        wanted,
        asked,
        maxBytes: this.#maxBytes,
        signal,
      })
    } catch (error) {
      if (!isStatus(error, 401)) throw error
      opened.forget()
      // The server did nothing: with a fresh credential the same request is the first one.
      if (again) throw error
      return this.#send(outgoing, wanted, true)
    }
  }

  async #authenticated(
    config: KubeConfigLike,
    { origin }: URL,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<RequestOptions> {
    const options: RequestOptions = { headers: {} }
    const late = new AbortController()
    const cancel = this.#options.clock.after(CREDENTIALS_PATIENCE, () =>
      late.abort(new ApiError('credentials', { at: origin, asked, detail: 'none within 20 s' })),
    )
    try {
      await abortable(config.applyToHTTPSOptions(options), AbortSignal.any([signal, late.signal]))
      return withServerName(options)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (error instanceof ApiError || IntermodalError.is(error)) throw error
      throw credentialError(error, origin, asked)
    } finally {
      cancel()
    }
  }

  /** A proxy's agent is the library's own. */
  #agent(
    options: RequestOptions,
    { protocol }: URL,
    proxied: boolean,
    wanted: Wanted,
  ): http.Agent | undefined {
    if (proxied) return options.agent as http.Agent
    const index = (wanted === 'stream' ? 2 : 0) + (protocol === 'https:' ? 1 : 0)
    return this.#agents[index]
  }

  async #at(signal: AbortSignal): Promise<string> {
    return new URL(clusterOf((await this.#open(signal)).config).server).origin
  }

  async #open(signal: AbortSignal): Promise<OpenConfig> {
    if (this.#closed)
      throw new IntermodalError('UNAVAILABLE', 'the adapter was disposed of', { retryable: false })
    this.#opened ??= this.#load().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return abortable(this.#opened, signal)
  }

  async #load(): Promise<OpenConfig> {
    const { kubeConfig, context } = this.#options
    if (!kubeConfig) {
      const opened = await openConfig(this.#options)
      check(opened.config)
      return opened
    }
    // Its own current context stays as it is: others may use it too.
    const config: KubeConfigLike = Object.create(kubeConfig)
    if (context !== undefined) config.setCurrentContext(context)
    check(config)
    return { config, forget: () => {}, close: () => {} }
  }
}

/** What would fail in some obscure way later is said here. */
function check(config: KubeConfigLike): void {
  const name = config.getCurrentContext()
  if (!name) throw unusable('it has no current context', 'name one: kubernetes({ context })')
  const context = config.getContextObject(name)
  if (!context) throw unusable(`there is no context "${name}"`, 'see `kubectl config get-contexts`')
  const { server, skipTLSVerify } = clusterOf(config)
  if (!URL.canParse(server)) throw unusable(`"${context.cluster}" has no address`, 'correct server')
  if (server.startsWith('http:') && !skipTLSVerify) {
    throw unusable(
      `the address of "${context.cluster}" is http://, which sends credentials in the clear`,
      'use https://, or allow it with insecure-skip-tls-verify: true',
    )
  }
}

function clusterOf(config: KubeConfigLike) {
  const cluster = config.getCurrentCluster()
  if (cluster) return cluster
  const name = config.getCurrentContext()
  const wanted = config.getContextObject(name)?.cluster
  throw unusable(
    `context "${name}" names the cluster "${wanted}", which it does not have`,
    'mend it',
  )
}

function unusable(problem: string, remedy: string): IntermodalError {
  return new IntermodalError('UNSUPPORTED', `the kubeconfig cannot be used: ${problem}`, { remedy })
}

function headersFor({ body, contentType }: Outgoing, { hostname }: URL): Record<string, string> {
  const near = /^(?:localhost|127\.|\[::1\])/.test(hostname)
  return {
    Accept: 'application/json',
    'User-Agent': 'intermodal',
    ...(near ? {} : { 'Accept-Encoding': 'gzip' }),
    ...(body === undefined ? {} : { 'Content-Type': contentType ?? 'application/json' }),
  }
}

/** Only the kind of the failure: what a plugin or a provider says may hold a token. */
function credentialError(error: unknown, at: string, asked: Asked): ApiError {
  const { name, message, code } = error as NodeJS.ErrnoException
  const detail =
    name === 'PluginError' ? message : code ? `a file of the kubeconfig: ${code}` : name
  return new ApiError('credentials', { at, asked, detail })
}
