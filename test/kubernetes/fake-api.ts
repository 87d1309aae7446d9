import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Asked {
  /** `GET /api/v1/namespaces/shop/pods?limit=500` */
  readonly line: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
  readonly body: unknown
}

export type Answer = (asked: Asked, response: http.ServerResponse) => unknown

export interface FakeApi extends AsyncDisposable {
  readonly server: string
  /** YAML with one context, `test`, in the namespace `shop`. */
  readonly kubeconfig: string
  readonly asked: readonly Asked[]
  /** Resolves when so many requests that fit have come. */
  received(fits: (asked: Asked) => boolean, count?: number): Promise<readonly Asked[]>
  /** From now on requests are answered so. */
  answer(answer: Answer): void
  /** Breaks every connection there is. */
  cut(): void
}

/**
 * A server on a loopback port that knows nothing of Kubernetes: each test says what it answers. What a handler returns is
 * sent as JSON; nothing is sent when it returns nothing.
 */
export async function fakeApi(first: Answer): Promise<FakeApi> {
  const sockets = new Set<Socket>()
  const asked: Asked[] = []
  const waiting = new Set<() => void>()
  let answer = first
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
      const text = Buffer.concat(chunks).toString('utf8')
      const one: Asked = {
        line: `${request.method} ${decodeURIComponent(request.url ?? '')}`,
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      }
      asked.push(one)
      for (const look of waiting) look()
      const value = answer(one, response)
      if (value !== undefined) json(response, 200, value)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    server: address,
    kubeconfig: kubeconfigFor(address),
    asked,
    cut,
    answer: (next) => {
      answer = next
    },
    received: (fits, count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const found = asked.filter(fits)
          if (found.length < count) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function kubeconfigFor(server: string, user: object = { token: TOKEN }): string {
  return JSON.stringify({
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'me', namespace: 'shop' } }],
    'current-context': 'test',
  })
}

export const TOKEN = 'hunter2-5up3r-s3cret'

export function json(response: http.ServerResponse, status: number, value: unknown): undefined {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** A refusal as the API server words it. */
export function refuse(
  response: http.ServerResponse,
  code: number,
  reason: string,
  message: string,
  details?: object,
): undefined {
  return json(response, code, { kind: 'Status', status: 'Failure', code, reason, message, details })
}

/** An empty list of anything, at that version. */
export function list(items: readonly object[] = [], resourceVersion = '100', more?: string) {
  return { metadata: { resourceVersion, ...(more ? { continue: more } : {}) }, items }
}

/** Discovery, and everything empty. */
export function empty({ path }: Asked): unknown {
  const version = /^\/apis\/[^/]+\/[^/]+$/.test(path)
  return version ? { resources: KINDS } : list()
}

const KINDS = ['CronJob', 'Job', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'].map((kind) => ({
  name: `${kind.toLowerCase()}s`,
  kind,
  namespaced: true,
}))
