import { kubernetes } from 'intermodal/kubernetes'
import { createWorld } from 'intermodal/simulated'
import { fakeKubernetes } from 'intermodal/testing'
import type { OpenTarget } from '../target.ts'

/** Fake Kubernetes, by hand-moved time. */
export async function kubernetesFaults(seed = 7): Promise<OpenTarget> {
  const world = createWorld({ seed, nodes: 20, clock: 'manual' })
  const fake = await fakeKubernetes({ world })
  return {
    name: 'fake Kubernetes',
    backend: fake.url,
    world,
    connect: (address) =>
      kubernetes({ kubeconfig: kubeconfig(address), clock: world.clock, random: () => 0.5 }),
    isStream: ({ path }) => /[?&]watch=(?:true|1)/.test(path),
    isWrite: ({ method, path }) => method !== 'GET' && !path.includes('dryRun'),
    frameEnd: '\n',
    // A server writes the changes of one object in their order, and says so by their versions.
    unordered: false,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}

function kubeconfig(server: string): string {
  const plain = server.startsWith('http:')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [
      { name: 'fake', cluster: { server, ...(plain ? { 'insecure-skip-tls-verify': true } : {}) } },
    ],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'default' } }],
    users: [{ name: 'fake', user: { token: 'fake' } }],
  })
}
