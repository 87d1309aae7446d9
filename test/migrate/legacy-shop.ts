import { type AppId, type Client, connect, type MigrationResult } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { createWorld } from 'intermodal/simulated'
import { fakeMarathon } from '../fakes/index.ts'

/** In the order in which they need each other. */
export const APPS: readonly AppId[] = ['/shop/store', '/shop/api', '/shop/web']

/** How many are ready on the old and the new side, where they are there. */
export function standing({ apps }: MigrationResult): Record<AppId, readonly unknown[]> {
  return Object.fromEntries(
    Object.entries(apps).map(([id, { old, new: now }]) => [
      id,
      [old, now]
        .filter((side) => side !== undefined)
        .map((side) => (side === 'unreachable' ? side : side.ready)),
    ]),
  )
}

/**
 * A Marathon as people have had it for years: a group of apps that need each other, written by hand in Marathon's own words.
 * Nobody of ours has ever touched it.
 */
export async function legacyShop(
  image: string,
  shell?: string,
  {
    version = '1.11',
    speed = 30,
  }: { readonly version?: '1.4' | '1.11'; readonly speed?: number } = {},
) {
  const world = createWorld({ seed: 5, clock: { speed } })
  const fake = await fakeMarathon({ world, version })
  const app = (id: string, instances: number, more: object = {}) => ({
    id,
    instances,
    cpus: 0.1,
    mem: 32,
    ...(shell === undefined ? {} : { cmd: shell }),
    container: {
      type: 'DOCKER',
      docker: { image },
      portMappings: [{ containerPort: 8080, name: 'http' }],
    },
    networks: [{ mode: 'container/bridge' }],
    labels: { tier: id },
    ...more,
  })
  const answer = await fetch(`${fake.url}/v2/groups`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: '/shop',
      apps: [
        app('store', 1),
        app('api', 2, { dependencies: ['/shop/store'], env: { STORE: 'store:8080' } }),
        app('web', 3, { dependencies: ['/shop/api'], env: { API: 'api:8080' } }),
      ],
    }),
  })
  if (!answer.ok) throw new Error(`the group was refused: ${answer.status} ${await answer.text()}`)
  await world.settle()
  const client: Client = connect(marathon({ url: fake.url, clock: world.clock, pollBusy: 500 }), {
    name: 'legacy',
    timeout: '20m',
  })
  return {
    world,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await fake.close()
      world.close()
    },
  }
}
