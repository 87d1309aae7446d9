import { marathon } from 'intermodal/marathon'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import { afterAll } from 'vitest'
import { faults } from './suite.ts'

const world = createWorld({ seed: 7, nodes: 20, clock: 'manual' })
const fake = await fakeMarathon({ world, maxDeployments: 1_000 })
afterAll(() => fake.close())

faults({
  name: 'fake Marathon 1.11',
  backend: fake.url,
  world,
  connect: (url) => marathon({ url, clock: world.clock, random: () => 0.5, maxDeployments: 1_000 }),
  isStream: ({ path }) => path.startsWith('/v2/events'),
  isWrite: ({ method }) => method !== 'GET',
  frameEnd: '\n\n',
  unordered: true,
})
