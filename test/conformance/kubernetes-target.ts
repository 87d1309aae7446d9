import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { AppId } from 'intermodal'
import { kubernetes } from 'intermodal/kubernetes'
import { createWorld } from 'intermodal/simulated'
import { type FakeKubernetes, fakeKubernetes } from '../fakes/index.ts'
import { turns } from './pace.ts'
import type { Target } from './target.ts'

export interface KubernetesTarget extends Target, AsyncDisposable {
  readonly fake: FakeKubernetes
}

/** Kubernetes' adapter, through its real client, on a fake Kubernetes that lives by hand-moved time. */
export async function kubernetesTarget(): Promise<KubernetesTarget> {
  const world = createWorld({ seed: 7, nodes: 3, clock: 'manual' })
  world.images.missing('shop/missing:1')
  const fake = await fakeKubernetes({ world })
  const { wire } = fake
  return {
    name: 'kubernetes',
    group: '/conformance',
    connect: async () =>
      kubernetes({ kubeconfig: fake.kubeconfig, clock: world.clock, random: () => 0.5 }),
    time: {
      async advance(milliseconds) {
        await quiet(fake)
        await world.advance(`${milliseconds}ms`)
        await quiet(fake)
      },
    },
    workloads: {
      good: { image: 'shop/good:1', ...STOP },
      next: { image: 'shop/good:2', ...STOP },
      missing: { image: 'shop/missing:1', ...STOP },
      crashing: { image: 'shop/good:1', shell: 'exit 3', ...STOP },
      healthy: { image: 'shop/good:1', shell: SERVER, ...STOP, ...probe('/health') },
      unhealthy: { image: 'shop/good:1', shell: SERVER, ...STOP, ...probe('/no-such-page') },
      finishing: { image: 'shop/good:1', entrypoint: ['true'] },
      failing: { image: 'shop/good:1', shell: 'exit 3' },
      placeless: { image: 'shop/good:1', resources: { requests: { cpu: 64 } } },
      talking: {
        workload: { image: 'shop/good:1', shell: 'echo serving; exec serve', ...STOP },
        line: 'serving',
      },
    },
    faults: {
      cut: async () => wire.cutStreams(),
      refuse: async () => asynchronous(wire.refuse()),
      hang: async () => asynchronous(wire.hang()),
    },
    commands: {
      echo: (text) => ['echo', text],
      exit: (code) => ['sh', '-c', `exit ${code}`],
    },
    foreign: (id) => madeByHand(fake, id),
    nativePatch: { deployment: { spec: { revisionHistoryLimit: 3 } } },
    fake,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}

const STOP = { stop: { gracePeriod: '1s' } } as const
const SERVER = 'cd /tmp; echo 1 >index.html; echo fine >health; exec httpd -f -p 8080 -h /tmp'

function probe(path: string) {
  return {
    ports: [{ name: 'http', containerPort: 8080 }],
    probes: {
      readiness: { type: 'http', port: 'http', path, interval: '1s', failureThreshold: 1 } as const,
    },
  }
}

function asynchronous(undo: () => void): () => Promise<void> {
  return async () => undo()
}

async function madeByHand(fake: FakeKubernetes, id: AppId): Promise<() => Promise<void>> {
  const name = id.slice(1).replaceAll('/', '--')
  const labels = { app: name }
  const deployment = {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'shop/good:1' }] },
      },
    },
  }
  await fetch(`${fake.url}/apis/apps/v1/namespaces/default/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(deployment),
  })
  // The test takes it over, and what is taken over goes with the rest.
  return async () => {}
}

/** Connections made in this process, by the port they come from. */
const clients = new Map<number, Socket>()
const connecting = new Set<Socket>()
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  connecting.add(socket)
  let port: number | undefined
  socket.once('connect', () => {
    connecting.delete(socket)
    port = socket.localPort
    if (port !== undefined) clients.set(port, socket)
  })
  socket.once('close', () => {
    connecting.delete(socket)
    if (port !== undefined) clients.delete(port)
  })
})

/**
 * Virtual time passes in no time, bytes on a socket do not: time stands still until every byte that was written on either
 * side has been read on the other.
 */
async function quiet(fake: FakeKubernetes): Promise<void> {
  let calm = 0
  while (calm < 3) {
    await turns(1)
    calm = connecting.size === 0 && [...fake.server.sockets].every(isRead) ? calm + 1 : 0
  }
}

function isRead(server: Socket): boolean {
  const client = clients.get(server.remotePort ?? 0)
  if (!client || client.destroyed || server.destroyed) return true
  return client.bytesRead === server.bytesWritten && server.bytesRead === client.bytesWritten
}
