import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { badRequest, type Status } from '../errors.ts'

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ENDED = 3
/** Says of another channel that nothing more comes on it. */
const CLOSE = 255
const CONNECTION_CLOSE = 8

/** What goes to and from a process over a WebSocket, each stream on a channel of its own. */
export class Channels {
  readonly #socket: Duplex

  private constructor(socket: Duplex) {
    this.#socket = socket
    // A client that is gone has no use for the rest.
    socket.on('error', () => {})
    socket.resume()
  }

  /** `undefined`: the client speaks no protocol that is known here, and was told so. */
  static open(request: IncomingMessage, socket: Duplex): Channels | undefined {
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
    const protocol = PROTOCOLS.find((one) => offered.includes(one))
    const key = request.headers['sec-websocket-key']
    if (!protocol || typeof key !== 'string') {
      refuse(socket, badRequest('unable to upgrade: no protocol of channels is offered').status)
      return undefined
    }
    const accept = createHash('sha1')
      .update(key + KEY)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
    )
    return new Channels(socket)
  }

  stdout(text: string): void {
    this.#socket.write(frame(STDOUT, text))
  }

  stderr(text: string): void {
    this.#socket.write(frame(STDERR, text))
  }

  /** Says how the process ended, and closes. */
  end(status: object): void {
    this.#socket.write(frame(ENDED, JSON.stringify(status)))
    this.#socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]))
  }

  onClose(run: () => void): void {
    this.#socket.once('close', run)
  }

  /** All the client has to say, once it has said it; not at all when it goes away before. */
  stdin(then: (text: string) => void): void {
    let bytes: Buffer = Buffer.alloc(0)
    const said: Buffer[] = []
    this.#socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      for (let next = unframed(bytes); next; next = unframed(bytes)) {
        bytes = next.rest
        const [channel, about] = next.body
        if (next.opcode === CONNECTION_CLOSE) this.#socket.end()
        else if (channel === STDIN) said.push(next.body.subarray(1))
        else if (channel === CLOSE && about === STDIN) then(Buffer.concat(said).toString('utf8'))
      }
    })
  }
}

export function refuse(socket: Duplex, status: Status): void {
  const body = JSON.stringify(status)
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status.code} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** One binary message, its first byte the channel. */
function frame(channel: number, text: string): Buffer {
  const body = Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
  if (body.length < 126) return Buffer.concat([Buffer.from([0x82, body.length]), body])
  const head = Buffer.alloc(body.length < 65_536 ? 4 : 10)
  head[0] = 0x82
  head[1] = body.length < 65_536 ? 126 : 127
  if (body.length < 65_536) head.writeUInt16BE(body.length, 2)
  else head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, body])
}

interface Frame {
  readonly opcode: number
  readonly body: Buffer
  readonly rest: Buffer
}

/** The first message of what was received, which clients mask; `undefined`: it is not whole yet. */
function unframed(bytes: Buffer): Frame | undefined {
  const [first = 0, second = 0] = bytes
  const short = second & 0x7f
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < head) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const masked = (second & 0x80) !== 0
  const start = head + (masked ? 4 : 0)
  if (bytes.length < start + length) return undefined
  const mask = bytes.subarray(head, start)
  const body = Buffer.from(bytes.subarray(start, start + length))
  if (masked)
    for (const [index, byte] of body.entries()) body[index] = byte ^ (mask[index % 4] ?? 0)
  return { opcode: first & 0x0f, body, rest: bytes.subarray(start + length) }
}
