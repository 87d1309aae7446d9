// npm run bench -- marathon-apply: 500 apps created on a Marathon, against the same requests by bare undici.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { Agent, request } from 'undici'
import { makeApps } from './apps.ts'
import { median, type Row, report, timed } from './measure.ts'

const COUNT = 500
const ROUNDS = 7
const EMBEDS = 'embed=app.tasks&embed=app.counts&embed=app.deployments&embed=app.readiness'

const server: ChildProcess = fork(new URL('marathon-keeper.ts', import.meta.url), [], {
  execArgv: [],
})
const [url] = (await once(server, 'message')) as [string]
const apps = makeApps(COUNT)
let fresh = apps
const translated = marathon({ version: '1.10.26' })
const bodies = apps.map((app) => [app.id, translated.translate(app).native] as const)
const dispatcher = new Agent()

async function ask(method: 'GET' | 'PUT', path: string, given?: unknown): Promise<unknown> {
  const content = given === undefined ? {} : { body: JSON.stringify(given) }
  const headers = { 'content-type': 'application/json' }
  const { body } = await request(`${url}${path}`, { method, headers, dispatcher, ...content })
  return JSON.parse(await body.text())
}

/** What an apply of a new app asks: whether it is there, what goes on, and what became of it. */
async function bare(): Promise<void> {
  for (const [id, body] of bodies) {
    const app = `/v2/apps${id}?${EMBEDS}&embed=app.lastTaskFailure`
    await ask('GET', app)
    await ask('GET', `/v2/pods${id}::status`)
    await ask('GET', '/v2/deployments')
    await ask('PUT', `/v2/apps${id}?partialUpdate=false`, body)
    await ask('GET', app)
    await ask('GET', `/v2/apps${id}/versions`)
  }
}

const client = connect(marathon({ url }))
/** Others each time, as nobody applies what he has applied: the adapter remembers what it has translated. */
async function through(): Promise<void> {
  for (const app of fresh) await client.apply(app)
}

async function measured(work: () => Promise<void>): Promise<Cost> {
  const emptied = once(server, 'message')
  server.send('empty')
  await emptied
  const before = process.cpuUsage()
  const time = await timed(work)
  const { user, system } = process.cpuUsage(before)
  return { time, cpu: (user + system) / 1_000 }
}

interface Cost {
  readonly time: number
  readonly cpu: number
}

const rounds = { bare: [] as Cost[], through: [] as Cost[] }
for (let round = 0; round < ROUNDS; round++) {
  rounds.bare.push(await measured(bare))
  fresh = makeApps(COUNT)
  rounds.through.push(await measured(through))
}

const of = (name: keyof typeof rounds, what: 'time' | 'cpu') =>
  median(rounds[name].map((round) => round[what]))
const row = (what: string, value: number, unit: string, against: number): Row => ({
  what: `apply of ${COUNT} apps on Marathon, ${what}`,
  value,
  unit,
  against: { what: 'the same requests by undici', value: against },
})
report([
  row(
    'throughput',
    (COUNT * 1_000) / of('through', 'time'),
    'apps/s',
    (COUNT * 1_000) / of('bare', 'time'),
  ),
  row('processor for one', of('through', 'cpu') / COUNT, 'ms', of('bare', 'cpu') / COUNT),
])
await translated[Symbol.asyncDispose]()
await client[Symbol.asyncDispose]()
await dispatcher.close()
server.kill()
