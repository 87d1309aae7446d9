import { createWorld } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { fakeSwarm } from 'intermodal/testing'
import type { OpenTarget } from '../target.ts'

/** Fake Swarm, by hand-moved time. */
export async function swarmFaults(seed = 7): Promise<OpenTarget> {
  const world = createWorld({ seed, nodes: 20, clock: 'manual' })
  const fake = await fakeSwarm({ world })
  return {
    name: 'fake Swarm',
    backend: fake.url,
    world,
    connect(address) {
      const { protocol, hostname, port } = new URL(address)
      return swarm({
        host: `tcp://${hostname}:${port}`,
        // With TLS where the address says so: what is tried there is that it fails.
        ...(protocol === 'https:' ? { tls: {} } : {}),
        clock: world.clock,
        random: () => 0.5,
      })
    },
    isStream: ({ path }) => path.includes('/events'),
    isWrite: ({ method }) => method !== 'GET',
    isUpkeep: ({ method, path }) =>
      method === 'DELETE' && /\/(?:networks|configs|secrets)\//.test(path),
    frameEnd: '\n',
    unordered: true,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}
