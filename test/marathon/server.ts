import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type MarathonOptions, marathon } from 'intermodal/marathon'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Answerer = (seen: Seen, response: ServerResponse) => void | Promise<void>

/** A web server that answers as the test says, on a port of its own. */
export async function serve(answer: Answerer) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    seen.push(one)
    await answer(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, seen, close, [Symbol.asyncDispose]: close }
}

export function json(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

/** The answers every call needs, and those of the test before them; an object is answered with 200. */
export function marathonLike(routes: Readonly<Record<string, unknown>>): Answerer {
  const all: Readonly<Record<string, unknown>> = {
    'GET /v2/info': { name: 'marathon', version: '1.10.26' },
    'GET /v2/queue': { queue: [] },
    'GET /v2/deployments': [],
    'GET /v2/pods/::status': [],
    ...routes,
  }
  return async (seen, response) => {
    const [path = ''] = seen.url.split('?')
    const found = all[`${seen.method} ${path}`]
    if (typeof found === 'function') await (found as Answerer)(seen, response)
    else if (found === undefined) json(response, 404, { message: `App '${path}' does not exist` })
    else json(response, 200, found)
  }
}

export function adapterFor(url: string | readonly string[], options: MarathonOptions = {}) {
  return marathon({ url, random: () => 0.5, ...options })
}

export function call({ force = false }: { readonly force?: boolean } = {}) {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    deadline: Number.POSITIVE_INFINITY,
    force,
    abort: (reason: unknown) => controller.abort(reason),
  }
}
