import {
  type AppId,
  type AppInput,
  type Client,
  type Event,
  fleet,
  IntermodalError,
  type RolloutResult,
} from 'intermodal'
import { hold } from '../laws/breach.ts'
import { randomFrom } from '../laws/random.ts'
import { View } from '../laws/view.ts'
import { Conductor } from './conductor.ts'
import { Ledger } from './ledger.ts'
import { type Way, WireProxy } from './proxy.ts'
import type { OpenTarget } from './target.ts'
import { closed, cut, lost, never, reset, status } from './ways.ts'

export interface WireSoakOptions {
  readonly seed: number
  readonly targets: readonly OpenTarget[]
  readonly appsEach: number
  /** Instances of each app, to begin with. */
  readonly replicas: number
  readonly steps: number
  /** Calls in a step, where it is not a fault. @default 1 */
  readonly callsAtOnce?: number | undefined
  /** Enough, however many steps are left. @default as many as there are */
  readonly events?: number | undefined
  /** After which shares of it everything is brought to rest and measured, beside the end. @default [] */
  readonly rests?: readonly number[] | undefined
  /** Called at rest. */
  readonly measure?: ((report: WireSoakReport) => Promise<void>) | undefined
}

export interface WireSoakReport {
  readonly events: number
  readonly steps: number
  readonly calls: number
  readonly faults: number
  /** That were waited for, and have come to an end. */
  readonly rollouts: number
  readonly instances: number
  readonly requests: number
  /** Virtual milliseconds. */
  readonly virtual: number
}

interface Cluster {
  readonly name: string
  readonly target: OpenTarget
  readonly proxy: WireProxy
  readonly client: Client
  readonly view: View
  readonly ledger: Ledger
}

/** How often it is looked whether all is at rest, milliseconds. */
const LOOK = 1_000
/** How long one step takes at most: hours pass in a long soak, so that what engines keep for an hour goes too. */
const STEP = 20_000
/** How long everything may take to come to rest. */
const REST = 30 * 60_000
/** A fault lasts so many steps at most. */
const LONGEST = 20
const EXPECTED = ['UNAVAILABLE', 'TIMEOUT', 'THROTTLED', 'CONFLICT', 'LOCKED', 'APP_NOT_FOUND']
const WAYS: readonly Way[] = [
  reset,
  closed,
  never,
  lost,
  status(503),
  status(429, ['retry-after', '1']),
  cut((length) => length - 2, 'reset'),
]

/**
 * Clusters behind proxies: random calls and random faults of the wire, all from one seed. In the end every client's view is
 * what the engine says, and no connection is left.
 */
export async function wireSoak(options: WireSoakOptions): Promise<WireSoakReport> {
  const { targets, steps, events: most = Number.POSITIVE_INFINITY } = options
  const random = randomFrom(options.seed)
  const conductor = new Conductor(...targets.map(({ world }) => world))
  const proxies = await Promise.all(
    targets.map(({ backend, isStream }) =>
      WireProxy.open({ backend, isStream, stir: conductor.stir }),
    ),
  )
  const estate = fleet(
    Object.fromEntries(
      targets.map(({ connect }, index) => [`c${index}`, connect(proxies[index]?.address ?? '')]),
    ),
    { random, timeout: '10s' },
  )
  const clusters = targets.map((target, index): Cluster => {
    const name = `c${index}`
    const proxy = proxies[index] as WireProxy
    return {
      name,
      target,
      proxy,
      client: estate.client(name),
      view: new View(),
      ledger: new Ledger(),
    }
  })
  const user = new AbortController()
  const failures: unknown[] = []
  let [events, calls, faults, step] = [0, 0, 0, 0]
  const begun = conductor.now()
  const read = async () => {
    const views = new Map(clusters.map(({ name, view }) => [name, view]))
    for await (const event of estate.events({ signal: user.signal })) {
      events++
      views.get((event as Event).cluster)?.take(event)
    }
  }
  const reading = read().catch((error: unknown) => {
    if (error !== user.signal.reason) failures.push(error)
  })

  const pending = new Set<Promise<void>>()
  const start = ({ ledger }: Cluster, id: AppId, call: Promise<RolloutResult | undefined>) => {
    calls++
    ledger.begin(id)
    const work = call
      .catch((error: unknown) => {
        if (!IntermodalError.is(error) || !EXPECTED.includes(error.code)) failures.push(error)
        return undefined
      })
      .then((result) => ledger.end(id, result))
      .catch((breach: unknown) => failures.push(breach))
      .then(() => void pending.delete(work))
    pending.add(work)
  }
  const pass = async (milliseconds: number) => {
    await conductor.pass(milliseconds)
    // What went over each wire is of interest to shorter tests.
    for (const { proxy } of clusters) proxy.passed.length = 0
    if (failures.length > 0) throw failures[0]
  }
  const report = (): WireSoakReport => ({
    events,
    steps: step,
    virtual: conductor.now() - begun,
    calls,
    faults,
    rollouts: clusters.reduce((sum, { ledger }) => sum + ledger.rollouts, 0),
    instances: clusters
      .flatMap(({ view }) => [...view.apps.values()])
      .reduce((sum, { counts }) => sum + counts.running, 0),
    requests: proxies.reduce((sum, proxy) => sum + proxy.requests, 0),
  })
  const rest = async () => {
    const quiet = () =>
      pending.size === 0 && clusters.every(({ target }) => target.world.engine.quiet)
    for (const end = conductor.now() + REST; !quiet() && conductor.now() < end; ) await pass(LOOK)
    await pass(90_000)
    // A connection keeps something of every request it has carried.
    for (const { proxy } of clusters) proxy.cut()
    await pass(90_000)
    hold(pending.size === 0, () => `${pending.size} calls have no end`)
    for (const cluster of clusters) {
      await mustShowWhatIs(conductor, cluster)
      cluster.ledger.mustAgree(cluster.view)
    }
  }

  const ids = Array.from({ length: options.appsEach }, (_, app) => `/estate/app-${app}` as AppId)
  for (const cluster of clusters)
    for (const id of ids)
      start(cluster, id, apply(cluster, appOf(cluster.target, id, options.replicas)))
  await rest()

  const rests = [...(options.rests ?? [])].sort((a, b) => a - b)
  const broken: { readonly cluster: Cluster; until: number }[] = []
  const done = () => Math.max(step / steps, events / most)
  for (; done() < 1; step++) {
    if (done() >= (rests[0] ?? 1)) {
      rests.shift()
      for (const { cluster } of broken.splice(0)) cluster.proxy.befall = () => undefined
      await rest()
      await options.measure?.(report())
    }
    const cluster = pick(random, clusters)
    if (random() < 0.2) {
      faults++
      befall(random, cluster)
      broken.push({ cluster, until: step + 1 + Math.floor(random() * LONGEST) })
    } else {
      for (let call = 0; call < (options.callsAtOnce ?? 1); call++) {
        const id = pick(random, ids)
        start(cluster, id, operate(random, cluster, id, options.replicas))
      }
    }
    for (const one of broken.splice(0)) {
      if (one.until > step) broken.push(one)
      else one.cluster.proxy.befall = () => undefined
    }
    await pass(Math.ceil(random() * STEP))
  }
  for (const { proxy } of clusters) proxy.befall = () => undefined
  await rest()
  const last = report()
  await options.measure?.(last)

  user.abort(new Error('the soak is over'))
  await reading
  await estate[Symbol.asyncDispose]()
  await conductor.calm()
  for (const { name, proxy } of clusters) {
    hold(proxy.open === 0, () => `${proxy.open} connections of ${name} are left`)
    await proxy[Symbol.asyncDispose]()
  }
  return last
}

const LENIENT = { losses: 'lenient' } as const

function appOf({ fields }: OpenTarget, id: AppId, replicas: number, tag = 1): AppInput {
  return {
    image: `estate/app:${tag}`,
    replicas,
    resources: { requests: { cpu: 0.01, memory: '1Mi' } },
    ...fields,
    id,
  }
}

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T
}

function befall(random: () => number, { proxy }: Cluster): void {
  const way = pick(random, WAYS)
  const what = random()
  // A third breaks what is open and no more, a third the streams, a third everything for a while.
  if (what < 0.33) {
    proxy.cut()
    return
  }
  proxy.befall = (turn) =>
    what > 0.66 || turn.isStream ? (random() < 0.7 ? way : undefined) : undefined
}

async function operate(
  random: () => number,
  cluster: Cluster,
  id: AppId,
  replicas: number,
): Promise<RolloutResult | undefined> {
  const { client, target } = cluster
  const what = random()
  if (what < 0.5) {
    const app = appOf(target, id, replicas, 1 + Math.floor(random() * 4))
    if (what < 0.25) return apply(cluster, app)
    await client.apply(app, LENIENT)
  } else if (what < 0.8)
    await client.scale(id, Math.max(1, replicas - 2 + Math.floor(random() * 5)))
  else if (what < 0.9) await client.restart(id)
  else {
    await client.remove(id, { timeout: '2m' })
    return apply(cluster, appOf(target, id, replicas))
  }
  return undefined
}

/** Until it has come to an end. */
async function apply({ client }: Cluster, app: AppInput): Promise<RolloutResult> {
  const rollout = await client.apply(app, LENIENT)
  return rollout.result()
}

/** The events, the list of the client, and what the engine says to somebody whom nothing befalls. */
async function mustShowWhatIs(conductor: Conductor, cluster: Cluster): Promise<void> {
  const { name, target, client, view } = cluster
  await using direct = target.connect(target.backend)
  const call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }
  const settle = <T>(promise: Promise<T>) => conductor.settle(promise, `a list of ${name}`, REST)
  await conductor.until(() => view.synced, REST)
  hold(view.synced, () => `the events of ${name} do not say synced`)
  view.mustEqual(await settle(Array.fromAsync(direct.list({}, call))), `the view of ${name}`)
  view.mustEqual(await settle(Array.fromAsync(client.list())), `beside its list, that of ${name}`)
}
