import { connect, createServer, type Server, type Socket } from 'node:net'
import { addressOf, close, listen } from './loopback.ts'

/** What becomes of the bytes of an answer after the first so many. */
export interface Break {
  readonly after: number
  readonly what: 'reset' | 'end' | 'nothing' | 'garbage'
}

export interface RawProxyOptions {
  /** The engine's address: `http://127.0.0.1:41234`. */
  readonly backend: string
  /** Which request's connection breaks, by its head. */
  readonly strikes: (head: string) => boolean
  /** Told whenever anything moves. */
  readonly stir: () => void
}

/**
 * Passes bytes on as they are, whatever they mean: for what is no HTTP any more after its head, or has no end. The
 * connection that is meant breaks after so many bytes of its answer.
 */
export class RawProxy implements AsyncDisposable {
  /** Absent: it passes. */
  break: Break | undefined
  /** How many bytes came back on the connections that were meant. */
  bytes = 0
  /** How long the head of the last of their answers was. */
  head = 0
  readonly #options: RawProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #meant = new Set<Socket>()

  private constructor(options: RawProxyOptions) {
    this.#options = options
    this.#server = createServer((near) => this.#join(near))
  }

  static async open(options: RawProxyOptions): Promise<RawProxy> {
    const proxy = new RawProxy(options)
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

  /** How many of those that were meant are open now. */
  get meant(): number {
    return this.#meant.size
  }

  #join(near: Socket): void {
    const { backend, strikes, stir } = this.#options
    const far = connect(Number(new URL(backend).port), '127.0.0.1')
    this.#sockets.add(near)
    for (const socket of [near, far]) {
      // However a connection ends: that is what is tried here.
      socket.on('error', () => {})
      socket.on('data', stir)
    }
    let left: number | undefined
    near.on('data', (data) => {
      if (strikes(data.toString('latin1'))) {
        this.#meant.add(near)
        left = this.break?.after ?? Number.POSITIVE_INFINITY
      }
      far.write(data)
    })
    far.on('data', (data) => {
      if (left === undefined) return void near.write(data)
      if (this.bytes === 0) this.head = data.indexOf('\r\n\r\n') + 4
      this.bytes += data.length
      if (left < 0) return
      near.write(data.subarray(0, left))
      left -= data.length
      if (left <= 0) {
        left = -1
        this.#end(near)
      }
    })
    near.on('end', () => far.end())
    far.on('end', () => {
      if (left !== -1) near.end()
    })
    far.on('close', () => {
      if (left !== -1) near.destroy()
    })
    near.on('close', () => {
      this.#sockets.delete(near)
      this.#meant.delete(near)
      far.destroy()
      stir()
    })
  }

  #end(near: Socket): void {
    // The bytes first: a reset overtakes what is still on its way.
    setImmediate(() => {
      const how = this.break?.what
      if (how === 'reset') near.resetAndDestroy()
      else if (how === 'end') near.end()
      else if (how === 'garbage') near.write(Buffer.alloc(64, 0xff))
      this.#options.stir()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server, this.#sockets)
  }
}
