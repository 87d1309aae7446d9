import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createWorld } from 'intermodal/simulated'
import { type FakeSwarm, fakeSwarm } from 'intermodal/testing'
import { expect, it } from 'vitest'
import { over } from './over-socket.ts'

async function say(fake: FakeSwarm, method: string, where: string, body?: object) {
  const answer = await fetch(`${fake.url}/v1.41${where}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await answer.text()
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
}

const service = (more: object = {}) => ({
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'shop/web:1' }, ...more },
})

it('listens on a socket too, and leaves none behind', async () => {
  await using folder = await temporary()
  const socketPath = path.join(folder.path, 'docker.sock')
  const world = createWorld({ nodes: 2, clock: 'manual' })
  const fake = await fakeSwarm({ world, socket: socketPath })
  await say(fake, 'POST', '/services/create', service())
  const heard = await over(socketPath, '/v1.41/services')
  expect(JSON.parse(heard)).toMatchObject([{ Spec: { Name: 'web' } }])
  await fake.close()
  await expect(over(socketPath, '/_ping')).rejects.toMatchObject({ code: 'ENOENT' })
})

it('is in no swarm once it has left, until it is back with all it had', async () => {
  await using fake = await fakeSwarm({ world: createWorld({ nodes: 1, clock: 'manual' }) })
  await say(fake, 'POST', '/services/create', service())
  const back = fake.leave()
  const calls = [
    ['GET', '/services'],
    ['GET', '/services/web'],
    ['POST', '/services/create'],
    ['GET', '/tasks'],
    ['GET', '/nodes'],
    ['GET', '/swarm'],
    ['GET', '/secrets'],
    ['GET', '/configs'],
  ] as const
  for (const [method, where] of calls) {
    const { status, json } = await say(
      fake,
      method,
      where,
      method === 'POST' ? service() : undefined,
    )
    expect([where, status, json.message]).toEqual([
      where,
      503,
      expect.stringContaining('This node is not a swarm manager.'),
    ])
  }
  const { json } = await say(fake, 'GET', '/info')
  expect(json.Swarm).toMatchObject({ LocalNodeState: 'inactive', ControlAvailable: false })
  back()
  expect((await say(fake, 'GET', '/services')).json).toMatchObject([{ Spec: { Name: 'web' } }])
})

it('removes the network of a stack right after its services, while their tasks still end', async () => {
  const world = createWorld({ nodes: 1, clock: 'manual' })
  await using fake = await fakeSwarm({ world })
  await say(fake, 'POST', '/networks/create', { Name: 'shop_default', Driver: 'overlay' })
  const on = service({ Networks: [{ Target: 'shop_default' }] })
  await say(fake, 'POST', '/services/create', on)
  await world.advance('30s')
  expect(await say(fake, 'DELETE', '/networks/shop_default')).toMatchObject({
    status: 400,
    json: { message: expect.stringContaining('is in use by service') },
  })
  await say(fake, 'DELETE', '/services/web')
  expect((await say(fake, 'GET', '/tasks')).json).toMatchObject([{ Status: { State: 'running' } }])
  expect((await say(fake, 'DELETE', '/networks/shop_default')).status).toBe(204)
  await world.advance('30s')
  expect((await say(fake, 'GET', '/tasks')).json).toEqual([])
  expect((await say(fake, 'GET', '/networks/shop_default')).status).toBe(404)
})

it('makes the volumes of a container with it, and keeps them when it goes', async () => {
  const world = createWorld({ nodes: 1, clock: 'manual' })
  await using fake = await fakeSwarm({ world })
  const Mounts = [{ Type: 'volume', Source: 'data', Target: '/data' }]
  const ContainerSpec = { Image: 'shop/web:1', Mounts }
  await say(fake, 'POST', '/services/create', service({ ContainerSpec }))
  await world.advance('30s')
  expect(await say(fake, 'DELETE', '/volumes/data')).toMatchObject({
    status: 409,
    json: { message: expect.stringContaining('remove data: volume is in use - [') },
  })
  await say(fake, 'DELETE', '/services/web')
  await world.advance('30s')
  expect((await say(fake, 'GET', '/volumes/data')).json).toMatchObject({ Name: 'data' })
  expect((await say(fake, 'DELETE', '/volumes/data')).status).toBe(204)
})

it('tells each task its slot in its environment', async () => {
  const world = createWorld({ nodes: 1, clock: 'manual' })
  await using fake = await fakeSwarm({ world })
  const Command = ['sh', '-c', 'test $SLOT = 2 && exit 3; sleep 1d']
  const ContainerSpec = { Image: 'shop/web:1', Command, Env: ['SLOT={{.Task.Slot}}'] }
  const more = { ContainerSpec, RestartPolicy: { Condition: 'none' } }
  await say(fake, 'POST', '/services/create', {
    ...service(more),
    Mode: { Replicated: { Replicas: 2 } },
  })
  await world.advance('30s')
  expect((await say(fake, 'GET', '/tasks')).json).toMatchObject([
    { Slot: 1, Status: { State: 'running' } },
    { Slot: 2, Status: { State: 'failed', ContainerStatus: { ExitCode: 3 } } },
  ])
})

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fake-swarm-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
