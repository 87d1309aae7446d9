// npm run bench -- marathon: 3,000 apps read and followed, against a client that polls the same list by undici and keeps it.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { marathon } from 'intermodal/marathon'
import { request } from 'undici'
import { median, type Row, report, retained, timed } from './measure.ts'

const COUNT = 3_000
const ROUNDS = 15
const LISTED =
  '/v2/apps?embed=apps.tasks&embed=apps.counts&embed=apps.deployments&embed=apps.readiness&embed=apps.lastTaskFailure'

const server: ChildProcess = fork(new URL('marathon-server.ts', import.meta.url), [`${COUNT}`], {
  execArgv: [],
})
const [[url, size]] = (await once(server, 'message')) as [[string, number]]
const never = new AbortController()
const call = { signal: never.signal, deadline: Number.POSITIVE_INFINITY, force: false }

async function poll(): Promise<unknown> {
  const { body } = await request(`${url}${LISTED}`)
  return JSON.parse(await body.text())
}

async function list(of = adapter): Promise<unknown> {
  const statuses = []
  for await (const status of of.list({}, call)) statuses.push(status)
  return statuses
}

/** Processor milliseconds, of all threads. */
async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const adapter = marathon({ url, pollBusy: 100 })
const times = { list: [] as number[], poll: [] as number[] }
const costs = { list: [] as number[], poll: [] as number[] }
for (let round = 0; round < ROUNDS; round++) {
  times.poll.push(await timed(poll))
  times.list.push(await timed(() => list()))
  costs.poll.push(await cpu(poll))
  costs.list.push(await cpu(() => list()))
}

/** What is kept of one picture. */
async function kept(work: () => Promise<unknown>): Promise<number> {
  const before = retained()
  const picture = await work()
  const bytes = retained() - before
  if (!picture) throw new Error('there is no picture')
  return bytes / 1_048_576
}
const other = marathon({ url })
// With what the adapter itself keeps for the next look.
const memory = { poll: await kept(poll), list: await kept(() => list(other)) }

/** Events come one by one, each when what the one before has led to is over. */
async function following(): Promise<{ readonly first: number; readonly each: number }> {
  const watch = new AbortController()
  const synced = Promise.withResolvers<void>()
  const reading = (async () => {
    for await (const { type } of adapter.watch({}, { ...call, signal: watch.signal }))
      if (type === 'synced') synced.resolve()
  })().catch(() => {})
  const first = await timed(() => synced.promise)
  await pause(1_000)
  const each: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    each.push(
      await cpu(async () => {
        server.send('event')
        await pause(1_000)
      }),
    )
  watch.abort(new Error('enough'))
  await reading
  return { first, each: median(each) }
}
const followed = await following()

const row = (what: string, unit: string, value: number, against: number): Row => ({
  what: `${COUNT} apps of Marathon, ${what}`,
  value,
  unit,
  against: { what: `undici, ${(size / 1e6).toFixed(1)} MB polled and parsed`, value: against },
})
report([
  row('list', 'ms', median(times.list), median(times.poll)),
  row('list, processor', 'ms', median(costs.list), median(costs.poll)),
  row('first picture of a watch', 'ms', followed.first, median(times.poll)),
  row('retained', 'MB', memory.list, memory.poll),
  row('processor for one event', 'ms', followed.each, median(costs.poll)),
])
await other[Symbol.asyncDispose]()
await adapter[Symbol.asyncDispose]()
server.kill()
process.exit()
