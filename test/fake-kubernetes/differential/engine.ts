import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import { parse } from 'yaml'

export interface Request {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Of the body. @default 'application/json' */
  readonly type?: string | undefined
  readonly accept?: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** An API server to talk to, and its time. */
export interface Engine extends AsyncDisposable {
  readonly ask: (request: Request) => Promise<Answer>
  /** Lets a little time pass, as much as lies between two looks. */
  readonly rest: () => Promise<void>
  readonly now: () => number
}

const LOOK = 50

/** A fake whose nodes are as quick as the stand-ins of the real control plane. */
export async function fakeEngine(): Promise<Engine> {
  const world = createWorld({
    nodes: [1, 2, 3].map((index) => ({ name: `node-${index}`, cpu: 64, memory: '256Gi' })),
    clock: 'manual',
    timings: { assign: '10ms', pull: '30ms', start: '20ms', stop: '10ms', jitter: 0 },
  })
  world.images.missing('diff/app:absent')
  const fake = await fakeKubernetes({ world })
  const { hostname, port } = new URL(fake.url)
  return {
    ask: (request) => send(http.request, { hostname, port: Number(port) }, request),
    rest: () => world.advance(`${LOOK}ms`),
    now: () => world.clock.now(),
    [Symbol.asyncDispose]: async () => {
      await fake.close()
      world.close()
    },
  }
}

/** A real one, by its kubeconfig: one cluster, one user with a token. */
export async function realEngine(kubeconfig: string): Promise<Engine> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8'))
  const { server, 'certificate-authority': authority } = clusters[0].cluster
  const { hostname, port } = new URL(server)
  const where = {
    hostname,
    port: Number(port),
    ca: await readFile(authority),
    headers: { authorization: `Bearer ${users[0].user.token}` },
  }
  return {
    ask: (request) => send(https.request, where, request),
    rest: () => new Promise((done) => setTimeout(done, LOOK)),
    now: () => Date.now(),
    async [Symbol.asyncDispose]() {},
  }
}

function send(
  open: typeof http.request,
  where: https.RequestOptions,
  { method, path, body, type = 'application/json', accept = 'application/json' }: Request,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
        ? body
        : JSON.stringify(body)
    const headers = {
      ...where.headers,
      accept,
      'user-agent': 'differential/1',
      ...(text === undefined
        ? {}
        : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
    }
    const request = open({ ...where, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    request.on('error', reject)
    request.end(text)
  })
}
