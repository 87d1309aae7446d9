// Unit-test a deployment: a world whose time the test moves, and levers to break it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from 'intermodal'
import { createWorld, simulated } from 'intermodal/simulated'

test('a node is lost and its instances come back elsewhere', async () => {
  const world = createWorld({ nodes: 2, clock: 'manual' })
  await using client = connect(simulated({ world }))
  const rollout = await client.apply({ id: '/shop/web', image: 'shop/web:1', replicas: 2 })
  await world.advance('1m')
  assert.equal((await rollout.done()).outcome, 'succeeded')

  world.node('node-1').kill()
  await world.advance('10m')

  const status = await client.status('/shop/web')
  assert.equal(status?.counts.ready, 2)
  assert.ok(status.instances.every(({ node, state }) => state !== 'running' || node === 'node-2'))
})
