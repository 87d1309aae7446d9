import { type AppInput, type Change, connect } from 'intermodal'
import { marathon } from 'intermodal/marathon'
import { afterAll, describe, expect, it } from 'vitest'
import { marathonTarget } from '../conformance/marathon-target.ts'
import { Pace } from '../conformance/pace.ts'
import { Tape } from '../conformance/tape.ts'
import { call } from './server.ts'

const target = await marathonTarget('1.11')
afterAll(() => target[Symbol.asyncDispose]())
const { fake } = target

function open(options: Parameters<typeof marathon>[0] = {}) {
  const adapter = marathon({
    url: fake.url,
    clock: fake.world.clock,
    random: () => 0.5,
    ...options,
  })
  const client = connect(adapter, { name: 'prod', random: () => 0.5 })
  return { adapter, client, pace: new Pace(adapter, target.time, undefined) }
}

/** All of them fit at once, stuck ones too. */
const SMALL: Partial<AppInput> = { resources: { requests: { cpu: 0.1 } } }
const app = (name: string, image: string, fields: Partial<AppInput> = {}): AppInput =>
  ({ id: `/sick/${name}`, image, replicas: 2, ...SMALL, ...fields }) as AppInput

const json = async (path: string) => (await fetch(`${fake.url}${path}`)).json()
const deploymentsOf = async (name: string) =>
  ((await json('/v2/deployments')) as { id: string; affectedApps: string[] }[])
    .filter(({ affectedApps }) => affectedApps.includes(`/sick/${name}`))
    .map(({ id }) => id)

describe('a leader that changes', () => {
  it('under an open stream is a break that all is told anew after, and nothing is missed', async () => {
    const { adapter, client, pace } = open()
    const rollout = await pace.settle(client.apply(app('stream', 'shop/web:1')), 'apply')
    await pace.settle(rollout.result(), 'the rollout')
    const watch = new AbortController()
    const changes = new Tape<Change>(
      adapter.watch({ group: '/sick' }, { ...call(), signal: watch.signal }),
      watch,
    )
    await changes.first(pace, 'the first picture', ({ type }) => type === 'synced')
    const before = changes.items.length
    fake.changeLeader()
    await fetch(`${fake.url}/v2/apps/sick/stream?force=true`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"instances":3}',
    })
    await changes.first(pace, 'the break', ({ type }) => type === 'lost', before)
    await changes.first(pace, 'the picture after it', ({ type }) => type === 'synced', before)
    await changes.first(
      pace,
      'what happened meanwhile',
      (change) => change.type === 'app' && change.status.counts.ready === 3,
      before,
    )
    await changes.stop(pace)
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('and is missing for a minute in the middle of a rollout fails no rollout', async () => {
    const { client, pace } = open()
    const first = await pace.settle(client.apply(app('roll', 'shop/web:1')), 'apply')
    await pace.settle(first.result(), 'the rollout')
    const second = await pace.settle(client.apply(app('roll', 'shop/web:2')), 'apply again')
    const elected = fake.loseLeader()
    await pace.pass(60_000)
    elected()
    const result = await pace.settle(second.result(), 'the rollout goes on')
    expect([result.outcome, result.status?.image]).toEqual(['succeeded', 'shop/web:2'])
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('and is missing for a write is an error that says so, and the write is not there', async () => {
    const { adapter, client, pace } = open()
    const elected = fake.loseLeader()
    const applying = client.apply(app('lost', 'shop/web:1'))
    await expect(pace.settle(applying, 'apply')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('leader'),
    })
    elected()
    expect(await pace.settle(adapter.observe('/sick/lost', call()), 'observe')).toBeUndefined()
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })
})

describe('a deployment that never ends', () => {
  const stuck = (name: string) =>
    app(name, 'shop/missing:1', { update: { progressDeadline: '20s', onFailure: 'continue' } })

  it('ends the rollout by our own deadline, with why, and is left alone', async () => {
    const { client, pace } = open()
    const rollout = await pace.settle(client.apply(stuck('stuck')), 'apply')
    const [deployment] = await deploymentsOf('stuck')
    const result = await pace.settle(rollout.result(), 'the rollout ends')
    expect([result.outcome, result.reasons[0]?.code]).toEqual(['failed', 'ImageNotFound'])
    expect(await deploymentsOf('stuck')).toEqual([deployment])
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('locks its app: another change is refused with its id, and goes over it with force alone', async () => {
    const { client, pace } = open()
    await pace.settle(client.apply(stuck('locked')), 'apply')
    const [deployment = ''] = await deploymentsOf('locked')
    const good = app('locked', 'shop/web:1')
    await expect(pace.settle(client.apply(good), 'apply again')).rejects.toMatchObject({
      code: 'LOCKED',
      app: '/sick/locked',
      message: expect.stringContaining(deployment),
    })
    expect(await deploymentsOf('locked')).toEqual([deployment])
    const forced = await pace.settle(client.apply(good, { force: true }), 'apply with force')
    expect(await deploymentsOf('locked')).not.toContain(deployment)
    const { outcome } = await pace.settle(forced.result(), 'the rollout')
    expect(outcome).toBe('succeeded')
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('holds off everything else that changes the app, until forced', async () => {
    const { client, pace } = open()
    const changes: Record<string, (options: { force?: boolean }) => Promise<unknown>> = {
      scale: (options) => client.scale('/sick/to-scale', 1, options),
      restart: (options) => client.restart('/sick/to-restart', options),
      suspend: (options) => client.suspend('/sick/to-suspend', options),
    }
    for (const [name, change] of Object.entries(changes)) {
      await pace.settle(client.apply(stuck(`to-${name}`)), `apply ${name}`)
      const held = await deploymentsOf(`to-${name}`)
      await expect(pace.settle(change({}), name)).rejects.toMatchObject({
        code: 'LOCKED',
        remedy: expect.stringContaining('--force'),
      })
      expect(await deploymentsOf(`to-${name}`)).toEqual(held)
      await pace.settle(change({ force: true }), `${name} with force`)
      expect(await deploymentsOf(`to-${name}`)).not.toContain(held[0])
    }
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('of several apps is ended by nobody who removes or rolls back one of them, until forced', async () => {
    const { client, pace } = open()
    const first = await pace.settle(client.apply(app('one', 'shop/web:1')), 'apply')
    await pace.settle(first.result(), 'the rollout')
    const changes: ((options: { force?: boolean }) => Promise<unknown>)[] = [
      (options) => client.rollback('/sick/one', options),
      (options) => client.remove('/sick/one', options),
    ]
    for (const [index, change] of changes.entries()) {
      const [held = ''] = await together(index)
      expect(await deploymentsOf('two')).toContain(held)
      await expect(pace.settle(change({}), 'a change')).rejects.toMatchObject({ code: 'LOCKED' })
      expect(await deploymentsOf('one')).toEqual([held])
      await pace.settle(change({ force: true }), 'a change with force')
      expect(await deploymentsOf('two')).not.toContain(held)
    }
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  /** A deployment of two apps that does not end. */
  async function together(round: number): Promise<string[]> {
    const container = { type: 'MESOS', docker: { image: 'shop/missing:1' } }
    const apps = ['one', 'two'].map((name) => ({ id: name, container, env: { ROUND: `${round}` } }))
    await fetch(`${fake.url}/v2/groups/sick?force=true`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apps }),
    })
    return deploymentsOf('one')
  }

  it('keeps who waits for the lock until his own deadline, and no longer', async () => {
    const { client, pace } = open({ whenLocked: 'wait' })
    await pace.settle(client.apply(stuck('held')), 'apply')
    const [deployment = ''] = await deploymentsOf('held')
    const waiting = client.apply(app('held', 'shop/web:1'), { timeout: '1m' })
    await expect(pace.settle(waiting, 'a change that waits')).rejects.toMatchObject({
      code: 'TIMEOUT',
      app: '/sick/held',
    })
    expect(await deploymentsOf('held')).toEqual([deployment])
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('is gone over by a rollback, which is a deployment of its own', async () => {
    const { client, pace } = open()
    const first = await pace.settle(client.apply(app('back', 'shop/web:1')), 'apply')
    await pace.settle(first.result(), 'the rollout')
    await pace.settle(client.apply(stuck('back')), 'apply what never comes up')
    const [deployment = ''] = await deploymentsOf('back')
    const back = await pace.settle(client.rollback('/sick/back'), 'roll back')
    const after = await deploymentsOf('back')
    expect(after).toHaveLength(1)
    expect(after).not.toContain(deployment)
    const { outcome, status } = await pace.settle(back.result(), 'the way back')
    expect([outcome, status?.image]).toEqual(['succeeded', 'shop/web:1'])
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('ends as cancelled when its app is deleted by somebody else', async () => {
    const { client, pace } = open()
    const rollout = await pace.settle(client.apply(stuck('deleted')), 'apply')
    await fetch(`${fake.url}/v2/apps/sick/deleted`, { method: 'DELETE' })
    const { outcome } = await pace.settle(rollout.result(), 'the rollout ends')
    expect(outcome).toBe('cancelled')
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })

  it('ends as cancelled when somebody stops it half way, old and new side by side', async () => {
    const { client, pace } = open()
    const first = await pace.settle(client.apply(app('half', 'shop/web:1')), 'apply')
    await pace.settle(first.result(), 'the rollout')
    const rollout = await pace.settle(client.apply(stuck('half')), 'apply what never comes up')
    const [deployment = ''] = await deploymentsOf('half')
    await fetch(`${fake.url}/v2/deployments/${deployment}?force=true`, { method: 'DELETE' })
    const result = await pace.settle(rollout.result(), 'the rollout ends')
    expect([result.outcome, result.message]).toEqual([
      'cancelled',
      expect.stringContaining('it was cancelled'),
    ])
    await pace.settle(Promise.resolve(client[Symbol.asyncDispose]()), 'dispose')
  })
})
