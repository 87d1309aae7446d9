import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import tls from 'node:tls'
import type { ErrorCode } from 'intermodal'
import { UNTRUSTED } from './certificate.ts'

/** An address at which no engine can be talked to, for as long as it is held. */
export interface DeadEnd extends AsyncDisposable {
  readonly name: string
  readonly address: string
  /** How many connections to it are open. */
  readonly open: () => number
  /** What a call may be told. */
  readonly codes: readonly ErrorCode[]
}

const GONE: readonly ErrorCode[] = ['UNAVAILABLE']
const NO_TLS: readonly ErrorCode[] = ['UNAVAILABLE', 'PROTOCOL', 'UNAUTHENTICATED']

/** Addresses that are wrong, and servers that are something else. */
export async function deadEnds(): Promise<readonly DeadEnd[]> {
  const closed = createServer()
  const nobody = await addressOf(closed, 'http')
  await close(closed)
  return [
    { name: 'a port at which nobody listens', address: nobody, codes: GONE, ...nothing },
    {
      name: 'a name that nobody has',
      // By RFC 6761 there is never one. The resolver may take longer to say so than a call may take.
      address: 'http://cluster.invalid:8080',
      codes: ['UNAVAILABLE', 'TIMEOUT'],
      ...nothing,
    },
    await held(
      'a certificate that nobody has signed',
      'https',
      NO_TLS,
      tls.createServer(UNTRUSTED),
    ),
    await held(
      'a server that does not speak TLS',
      'https',
      NO_TLS,
      createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ),
    await held(
      'a handshake that breaks off',
      'https',
      NO_TLS,
      createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    ),
    await held('a handshake that is never answered', 'https', ['TIMEOUT'], createServer()),
    await held(
      'a server that speaks first, and another language',
      'http',
      ['UNAVAILABLE', 'PROTOCOL'],
      createServer((socket) => socket.write('220 mail.example.com ESMTP\r\n')),
    ),
  ]
}

const nothing = { open: () => 0, [Symbol.asyncDispose]: async () => {} }

async function held(
  name: string,
  scheme: 'http' | 'https',
  codes: readonly ErrorCode[],
  server: Server,
): Promise<DeadEnd> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).resume()
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => {})
  const address = await addressOf(server, scheme)
  return {
    name,
    address,
    codes,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      // A handshake that nobody answers is given up by its own clock, which is not the one of the test.
      for (const socket of sockets) socket.destroy()
      await close(server)
    },
  }
}

async function addressOf(server: Server, scheme: string): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}
