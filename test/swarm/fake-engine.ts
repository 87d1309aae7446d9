import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

export interface FakeEngine extends AsyncDisposable {
  readonly socketPath: string
  /** `GET /v1.41/services?status=true`, in the order they came, without pings. */
  readonly requests: readonly Recorded[]
  /** Resolves when so many requests, pings left out, have come. */
  received(count: number): Promise<void>
  /** From now on pings get no answer. */
  muffle(): void
  /** Breaks every connection there is. */
  cut(): void
}

export interface Recorded {
  readonly line: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/**
 * A server on a socket of its own that speaks enough of the Engine API to be asked for its version, and leaves the rest
 * to the test: it can answer, stall, break off, drip or talk nonsense.
 */
export async function fakeEngine(
  handle: Handler,
  options: { readonly apiVersion?: string | undefined } = { apiVersion: '1.41' },
): Promise<FakeEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), 'intermodal-fake-'))
  const socketPath = path.join(directory, 'docker.sock')
  const sockets = new Set<Socket>()
  const requests: Recorded[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  let muffled = false
  const server = http.createServer((request, response) => {
    if (request.url === '/_ping') {
      if (muffled) return
      if (options.apiVersion !== undefined) response.setHeader('Api-Version', options.apiVersion)
      response.end('OK')
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
      for (const { count, resolve } of waiting) if (requests.length >= count) resolve()
      handle(request, response)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    socketPath,
    requests,
    cut,
    muffle: () => {
      muffled = true
    },
    received: (count) =>
      requests.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ count, resolve })),
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export function json(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}
