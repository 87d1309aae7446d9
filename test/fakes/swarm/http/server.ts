import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Wire } from '../../http/wire.ts'
import { type Answer, Refused, refuse } from '../errors.ts'
import type { Daemon, Reply } from '../routes/parts.ts'
import { answerTo } from '../routes/router.ts'
import type { Swarm } from '../swarm.ts'
import { readRequest } from './read.ts'
import { isLess, type Request } from './request.ts'
import { headersFor, sendAnswer, sendStream } from './respond.ts'

/** One request with its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly requestBody: string
  readonly status: number
  /** A stream's is empty. */
  readonly answer: unknown
}

export interface ServerOptions {
  readonly swarm: Swarm
  readonly onExchange: ((exchange: Exchange) => void) | undefined
}

/** The engines of the first nodes, each with a server of its own. */
export class EngineServers {
  readonly wire: Wire
  readonly #options: ServerOptions
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Duplex>()
  readonly #streams = new Map<ServerResponse | Duplex, () => void>()
  #busy = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.wire = new Wire(
      () => this.cutStreams(),
      (bytes) => {
        for (const stream of this.#streams.keys()) stream.write(bytes)
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
    return this.#servers.flatMap((server) => {
      const address = server.address()
      if (typeof address === 'string' || !address) return []
      return [`http://127.0.0.1:${(address as AddressInfo).port}`]
    })
  }

  /** The engine of the node of this index, on a port or the path of a socket. */
  async listen(
    index: number,
    where: { readonly port: number; readonly host: string } | { readonly path: string },
  ): Promise<void> {
    const server = createServer((incoming, response) => this.#serve(index, incoming, response))
    // An engine never closes a connection because it is idle.
    server.keepAliveTimeout = 0
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(index, incoming, socket, head),
    )
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(where, resolve)
    await promise
    this.#servers.push(server)
  }

  cutStreams(): void {
    for (const [stream] of [...this.#streams]) stream.destroy()
    this.#streams.clear()
  }

  async close(): Promise<void> {
    this.wire.release()
    this.cutStreams()
    await Promise.all(
      this.#servers.map(async (server) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        server.close(() => resolve())
        for (const socket of this.#sockets) socket.destroy()
        await promise
      }),
    )
  }

  #serve(index: number, incoming: IncomingMessage, response: ServerResponse): void {
    // A connection that breaks while it is read: there is nobody left to answer.
    incoming.on('error', () => {})
    response.on('error', () => {})
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      this.#handle(index, incoming, Buffer.concat(chunks), (request, reply) => {
        if ('stream' in reply) this.#stream(request, response, reply.stream)
        else if ('hijack' in reply) this.#takeOver(response, reply.hijack)
        else sendAnswer(response, this.#options.swarm, request, reply)
      }).catch((error: unknown) => crash(response, error))
    })
  }

  /** The body of a request for an upgrade is not read by Node: it comes as the first bytes of the socket. */
  #upgrade(index: number, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {})
    readBody(incoming, socket, head)
      .then((body) =>
        this.#handle(index, incoming, body, (request, reply) => {
          if ('hijack' in reply) {
            const lines = headersFor(this.#options.swarm, request)
            socket.write(
              `HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${lines}\r\n`,
            )
            this.#keep(socket, () => {})
            reply.hijack(socket)
            return
          }
          const answer = 'stream' in reply ? { status: 200 } : reply
          const text =
            answer.json === undefined ? (answer.text ?? '') : `${JSON.stringify(answer.json)}\n`
          socket.end(
            `HTTP/1.1 ${answer.status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
          )
        }),
      )
      .catch(() => socket.destroy())
  }

  async #handle(
    index: number,
    incoming: IncomingMessage,
    body: Buffer,
    send: (request: Request, reply: Reply) => void,
  ): Promise<void> {
    this.#busy++
    try {
      const { swarm } = this.#options
      const request = readRequest(incoming, body)
      const effects = this.wire.effectsOn(request)
      for (const effect of effects) {
        if (effect.type === 'refuse') return void incoming.socket.destroy()
        if (effect.type === 'delay') {
          const { milliseconds } = effect
          await new Promise<void>((resolve) => swarm.time.after(milliseconds, resolve))
        }
        if (effect.type === 'hang') await effect.over
      }
      const canned = effects.find((effect) => effect.type === 'answer')
      const reply = canned?.answer ?? this.#answer(index, request)
      if (effects.some(({ type }) => type === 'drop')) return void incoming.socket.destroy()
      this.#record(request, reply)
      if (!incoming.socket.destroyed) send(request, reply)
    } finally {
      this.#busy--
    }
  }

  #answer(index: number, request: Request): Reply {
    const { swarm } = this.#options
    swarm.world.engine.timeline.catchUp()
    const refused = refuseVersion(swarm, request)
    if (refused) return refused
    const daemon: Daemon = { swarm, node: swarm.nodes.all[index] }
    return answerTo(daemon, request)
  }

  #stream(
    request: Request,
    response: ServerResponse,
    { type, run }: Extract<Reply, { readonly stream: unknown }>['stream'],
  ): void {
    const sink = sendStream(response, this.#options.swarm, request, type)
    this.#keep(response, () => {})
    run(sink)
  }

  /** Without an upgrade the engine answers 200 and then does the same. */
  #takeOver(response: ServerResponse, hijack: (socket: Duplex) => void): void {
    const { socket } = response
    if (!socket) return
    response.detachSocket(socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n')
    this.#keep(socket, () => {})
    hijack(socket)
  }

  #keep(stream: ServerResponse | Duplex, end: () => void): void {
    this.#streams.set(stream, end)
    stream.once('close', () => this.#streams.delete(stream))
  }

  #record(request: Request, reply: Reply): void {
    const answer: Answer = 'status' in reply ? reply : { status: 'hijack' in reply ? 101 : 200 }
    this.#options.onExchange?.({
      method: request.method,
      path: request.path,
      query: request.query,
      requestBody: request.body.toString('utf8'),
      status: answer.status,
      answer: answer.json ?? answer.text ?? '',
    })
  }
}

function refuseVersion(swarm: Swarm, { version }: Request): Answer | undefined {
  if (version === undefined) return undefined
  const { apiVersion, minApiVersion } = swarm
  if (isLess(apiVersion, version))
    return refuse(
      400,
      `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
    ).answer
  if (isLess(version, minApiVersion))
    return {
      status: 400,
      // Clients that old do not expect JSON.
      text: `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version\n`,
      type: 'text/plain; charset=utf-8',
    }
  return undefined
}

async function readBody(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<Buffer> {
  const length = Number(incoming.headers['content-length'] ?? 0)
  let body = head
  while (body.length < length) {
    const chunk = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve)
      socket.once('close', () => reject(new Refused({ status: 400 })))
    })
    body = Buffer.concat([body, chunk])
  }
  socket.pause()
  if (body.length > length) socket.unshift(body.subarray(length))
  return body.subarray(0, length)
}

/** A fault of this server, not of the request: told where it is looked for. */
function crash(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  response.writeHead(500, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ message: `fakeSwarm failed: ${text}` }))
}
