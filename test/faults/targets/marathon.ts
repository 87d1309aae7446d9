import { marathon } from 'intermodal/marathon'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from 'intermodal/testing'
import type { OpenTarget } from '../target.ts'

/** Fake Marathon 1.11, by hand-moved time. */
export async function marathonFaults(seed = 7): Promise<OpenTarget> {
  const world = createWorld({ seed, nodes: 20, clock: 'manual' })
  // Many cases stand on it side by side.
  const maxDeployments = 1_000
  const fake = await fakeMarathon({ world, maxDeployments })
  return {
    name: 'fake Marathon 1.11',
    backend: fake.url,
    world,
    connect: (url) => marathon({ url, clock: world.clock, random: () => 0.5, maxDeployments }),
    isStream: ({ path }) => path.startsWith('/v2/events'),
    isWrite: ({ method }) => method !== 'GET',
    frameEnd: '\n\n',
    unordered: true,
    [Symbol.asyncDispose]: () => fake.close(),
  }
}
