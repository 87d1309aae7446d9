import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { Adapter, App, AppId, AppInput } from 'intermodal'
import { createWorld, type World } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { type FakeSwarm, fakeSwarm } from '../fakes/index.ts'
import { turns } from './pace.ts'
import { override } from './saboteurs/override.ts'
import type { Target } from './target.ts'

export interface SwarmFakeTarget extends Target, AsyncDisposable {
  readonly fake: FakeSwarm
}

/** Swarm's adapter, through dockerode, on a fake Swarm that lives by hand-moved time. */
export async function swarmFakeTarget(): Promise<SwarmFakeTarget> {
  const world = createWorld({ seed: 7, nodes: 1, clock: 'manual' })
  world.images.missing('shop/missing:1')
  const fake = await fakeSwarm({ world })
  const { wire } = fake
  return {
    name: 'fake swarm',
    group: '/conformance',
    connect: async () =>
      behaving(world, swarm({ host: fake.dockerHost, clock: world.clock, random: () => 0.5 })),
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
      finishing: { image: 'shop/finishing:1', entrypoint: ['true'] },
      failing: { image: 'shop/failing:1', shell: 'exit 3' },
      placeless: { image: 'shop/good:1', resources: { requests: { cpu: 64 } } },
      talking: {
        workload: { image: 'shop/talking:1' },
        line: 'ready to serve',
      },
    },
    faults: faultsOf(wire),
    foreign: (id) => madeByHand(fake, id),
    commands: {
      echo: (text) => ['echo', text],
      exit: (code) => ['sh', '-c', `exit ${code}`],
    },
    nativePatch: { TaskTemplate: { ContainerSpec: { Hostname: 'shop-{{.Task.Slot}}' } } },
    fake,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}

const PROBED: Partial<AppInput> = {
  ports: [{ name: 'http', containerPort: 80 }],
  probes: { liveness: { type: 'http', interval: '1s', failureThreshold: 3 } },
}

function faultsOf(wire: FakeSwarm['wire']) {
  return {
    cut: async () => wire.cutStreams(),
    refuse: async () => asynchronous(wire.refuse()),
    hang: async () => asynchronous(wire.hang()),
    lose: async () => {
      const undo = [wire.drop({ method: 'POST' }), wire.drop({ method: 'DELETE' })]
      return asynchronous(() => {
        for (const one of undo) one()
      })
    },
  }
}

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}

async function madeByHand(fake: FakeSwarm, id: AppId): Promise<() => Promise<void>> {
  const Name = id.slice(1).replaceAll('/', '_')
  const spec = { Name, TaskTemplate: { ContainerSpec: { Image: 'shop/good:1' } } }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(spec)
  await fetch(`${fake.url}/v1.41/services/create`, { method: 'POST', headers, body })
  await fake.world.advance('10s')
  // The test takes it over, and what is taken over goes with the rest.
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

function behave(world: World, { id, image }: App): void {
  const levers = world.app(id)
  if (image === 'shop/crashing:1') levers.crashLoop({ exitCode: 3, after: '1s' })
  if (image === 'shop/unhealthy:1') levers.unhealthy()
  if (image === 'shop/talking:1') world.script.logs(id, ['ready to serve'])
}

/** Requests that were sent and have not come to their end: those of the real client, which tells of each. */
let sent = 0
subscribe('http.client.request.start', (message) => {
  const { request } = message as { readonly request: ClientRequest }
  sent++
  request.once('close', () => sent--)
})

/**
 * Virtual time passes in no time, bytes on a socket do not: time stands still until every request has its answer, those
 * aside that a fault holds back, and streams, which never end.
 */
async function quiet(fake: FakeSwarm): Promise<void> {
  let calm = 0
  while (calm < 3) {
    await turns(1)
    calm = sent <= fake.busy + fake.streams ? calm + 1 : 0
  }
}
