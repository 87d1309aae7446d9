// npm run bench -- kubernetes, by hand: builds and starts a real control plane, puts 3,000 Deployments with one pod each on it, and
// lets our watch and two client-node informers follow it, each in a process of its own, one after the other.
import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { kubectl, startStandIn } from '../test/live/engine/kubernetes/cluster.ts'
import { connectApi } from '../test/live/engine/kubernetes/stand-in/api.ts'
import type { Contender, Told } from './kubernetes-reader.ts'
import { median, type Row, report } from './measure.ts'

/** Milliseconds, MiB, and microseconds for `work`. */
interface Measured {
  readonly picture: number
  readonly spent: number
  readonly heap: number
  readonly peak: number
  readonly work: number
  readonly middle: number
  readonly late: number
}

const COUNT = Number(process.env.COUNT ?? 3_000)
const CHANGES = 300
const NAMESPACE = 'bench'

await using cluster = await startStandIn(10)
await kubectl(cluster, ['create', 'namespace', NAMESPACE])
const api = await connectApi(cluster.kubeconfig, 1)
const inside = (...command: string[]) => kubectl(cluster, ['--namespace', NAMESPACE, ...command])
await inside('wait', '--for=create', 'serviceaccount/default', '--timeout=30s')

const deployments = Array.from({ length: COUNT }, (_, index) => deployment(index))
for (let from = 0; from < COUNT; from += 500) {
  const items = deployments.slice(from, from + 500)
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectl(cluster, ['--namespace', NAMESPACE, 'create', '-f', '-'], list)
}
// Done when no pod is left that is not running: everything is quiet while the readers are compared.
for (let running = 0; running < COUNT; ) {
  const answer = await inside(
    'get',
    'deployments',
    '--output',
    'jsonpath={.items[*].status.readyReplicas}',
  )
  running = answer.split(' ').filter((ready) => ready === '1').length
}

const contenders: readonly Contender[] = ['bare', 'informers', 'ours']
const seen = new Map<Contender, Measured[]>(contenders.map((name) => [name, []]))
// In turns, so that a machine that gets slower or faster is so for all of them.
for (let round = 0; round < 3; round++)
  for (const name of contenders) seen.get(name)?.push(await measure(name, round))

const of = (name: Contender, figure: keyof Measured) =>
  median(seen.get(name)?.map((one) => one[figure]) ?? [])
const against = (peer: Contender, what: string, figure: keyof Measured, unit: string): Row => ({
  what,
  value: of('ours', figure),
  unit,
  against: { what: PEERS[peer], value: of(peer, figure) },
})
const PEERS: Readonly<Record<Contender, string>> = {
  ours: 'ours',
  informers: 'two client-node informers',
  bare: 'raw watch + JSON.parse',
}

report([
  against('informers', `first full picture of ${COUNT} apps`, 'picture', 'ms'),
  against('informers', 'processor time of the first full picture', 'spent', 'ms'),
  against('informers', 'heap that stays', 'heap', 'MiB'),
  against('informers', 'largest memory of the process', 'peak', 'MiB'),
  against('bare', 'processor time per change', 'work', 'µs'),
  against('informers', 'processor time per change', 'work', 'µs'),
  against('bare', 'change to event, median', 'middle', 'ms'),
  against('bare', 'change to event, 99 of 100', 'late', 'ms'),
])

/** One reader in a process of its own: its first picture, then labels of Deployments changed one by one. */
async function measure(name: Contender, round: number): Promise<Measured> {
  const child = fork(
    new URL('kubernetes-reader.ts', import.meta.url),
    [name, cluster.kubeconfig, NAMESPACE, String(CHANGES)],
    { execArgv: ['--expose-gc', ...process.execArgv] },
  )
  const told = on(child, 'message') as AsyncIterableIterator<[Told]>
  const next = async () => (await told.next()).value?.[0] as Told
  const ready = await next()
  const made = new Map<string, number>()
  for (let index = 0; index < CHANGES; index++) {
    const change = `${name}-${round}-${index}`
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/app-${index}`
    made.set(change, performance.timeOrigin + performance.now())
    await api.send('PATCH', path, { metadata: { labels: { change } } })
  }
  const done = await next()
  await once(child, 'exit')
  if (ready.type !== 'ready' || done.type !== 'done') throw new Error(`${name} told something else`)
  const { picture, spent, heap, peak } = ready
  const waits = [...made].map(([change, at]) => (done.seen[change] ?? Number.NaN) - at)
  waits.sort((one, other) => one - other)
  const place = (share: number) => waits[Math.floor(waits.length * share)] ?? Number.NaN
  return { picture, spent, heap, peak, work: done.work, middle: place(0.5), late: place(0.99) }
}

function deployment(index: number) {
  const name = `app-${index}`
  const labels = { app: name }
  const env = [{ name: 'SETTINGS', value: 'x'.repeat(1024) }]
  const containers = [{ name: 'app', image: '127.0.0.1:9/app:1', env }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}
