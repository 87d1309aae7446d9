import { createWorld } from 'intermodal/simulated'
import { swarm } from 'intermodal/swarm'
import { fakeSwarm } from 'intermodal/testing'
import { afterAll } from 'vitest'
import { faults } from './suite.ts'

const world = createWorld({ seed: 7, nodes: 20, clock: 'manual' })
const fake = await fakeSwarm({ world })
afterAll(() => fake.close())

faults({
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
  isWrite: ({ method, path }) => method !== 'GET' && path.includes('/services/'),
  frameEnd: '\n',
  unordered: true,
})
