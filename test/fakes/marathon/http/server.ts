import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Wire } from '../../http/wire.ts'
import { type Answer, html } from '../errors.ts'
import type { Marathon } from '../marathon.ts'
import { answerTo } from '../routes/router.ts'
import type { Leadership } from '../routes/system.ts'
import { type AuthOptions, refusal } from './auth.ts'
import { decodePath, header, type Request } from './request.ts'
import { respond } from './respond.ts'
import { EventStream } from './sse.ts'

/** One request with its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly requestBody: string
  readonly requestHeaders: Request['headers']
  readonly status: number
  /** As sent, not zipped. A stream's is empty. */
  readonly answer: unknown
}

export interface ServerOptions {
  readonly marathon: Marathon
  readonly auth: () => AuthOptions | undefined
  readonly maxOutstanding: number
  readonly compression: boolean
  readonly onExchange: ((exchange: Exchange) => void) | undefined
}

/** Marathon's web servers: one that leads, and those that pass on what they are asked to the leader. */
export class WebServers {
  readonly wire: Wire
  readonly #options: ServerOptions
  readonly #servers: Server[] = []
  readonly #sockets = new Map<Server, Set<Socket>>()
  readonly #streams = new Set<EventStream>()
  #leader: number | undefined = 0
  #busy = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.wire = new Wire(
      () => this.cutStreams(),
      (bytes) => {
        for (const stream of this.#streams) stream.write(bytes)
      },
    )
  }

  /** Requests that were read and are not answered yet. */
  get busy(): number {
    return this.#busy
  }

  get streams(): number {
    return this.#streams.size
  }

  get urls(): readonly string[] {
    return this.#servers.map((server) => `http://127.0.0.1:${portOf(server)}`)
  }

  async listen(members: number, port: number, host: string): Promise<void> {
    for (let member = 0; member < members; member++) {
      const server = createServer((request, response) => this.#serve(server, request, response))
      // As Jetty: a client that keeps a connection open for longer than this finds it closed.
      server.keepAliveTimeout = 30_000
      const sockets = new Set<Socket>()
      this.#sockets.set(server, sockets)
      server.on('connection', (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      this.#servers.push(server)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      server.once('error', reject)
      server.listen(port === 0 ? 0 : port + member, host, resolve)
      await promise
    }
  }

  /** Another leads, or nobody does. Connections to the old one are reset, and all streams end. */
  lead(member: number | undefined): void {
    const old = this.#leader === undefined ? undefined : this.#servers[this.#leader]
    this.#leader = member
    this.cutStreams()
    if (old) for (const socket of this.#sockets.get(old) ?? []) socket.destroy()
  }

  get leader(): number | undefined {
    return this.#leader
  }

  cutStreams(): void {
    for (const stream of [...this.#streams]) stream.cut()
    this.#streams.clear()
  }

  async close(): Promise<void> {
    this.wire.release()
    this.cutStreams()
    await Promise.all(
      this.#servers.map(async (server) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        server.close(() => resolve())
        for (const socket of this.#sockets.get(server) ?? []) socket.destroy()
        await promise
      }),
    )
  }

  #leadership(): Leadership {
    const leading = this.#leader === undefined ? undefined : this.#servers[this.#leader]
    return {
      leader: leading && `127.0.0.1:${portOf(leading)}`,
      port: leading ? portOf(leading) : 0,
      abdicate: () => setImmediate(() => this.lead(this.next())),
    }
  }

  /** Who leads next: with a single one, the same again. */
  next(): number {
    return ((this.#leader ?? 0) + 1) % this.#servers.length
  }

  #serve(server: Server, incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A connection that breaks while it is read: there is nobody left to answer.
    incoming.on('error', () => {})
    response.on('error', () => {})
    incoming.on('end', () => {
      this.#busy++
      this.#handle(server, incoming, Buffer.concat(chunks), response)
        .catch((error: unknown) => crash(response, error))
        .finally(() => this.#busy--)
    })
  }

  async #handle(
    server: Server,
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://marathon')
    const leads = this.#servers[this.#leader ?? -1] === server
    const chunked = incoming.headers['transfer-encoding'] !== undefined
    const request: Request = {
      method: incoming.method ?? 'GET',
      path: decodePath(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
      // A fault of Marathon's, kept: a proxy passes on a body only when its length is told.
      body: !leads && chunked ? Buffer.alloc(0) : body,
      clientIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    }
    const effects = this.wire.effectsOn(request)
    for (const effect of effects) {
      if (effect.type === 'refuse') return void incoming.socket.destroy()
      if (effect.type === 'delay') await this.#pause(effect.milliseconds)
      if (effect.type === 'hang') await effect.over
    }
    const canned = effects.find((effect) => effect.type === 'answer')
    const answer = canned?.answer ?? this.#answer(request, response, leads)
    if (!answer) return
    if (effects.some(({ type }) => type === 'drop')) return void incoming.socket.destroy()
    this.#record(request, answer)
    const leader = this.#leadership().leader
    const proxied = leads || leader === undefined ? {} : { 'x-marathon-leader': `http://${leader}` }
    const { compression } = this.#options
    respond(response, request, answer, { compression, headers: proxied })
  }

  /** `undefined`: it has become a stream. */
  #answer(request: Request, response: ServerResponse, leads: boolean): Answer | undefined {
    const { marathon, auth } = this.#options
    const { leader } = this.#leadership()
    if (leader === undefined)
      return html(502, 'Could not determine the current leader', request.path)
    const refused = refusal(auth(), request)
    if (refused) return refused
    marathon.cluster.world.engine.timeline.catchUp()
    if (request.path !== '/v2/events') return answerTo(marathon, this.#leadership(), request)
    if (!leads && marathon.dialect.since('1.7')) {
      const query = request.query.size > 0 ? `?${request.query}` : ''
      return { status: 302, headers: { location: `http://${leader}/v2/events${query}` } }
    }
    // Exactly this and nothing else, as the servlet that does it wants it.
    if (request.method !== 'GET' || header(request, 'accept') !== 'text/event-stream')
      return html(405, 'HTTP method GET is not supported by this URL', request.path)
    this.#stream(request, response)
    return undefined
  }

  #stream(request: Request, response: ServerResponse): void {
    const { marathon, maxOutstanding } = this.#options
    const { bus, dialect, cluster } = marathon
    this.#record(request, { status: 200 })
    const stream = new EventStream(response, {
      bus,
      dialect,
      maxOutstanding,
      remoteAddress: request.clientIp,
      types: new Set(request.query.getAll('event_type')),
      lightPlans: request.query.get('plan-format') === 'light',
      after: (milliseconds, run) => cluster.after(milliseconds, run),
    })
    this.#streams.add(stream)
    response.once('close', () => this.#streams.delete(stream))
  }

  #pause(milliseconds: number): Promise<void> {
    const { cluster } = this.#options.marathon
    return new Promise((resolve) => cluster.after(milliseconds, resolve))
  }

  #record(request: Request, { status, json, text }: Answer): void {
    this.#options.onExchange?.({
      method: request.method,
      path: request.path,
      query: request.query,
      requestBody: request.body.toString('utf8'),
      requestHeaders: request.headers,
      status,
      answer: json ?? text ?? '',
    })
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A fault of this server, not of the request: told where it is looked for. */
function crash(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  response.writeHead(500, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ message: `fakeMarathon failed: ${text}` }))
}
