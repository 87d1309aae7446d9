import { type Client, connect, IntermodalError, sameStatus } from 'intermodal'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../support/manual-clock.ts'
import { ScriptedAdapter } from '../support/scripted-adapter.ts'
import { instance, status } from '../support/statuses.ts'

let adapter: ScriptedAdapter
let clock: ManualClock

beforeEach(() => {
  adapter = new ScriptedAdapter()
  clock = new ManualClock()
})

const open = () => connect(adapter, { name: 'test', clock, idle: '2h' })

/** Someone reads the events all the time, so that whoever follows a change shares them. */
async function readOn(client: Client): Promise<void> {
  const reading = (async () => {
    for await (const _ of client.events());
  })()
  reading.catch(() => {}) // The client is closed at the end of the test.
  await settle()
}

describe('two statuses that differ in their generation alone', () => {
  const accepted = status('/a', { generation: { desired: 2, observed: 2 } })

  it('are not the same', () => {
    expect(sameStatus(status('/a'), accepted)).toBe(false)
  })

  it('end a rollout that shares the events: nothing else shows that the change was taken in', async () => {
    adapter.app(status('/a'))
    await using client = open()
    await readOn(client)
    adapter.revision = { app: '/a', id: 'r1', generation: 2, changed: true, replicas: 1 }
    const rollout = await client.apply({ id: '/a', image: 'shop/web:1' })
    const result = rollout.result()
    await settle()
    adapter.app(accepted)
    await settle()
    await clock.advance(1000)
    await expect(result).resolves.toMatchObject({ outcome: 'succeeded' })
  })
})

describe('a change followed through the events that others read', () => {
  const rolling = status('/a', {
    revision: 'r2',
    generation: { desired: 2, observed: 2 },
    rollout: { state: 'running', revision: 'r2' },
    instances: [instance('x', { revision: 'r2', state: 'starting' })],
  })
  const rolled = status('/a', {
    revision: 'r2',
    generation: { desired: 2, observed: 2 },
    instances: [instance('x', { revision: 'r2' })],
  })
  const error = new IntermodalError('UNAVAILABLE', 'the line went dead')

  async function begin(client: Client) {
    await readOn(client)
    adapter.revision = { app: '/a', id: 'r2', generation: 2, changed: true, replicas: 1 }
    const rollout = await client.apply({ id: '/a', image: 'shop/web:2' })
    return rollout.result()
  }

  it('goes on after a lost connection that brought nothing new of it', async () => {
    adapter.app(rolling)
    await using client = open()
    const result = begin(client)
    await settle()
    adapter.tell({ type: 'lost', error }, { type: 'app', status: rolling }, { type: 'synced' })
    await settle()
    adapter.app(rolled)
    await expect(result).resolves.toMatchObject({ outcome: 'succeeded' })
  })

  it('is not taken for cancelled because the events are older than the app', async () => {
    await using client = open()
    const result = begin(client)
    await settle()
    // The cluster has it; the stream has fallen silent and does not tell.
    adapter.apps.set('/a', rolling)
    await clock.advance(60_000)
    adapter.app(rolled)
    await expect(result).resolves.toMatchObject({ outcome: 'succeeded' })
  })

  it('is cancelled when the cluster itself says that there is no such app', async () => {
    await using client = open()
    const result = begin(client)
    await settle()
    await clock.advance(20_000)
    await expect(result).resolves.toMatchObject({ outcome: 'cancelled' })
  })

  it('is not removed before it is gone, also when the events have not shown it yet', async () => {
    await using client = open()
    await readOn(client)
    adapter.apps.set('/a', rolling)
    let removed = false
    const removal = client.remove('/a').then(() => {
      removed = true
    })
    await clock.advance(20_000)
    expect(removed).toBe(false)
    adapter.apps.delete('/a')
    await clock.advance(20_000)
    await removal
  })

  it('is not removed because the connection was lost and came back', async () => {
    adapter.app(rolling)
    await using client = open()
    await readOn(client)
    let removed = false
    const removal = client.remove('/a').then(() => {
      removed = true
    })
    await settle()
    adapter.tell({ type: 'lost', error }, { type: 'app', status: rolling }, { type: 'synced' })
    await settle()
    expect(removed).toBe(false)
    adapter.tell({ type: 'gone', id: '/a' })
    await removal
  })
})
