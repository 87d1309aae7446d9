import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WireProxy } from './proxy.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the connection has served a request before. */
  readonly reused: boolean
  readonly socket: Socket
}

export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Between two stations only; zipped answers could not be cut at a byte that means something. */
const HOP = new Set(
  'connection keep-alive transfer-encoding content-length content-encoding accept-encoding upgrade'.split(
    ' ',
  ),
)

/** One request on its way, and the means to do with it and its answer whatever one likes. */
export class Turn {
  readonly asked: Asked
  readonly #proxy: WireProxy
  #hung = false

  constructor(proxy: WireProxy, asked: Asked) {
    this.#proxy = proxy
    this.asked = asked
  }

  get isStream(): boolean {
    return this.#proxy.options.isStream(this.asked)
  }

  /** As if nobody stood between. */
  async pass(): Promise<void> {
    if (!this.isStream) return this.send(bytesOf(await this.forward()))
    await this.relay(async (bytes) => this.send(bytes))
  }

  /** Has the engine do it, and waits for its whole answer. */
  async forward(): Promise<Answer> {
    const answer = await this.#ask()
    const parts: Buffer[] = []
    for await (const part of answer) parts.push(part as Buffer)
    const status = answer.statusCode ?? 0
    const { method, path } = this.asked
    this.#proxy.passed.push({ method, path, status })
    this.#proxy.options.stir()
    return { status, headers: headersOf(answer), body: Buffer.concat(parts) }
  }

  /** Has the engine open a stream, and hands on its bytes as they would go over the wire: the head first, then each frame. */
  async relay(each: (bytes: Buffer) => Promise<void>): Promise<void> {
    const answer = await this.#ask()
    const leave = () => answer.destroy()
    this.asked.socket.once('close', leave)
    try {
      await each(headOf(answer.statusCode ?? 0, headersOf(answer), 'transfer-encoding: chunked'))
      for await (const part of answer) await each(chunk(part as Buffer))
      this.send(Buffer.from('0\r\n\r\n'))
    } finally {
      this.asked.socket.off('close', leave)
      answer.destroy()
    }
  }

  #ask(): Promise<IncomingMessage> {
    const { method, path, headers, body } = this.asked
    return new Promise((resolve, reject) => {
      const request = http.request(`${this.#proxy.options.backend}${path}`, {
        method,
        agent: false,
        headers: {
          ...Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name))),
          ...(body.length > 0 || method !== 'GET' ? { 'content-length': body.length } : {}),
        },
      })
      request.once('response', resolve)
      request.once('error', reject)
      request.end(body)
    })
  }

  send(bytes: Buffer): void {
    const { socket } = this.asked
    if (!socket.destroyed && socket.writable) socket.write(bytes)
    this.#proxy.options.stir()
  }

  answer(status: number, headers: Answer['headers'], body: string): void {
    this.send(bytesOf({ status, headers, body: Buffer.from(body) }))
  }

  /** Nothing comes any more, and the connection stays. */
  hang(): void {
    this.#hung = true
  }

  get hung(): boolean {
    return this.#hung
  }

  /** As when the other side has crashed. */
  reset(): void {
    this.asked.socket.resetAndDestroy()
  }

  /** As when the other side has closed. */
  end(): void {
    this.asked.socket.end()
  }
}

/** Everything that goes over the wire for an answer. */
export function bytesOf({ status, headers, body }: Answer): Buffer {
  return Buffer.concat([headOf(status, headers, `content-length: ${body.length}`), body])
}

function headOf(status: number, headers: Answer['headers'], length: string): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}`, ...lines, length, '', '']
  return Buffer.from(head.join('\r\n'))
}

export function chunk(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')])
}

/** What is in a chunk. */
export function unchunk(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf('\r\n') + 2, -2)
}

function headersOf(answer: IncomingMessage): Answer['headers'] {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const name = answer.rawHeaders[at] as string
    if (!HOP.has(name.toLowerCase())) pairs.push([name, answer.rawHeaders[at + 1] as string])
  }
  return pairs
}
