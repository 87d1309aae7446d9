import { subscribe } from 'node:diagnostics_channel'
import type { Adapter, App, AppId, AppInput } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { createWorld, type World } from 'intermodal/simulated'
import { type FakeMarathon, fakeMarathon, type MarathonVersion } from '../fakes/index.ts'
import type { MarathonExchange } from './index.ts'
import { turns } from './pace.ts'
import { override } from './saboteurs/override.ts'
import type { Target } from './target.ts'

export interface MarathonTarget extends Target, AsyncDisposable {
  readonly fake: FakeMarathon
}

/** Marathon's adapter, through its real client, on a fake Marathon that lives by hand-moved time. */
export async function marathonTarget(
  version: MarathonVersion,
  onExchange?: (exchange: MarathonExchange) => void,
): Promise<MarathonTarget> {
  const world = createWorld({ seed: 7, nodes: 3, clock: 'manual' })
  world.images.missing('shop/missing:1')
  // Unzipping happens on other threads, where time passes that nobody here can see.
  const fake = await fakeMarathon({ world, version, onExchange, compression: false, dcos: true })
  const { wire } = fake
  // Before 1.5 no file could be a secret, which is what the suite asks of material.
  const secrets = version === '1.4' ? undefined : 'dcos'
  return {
    name: `marathon ${version}`,
    group: '/conformance',
    connect: async () =>
      behaving(world, marathon({ url: fake.url, secrets, clock: world.clock, random: () => 0.5 })),
    time: {
      async advance(milliseconds) {
        await quiet(fake)
        await world.advance(`${milliseconds}ms`)
        await quiet(fake)
      },
    },
    workloads: {
      good: 'shop/good:1',
      next: 'shop/good:2',
      missing: 'shop/missing:1',
      crashing: 'shop/crashing:1',
      healthy: { image: 'shop/healthy:1', ...PROBED },
      unhealthy: { image: 'shop/unhealthy:1', ...PROBED },
      finishing: { image: 'shop/finishing:1', shell: 'import' },
      failing: { image: 'shop/crashing:1', shell: 'import' },
      placeless: { image: 'shop/good:1', resources: { requests: { cpu: 64 } } },
    },
    faults: {
      cut: async () => wire.cutStreams(),
      refuse: async () => asynchronous(wire.refuse()),
      hang: async () => asynchronous(wire.hang()),
      async lose() {
        const undo = ['PUT', 'POST', 'DELETE'].map((method) => wire.drop({ method }))
        return async () => {
          for (const one of undo) one()
        }
      },
    },
    foreign: (id) => madeByHand(fake, id),
    lock: (id) => lockedByHand(fake, id),
    nativePatch: { user: 'nobody' },
    fake,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}

const PROBED: Partial<AppInput> = {
  ports: [{ name: 'http', containerPort: 80 }],
  probes: { liveness: { type: 'http', interval: '1s', failureThreshold: 3 } },
}

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}

const JSON_BODY = { 'content-type': 'application/json' }

async function madeByHand({ url, world }: FakeMarathon, id: AppId): Promise<() => Promise<void>> {
  const app = { id, cmd: 'sleep 3600', cpus: 0.1, mem: 32 }
  await fetch(`${url}/v2/apps`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(app) })
  await world.settle()
  return async () => {
    await fetch(`${url}/v2/apps${id}`, { method: 'DELETE' })
  }
}

/** A deployment of an image that nobody has: it does not end, and holds its app until another is forced. */
async function lockedByHand({ url }: FakeMarathon, id: AppId): Promise<() => Promise<void>> {
  const container = { type: 'MESOS', docker: { image: 'shop/missing:1' } }
  const body = JSON.stringify({ container })
  const { ok } = await fetch(`${url}/v2/apps${id}`, { method: 'PUT', headers: JSON_BODY, body })
  if (!ok) throw new Error(`${id} could not be locked`)
  return async () => {}
}

/** In this world an image does what levers make it do: they are pulled when an app that runs it is applied. */
function behaving(world: World, adapter: Adapter): Adapter {
  return override(adapter, {
    apply(app, call) {
      behave(world, app)
      return adapter.apply(app, call)
    },
  })
}

function behave(world: World, { id, image, kind }: App): void {
  const levers = world.app(id)
  if (image === 'shop/crashing:1') levers.crashLoop({ exitCode: 3, after: '0s' })
  if (image === 'shop/unhealthy:1') levers.unhealthy()
  // The check of a job tells that it is done; this one never is.
  if (image === 'shop/crashing:1' && kind === 'job') levers.unhealthy()
  if (image === 'shop/finishing:1') levers.takes({ warmUp: '3s' }, { on: 'next' })
}

/** Requests that were sent and not answered: those of the real client, which tells of each. */
let sent = 0
subscribe('undici:request:create', () => sent++)
subscribe('undici:request:trailers', () => sent--)
subscribe('undici:request:error', () => sent--)

/**
 * Virtual time passes in no time, bytes on a socket do not: time stands still until every request has its answer, those
 * aside that a fault holds back, and event streams, which never end.
 */
async function quiet(fake: FakeMarathon): Promise<void> {
  let calm = 0
  while (calm < 3) {
    await turns(1)
    calm = sent <= fake.busy + fake.streams ? calm + 1 : 0
  }
}
