import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Wire } from '../../http/wire.ts'
import type { Cluster } from '../cluster.ts'
import { failure, methodNotAllowed, noSuchResource, Refused, type Status } from '../errors.ts'
import { ENDPOINTS, type Subresource } from '../kinds.ts'
import { answerObjects, type Call, stored, wantsTable } from '../routes/resources.ts'
import { review } from '../routes/reviews.ts'
import { tableOf } from '../tables/table.ts'
import { formOf, inYaml } from './accept.ts'
import { type Answer, answerOf, send } from './answer.ts'
import { type AuthOptions, refusal, verbOf } from './auth.ts'
import { refuse } from './channels.ts'
import { discover } from './discovery.ts'
import { serveAttach, serveExec } from './exec.ts'
import { selection } from './lists.ts'
import { serveLog } from './logs.ts'
import { openapi } from './openapi.ts'
import { targetOf } from './path.ts'
import { flag, header, type Request } from './request.ts'
import { shownAs } from './views.ts'
import { Watch } from './watch.ts'

/** One request with its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly status: number
}

export interface ServerOptions {
  readonly cluster: Cluster
  readonly auth: () => AuthOptions | undefined
  readonly onExchange: ((exchange: Exchange) => void) | undefined
}

/** The API server's web server. */
export class WebServer {
  readonly wire: Wire
  readonly #options: ServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #watches = new Set<Watch>()
  readonly #logs = new Set<ServerResponse>()
  #busy = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.wire = new Wire(
      () => this.cutStreams(),
      (bytes) => {
        for (const watch of this.#watches) watch.writeRaw(bytes)
      },
    )
    this.#server = createServer((request, response) => this.#serve(request, response))
    this.#server.keepAliveTimeout = 30_000
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (request, socket) => this.#upgrade(request, socket))
  }

  async listen(port: number, host: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(port, host, resolve)
    await promise
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo
    return `127.0.0.1:${port}`
  }

  /** Requests that were read and are not answered yet. */
  get busy(): number {
    return this.#busy
  }

  get streams(): number {
    return this.#watches.size + this.#logs.size
  }

  /** The connections there are, for whoever wants to know whether all bytes have arrived. */
  get sockets(): ReadonlySet<Socket> {
    return this.#sockets
  }

  /** Breaks off every watch and every followed log. */
  cutStreams(): void {
    for (const watch of [...this.#watches]) watch.cut()
    for (const response of this.#logs) response.destroy()
    this.#watches.clear()
    this.#logs.clear()
  }

  /** Ends every watch with a 410, as when the server has lost what came before. */
  expireWatches(): void {
    for (const watch of [...this.#watches])
      watch.fail(
        failure(410, 'Expired', 'The resourceVersion for the provided watch is too old.').status,
      )
  }

  async close(): Promise<void> {
    this.wire.release()
    this.cutStreams()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    for (const socket of this.#sockets) socket.destroy()
    await promise
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex): void {
    const { cluster, auth } = this.#options
    const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://kubernetes')
    const request = {
      method: 'GET',
      path: pathname,
      query,
      headers: incoming.headers,
      body: Buffer.alloc(0),
    }
    const effects = this.wire.effectsOn(request)
    if (effects.some(({ type }) => type === 'refuse' || type === 'drop')) {
      socket.destroy()
      return
    }
    if (effects.some(({ type }) => type === 'hang')) return
    cluster.timeline.catchUp()
    const target = targetOf(pathname)
    const refused = refusal(auth(), request, target)
    if (refused) refuse(socket, refused.json as Status)
    else if (target?.subresource === 'exec') serveExec(cluster, target, query, incoming, socket)
    else if (target?.subresource === 'attach') serveAttach(cluster, target, query, incoming, socket)
    else if (target?.subresource === 'portforward') refuse(socket, NO_PORTS.status)
    else refuse(socket, noSuchResource().status)
  }

  #serve(incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A connection that breaks while it is read: there is nobody left to answer.
    incoming.on('error', () => {})
    response.on('error', () => {})
    incoming.on('end', () => {
      this.#busy++
      this.#handle(incoming, Buffer.concat(chunks), response)
        .catch((error: unknown) => crash(response, error))
        .finally(() => this.#busy--)
    })
  }

  async #handle(incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { cluster } = this.#options
    const url = new URL(incoming.url ?? '/', 'http://kubernetes')
    const request: Request = {
      method: incoming.method ?? 'GET',
      path: url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') : url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
    }
    const effects = this.wire.effectsOn(request)
    for (const effect of effects) {
      if (effect.type === 'refuse') return void incoming.socket.destroy()
      if (effect.type === 'delay')
        await new Promise<void>((done) => cluster.after(effect.milliseconds, done))
      if (effect.type === 'hang') await effect.over
    }
    if (response.destroyed) return
    cluster.timeline.catchUp()
    const canned = effects.find((effect) => effect.type === 'answer')
    const answer = canned ? canned.answer : this.#answer(request, response)
    if (answer && effects.some(({ type }) => type === 'drop')) return void incoming.socket.destroy()
    const { method, path, query } = request
    this.#options.onExchange?.({ method, path, query, status: answer?.status ?? 200 })
    if (answer) send(response, answer)
  }

  /** `undefined`: it has become a stream. */
  #answer(request: Request, response: ServerResponse): Answer | undefined {
    const warnings: string[] = []
    try {
      const target = targetOf(request.path)
      const refused = refusal(this.#options.auth(), request, target)
      if (refused) return refused
      if (!target) return this.#other(request)
      const call = { cluster: this.#options.cluster, request, target, warnings }
      // A log is text, whatever is asked for.
      if (target.subresource === 'log') return this.#target(call, response)
      const form = formOf(request)
      const answer = this.#target(call, response)
      return answer && form === 'application/yaml' ? inYaml(answer) : answer
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const answer = answerOf(error.status)
      return { ...answer, warnings }
    }
  }

  #other(request: Request): Answer {
    const { path } = request
    if (path === '/healthz' || path === '/livez' || path === '/readyz')
      return { status: 200, text: 'ok' }
    const found =
      discover(path, header(request, 'accept'), this.address) ??
      openapi(this.#options.cluster.schemas, path)
    if (found) return found
    if (/^\/apis?\/[^/]+\/./.test(path)) throw noSuchResource()
    return { status: 404, text: '404 page not found\n' }
  }

  #target(call: Call, response: ServerResponse): Answer | undefined {
    const { request, target } = call
    const { kind } = target
    if (!target.subresource && !kind.verbs.includes(verbOf(request, target.name)))
      throw methodNotAllowed()
    if (!kind.verbs.includes('get')) return review(call, this.#options.auth())
    if (kind === ENDPOINTS) call.warnings.push(OLD_ENDPOINTS)
    if (request.method === 'GET' && target.name === undefined && flag(request, 'watch')) {
      this.#watch(call, response)
      return undefined
    }
    if (target.subresource === 'log' && request.method === 'GET') {
      this.#logs.add(response)
      response.once('close', () => this.#logs.delete(response))
      const refused = serveLog(call, response)
      if (refused) this.#logs.delete(response)
      return refused
    }
    if (target.subresource !== undefined && UPGRADED.has(target.subresource))
      throw failure(400, 'BadRequest', 'Upgrade request required')
    return answerObjects(call)
  }

  #watch({ cluster, request, target }: Call, response: ServerResponse): void {
    const { kind, namespace } = target
    const table = wantsTable(request)
    const include = request.query.get('includeObject') ?? undefined
    const watch = new Watch(cluster.store, response, {
      kind,
      namespace,
      fits: selection(kind, request),
      query: request.query,
      contentType: 'application/json',
      show: (object, first) =>
        table
          ? tableOf(stored(target), [object], {
              now: cluster.now,
              metadata: { resourceVersion: object.metadata.resourceVersion },
              include,
              columns: first,
            })
          : shownAs(kind, object),
      after: (milliseconds, run) => cluster.after(milliseconds, run),
      random: () => cluster.random(),
    })
    this.#watches.add(watch)
    response.once('close', () => this.#watches.delete(watch))
    watch.start()
  }
}

/** These go on as something other than HTTP. */
const UPGRADED: ReadonlySet<Subresource> = new Set(['exec', 'attach', 'portforward'])

const NO_PORTS = failure(
  501,
  'InternalError',
  'pods of a fakeKubernetes have no network: nothing can be forwarded to their ports',
)

const OLD_ENDPOINTS = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'

/** A fault of this server, not of the request: told where it is looked for. */
function crash(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  send(response, answerOf(failure(500, 'InternalError', `fakeKubernetes failed: ${text}`).status))
}
