import { fork } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { connect } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { type Dispatcher, Pool } from 'undici'
import { makeApps } from './apps.ts'
import { median, type Row, report, timed } from './measure.ts'

const COUNT = 500
const BATCH = 50
const ROUNDS = 5
const apps = makeApps(COUNT)

interface Sent {
  readonly method: string
  readonly path: string
  readonly body: string
}

/**
 * The same requests, once by a client and once by nothing but the HTTP library, which reads the answers too: what is between
 * the two is ours. Each round on a new server, whose deployments end between batches.
 */
async function throughput(inFlight: number): Promise<Row> {
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const { time, batches } = await byClient(inFlight)
    ours.push(time)
    bare.push(await byUndici(inFlight, batches))
  }
  const speed = (times: readonly number[]) => COUNT / (median(times.slice(1)) / 1_000)
  return {
    what: `apply of ${COUNT} apps to Marathon, ${inFlight} at a time`,
    value: speed(ours),
    unit: 'apps/s',
    against: { what: 'the same requests by undici', value: speed(bare) },
  }
}

async function byClient(inFlight: number) {
  await using server = await startServer()
  await using client = connect(marathon({ url: server.url }))
  let time = 0
  const batches: (readonly Sent[])[] = []
  for (let start = 0; start < COUNT; start += BATCH) {
    const batch = apps.slice(start, start + BATCH)
    time += await timed(() => inTurn(batch, inFlight, (app) => client.apply(app)))
    batches.push(await server.settle())
  }
  return { time, batches }
}

async function byUndici(inFlight: number, batches: readonly (readonly Sent[])[]) {
  await using server = await startServer()
  const pool = new Pool(server.url, { connections: inFlight })
  let time = 0
  for (const batch of batches) {
    time += await timed(() => inTurn(batch, inFlight, (request) => send(pool, request)))
    await server.settle()
  }
  await pool.close()
  return time
}

async function startServer() {
  const child = fork(new URL('wire-server.ts', import.meta.url), { execArgv: [] })
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    async settle() {
      child.send('settle')
      const [requests] = (await once(child, 'message')) as [readonly Sent[]]
      return requests
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

const unzip = promisify(gunzip)

async function send(pool: Pool, { method, path, body }: Sent): Promise<unknown> {
  const answer = await pool.request({
    method: method as Dispatcher.HttpMethod,
    path,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    },
    body: body === '' ? null : body,
  })
  const bytes = new Uint8Array(await answer.body.arrayBuffer())
  const text = answer.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes
  return JSON.parse(Buffer.from(text).toString())
}

async function inTurn<T>(items: readonly T[], inFlight: number, work: (item: T) => unknown) {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

report([await throughput(1), await throughput(16)])
