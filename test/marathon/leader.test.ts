import { type AppInput, connect, defineApp } from 'intermodal'
import { afterAll, describe, expect, it } from 'vitest'
import { marathonTarget } from '../conformance/marathon-target.ts'
import { Pace } from '../conformance/pace.ts'
import { call } from './server.ts'

const target = await marathonTarget('1.11')
afterAll(() => target[Symbol.asyncDispose]())

const checked = (image: string): AppInput => ({
  id: '/shop/web',
  image,
  replicas: 2,
  ports: [{ name: 'http', containerPort: 80 }],
  probes: { liveness: { type: 'http', interval: '2s' } },
})

async function open() {
  const made = await target.connect()
  const adapter = 'adapter' in made ? made.adapter : made
  return { adapter, pace: new Pace(adapter, target.time, undefined) }
}

describe('a change of leader', () => {
  it('takes no instance for sick, and no rollout for lost', async () => {
    const { adapter, pace } = await open()
    await using client = connect(adapter, { name: 'prod', random: () => 0.5 })
    const first = await pace.settle(client.apply(checked('shop/web:1')), 'apply')
    expect((await pace.settle(first.result(), 'the rollout')).outcome).toBe('succeeded')
    target.fake.changeLeader()
    const after = await pace.settle(adapter.observe('/shop/web', call()), 'observe')
    expect([after?.state, after?.counts.ready, after?.counts.unhealthy]).toEqual(['running', 2, 0])
    const second = await pace.settle(client.apply(checked('shop/web:2')), 'apply')
    target.fake.changeLeader()
    const result = await pace.settle(second.result(), 'the rollout')
    expect([result.outcome, result.status?.image]).toEqual(['succeeded', 'shop/web:2'])
  })

  it('in the middle of a write leaves it done once, not twice', async () => {
    const { adapter, pace } = await open()
    const before = await pace.settle(adapter.observe('/shop/web', call()), 'observe')
    const undo = target.fake.wire.drop({ method: 'PUT', times: 1 })
    const applying = adapter.apply(defineApp(checked('shop/web:3')), call())
    const revision = await pace.settle(applying, 'apply')
    undo()
    expect(revision).toMatchObject({ changed: true, previous: before?.revision })
    await pace.until('it runs', async () => {
      const status = await adapter.observe('/shop/web', call())
      return status?.state === 'running' && status.image === 'shop/web:3'
    })
    await pace.settle(adapter[Symbol.asyncDispose]() as Promise<void>, 'dispose')
  })
})
