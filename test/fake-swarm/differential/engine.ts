import http from 'node:http'
import { createWorld } from 'intermodal/simulated'
import { fakeSwarm } from 'intermodal/testing'

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

/** An answer that goes on, as far as it has come. */
export interface Open {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** The engine has said all of it. */
  readonly ended: boolean
  readonly close: () => void
}

/** An engine to talk to, and its time. */
export interface Engine extends AsyncDisposable {
  readonly ask: (request: Request) => Promise<Answer>
  /** Asks for what goes on until one of both leaves. */
  readonly open: (path: string) => Promise<Open>
  /** Lets a little time pass, as much as lies between two looks. */
  readonly rest: () => Promise<void>
  /** Milliseconds by its own clock. */
  readonly now: () => number
}

const LOOK = 10

/** The engine of a fake swarm of one node as the real one has it. */
export async function fakeEngine(): Promise<Engine> {
  const world = createWorld({
    nodes: [{ name: 'vm', cpu: 2, memory: '16Gi' }],
    clock: 'manual',
    // A real engine has the images of these conversations, and is on the same machine.
    timings: { assign: '40ms', pull: '60ms', start: '200ms', stop: '300ms', jitter: 0 },
  })
  world.images.missing('127.0.0.1:9/app:absent')
  const fake = await fakeSwarm({ world })
  const port = Number(new URL(fake.url).port)
  // Thousands of looks: one connection for all of them.
  const agent = new http.Agent({ keepAlive: true })
  return {
    async ask(request) {
      const answer = send(request, { port, agent })
      // A command answers when it has ended, which takes time.
      if (!request.path.endsWith('/start')) return answer
      let waits = true
      const done = answer.finally(() => {
        waits = false
      })
      while (waits) await world.advance(`${LOOK}ms`)
      return done
    },
    open: (path) => open(path, { port }),
    rest: () => world.advance(`${LOOK}ms`),
    now: () => world.clock.now(),
    [Symbol.asyncDispose]: async () => {
      agent.destroy()
      await fake.close()
      world.close()
    },
  }
}

/** A real one: `unix:///…/docker.sock` or `tcp://host:port`. */
export function realEngine(dockerHost: string): Engine {
  const url = new URL(dockerHost)
  const where =
    url.protocol === 'unix:'
      ? { socketPath: url.pathname }
      : { hostname: url.hostname, port: Number(url.port) }
  return {
    ask: (request) => send(request, where),
    open: (path) => open(path, where),
    rest: () => new Promise((done) => setTimeout(done, LOOK)),
    now: () => Date.now(),
    async [Symbol.asyncDispose]() {},
  }
}

function send({ method, path, body }: Request, where: http.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text =
      typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
    const headers =
      text === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
    const request = http.request({ agent: false, ...where, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
    request.on('error', reject)
    request.end(text)
  })
}

function open(path: string, where: http.RequestOptions): Promise<Open> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...where, path, agent: false }, (response) => {
      const { statusCode: status = 0, headers } = response
      let text = ''
      let ended = false
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        ended = true
      })
      // Whoever leaves cuts it.
      response.on('error', () => {})
      resolve({
        status,
        headers,
        get text() {
          return text
        },
        get ended() {
          return ended
        },
        close: () => request.destroy(),
      })
    })
    request.on('error', reject)
  })
}
