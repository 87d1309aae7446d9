import http, { type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { addressOf, close, listen } from './loopback.ts'
import { Turn } from './turn.ts'

/** What is done with one request, instead of passing it on and its answer back. */
export type Way = (turn: Turn) => Promise<void>

/** A request that went on to the engine, and what the engine said. */
export interface Passed {
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface ProxyOptions {
  /** The engine's address: `http://127.0.0.1:41234`. */
  readonly backend: string
  /** Whether its answer has no end. */
  readonly isStream: (request: { readonly method: string; readonly path: string }) => boolean
  /** Told whenever anything moves. */
  readonly stir: () => void
}

/**
 * A server on loopback between an adapter and its engine. It writes every byte of every answer itself, so that any of
 * them can be left out, held back or followed by the end of the connection.
 */
export class WireProxy implements AsyncDisposable {
  /** Chooses what befalls a request; `undefined` lets it pass. The number counts from 0. */
  befall: (turn: Turn, number: number) => Way | undefined = () => undefined
  readonly passed: Passed[] = []
  readonly options: ProxyOptions
  readonly #server: http.Server
  readonly #sockets = new Map<Socket, number>()
  readonly #waiting = new Set<Socket>()
  #requests = 0
  #connections = 0

  private constructor(options: ProxyOptions) {
    this.options = options
    this.#server = http.createServer((request, response) => void this.#take(request, response))
    this.#server.keepAliveTimeout = 0
    this.#server.on('clientError', (_, socket) => socket.destroy())
    this.#server.on('connection', (socket) => this.#hold(socket))
  }

  static async open(options: ProxyOptions): Promise<WireProxy> {
    const proxy = new WireProxy(options)
    await listen(proxy.#server)
    return proxy
  }

  get address(): string {
    return addressOf(this.#server)
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size
  }

  /** On how many of them somebody waits for an answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#connections
  }

  /** How many requests came. */
  get requests(): number {
    return this.#requests
  }

  #hold(socket: Socket): void {
    const { stir } = this.options
    this.#connections++
    this.#sockets.set(socket, 0)
    // However a connection ends: that is what is tried here.
    socket.on('error', () => {})
    socket.on('data', stir)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#waiting.delete(socket)
      stir()
    })
    stir()
  }

  async #take(incoming: IncomingMessage, unused: http.ServerResponse): Promise<void> {
    const { socket } = incoming
    const number = this.#requests++
    const served = this.#sockets.get(socket) ?? 0
    this.#sockets.set(socket, served + 1)
    this.#waiting.add(socket)
    try {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(part as Buffer)
      const turn = new Turn(this, {
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: incoming.headers,
        body: Buffer.concat(parts),
        reused: served > 0,
        socket,
      })
      const way = this.befall(turn, number)
      await (way ? way(turn) : turn.pass())
      if (!turn.hung) this.#waiting.delete(socket)
      // Answers are written past it. A server keeps the two of a request until it hears that they are through.
      if (!socket.destroyed) unused.emit('finish')
    } catch {
      // The engine or the client has gone away in the middle: the other one is told in the same way.
      socket.destroy()
    }
    this.options.stir()
  }

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.#sockets.keys()) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server, this.#sockets.keys())
  }
}
