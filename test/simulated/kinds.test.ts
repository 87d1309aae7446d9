import { describe, expect, test } from 'vitest'
import { call, codes, setup, WEB } from './setup.ts'

const STORE = { kind: 'stateful', replicas: 3 } as const
const data = (storageClass?: string) => ({
  data: {
    type: 'claim',
    mountPath: '/data',
    size: '1Gi',
    ...(storageClass ? { storageClass } : {}),
  } as const,
})

describe('a stateful app', () => {
  test('comes up in order, each after the one before is ready', async () => {
    const { apply, world, status } = setup()
    await apply(STORE)
    const order: string[] = []
    for (let tenth = 0; tenth < 120; tenth++) {
      const { instances } = status()
      for (const { slot = '' } of instances) if (!order.includes(slot)) order.push(slot)
      expect(instances.filter(({ ready }) => !ready).length).toBeLessThanOrEqual(1)
      await world.advance('100ms')
    }
    expect(order).toEqual(['0', '1', '2'])
    expect(status().state).toBe('running')
  })

  test('is updated from the highest number down, each in its own place', async () => {
    const { apply, deploy, world, status } = setup()
    const before = await deploy(STORE)
    await apply({ ...STORE, image: 'shop/web:2' })
    const order: string[] = []
    for (let tenth = 0; tenth < 150; tenth++) {
      const { instances, revision } = status()
      expect(new Set(instances.map(({ slot }) => slot)).size).toBe(instances.length)
      expect(instances.filter(({ ready }) => ready).length).toBeGreaterThanOrEqual(2)
      for (const one of instances) {
        if (
          one.revision === revision &&
          revision !== before.revision &&
          !order.includes(one.slot ?? '')
        )
          order.push(one.slot ?? '')
      }
      await world.advance('100ms')
    }
    expect(order).toEqual(['2', '1', '0'])
    expect(status()).toMatchObject({ state: 'running', counts: { updated: 3 } })
  })

  test('goes down from the highest, and keeps the claims', async () => {
    const { adapter, deploy, world, status } = setup()
    await deploy({ ...STORE, volumes: data() })
    await adapter.scale?.(WEB, 1, call)
    await world.settle()
    expect(status().instances.map(({ slot }) => slot)).toEqual(['0'])
    await adapter.remove(WEB, call)
    await world.settle()
    expect(world.claims().map(({ slot, volume }) => `${volume}-${slot}`)).toEqual([
      'data-0',
      'data-1',
      'data-2',
    ])
  })

  test('returns to the node that holds a local claim, and waits for it', async () => {
    const { deploy, world, status } = setup()
    const { instances } = await deploy({ ...STORE, replicas: 1, volumes: data('local') })
    const home = instances[0]?.node ?? ''
    world.node(home).kill()
    await world.advance('2m')
    expect(codes(status())).toContain('VolumeUnavailable')
    expect(status().counts.ready).toBe(0)
    world.node(home).restore()
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', instances: [{ slot: '0', node: home }] })
  })

  test('takes a claim that can move along to another node', async () => {
    const { deploy, world, status } = setup()
    const { instances } = await deploy({ ...STORE, replicas: 1, volumes: data() })
    world.node(instances[0]?.node ?? '').kill()
    await world.advance('2m')
    expect(status()).toMatchObject({ state: 'running', counts: { ready: 1 } })
    expect(world.claims()).toHaveLength(1)
  })
})

describe('a daemon', () => {
  test('runs once on every node that lets it in, and follows nodes that come and go', async () => {
    const { deploy, world, status } = setup({
      nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c', pool: 'other' }],
    })
    const placement = { require: [{ attribute: 'node.pool', op: 'absent' }] } as const
    const first = await deploy({ kind: 'daemon', placement: structuredClone(placement) as object })
    expect(first.instances.map(({ slot }) => slot)).toEqual(['a', 'b'])
    world.addNode({ name: 'd' })
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', counts: { desired: 3, ready: 3 } })
    world.node('a').drain()
    await world.settle()
    expect(status().instances.map(({ slot }) => slot)).toEqual(['b', 'd'])
  })

  test('is updated one node after another', async () => {
    const { apply, deploy, world, status } = setup()
    await deploy({ kind: 'daemon' })
    await apply({ kind: 'daemon', image: 'shop/web:2' })
    for (let tenth = 0; tenth < 120; tenth++) {
      expect(status().counts.running).toBeGreaterThanOrEqual(2)
      await world.advance('100ms')
    }
    expect(status()).toMatchObject({ state: 'running', counts: { updated: 3, ready: 3 } })
  })

  test('can be suspended and resumed', async () => {
    const { adapter, deploy, world, status } = setup()
    await deploy({ kind: 'daemon' })
    await adapter.suspend?.(WEB, call)
    await world.settle()
    expect(status()).toMatchObject({ state: 'suspended', instances: [] })
    await adapter.resume?.(WEB, call)
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', counts: { ready: 3 } })
  })
})

describe('a job', () => {
  test('runs as many at a time as parallelism until its completions are reached', async () => {
    const { apply, world, status } = setup()
    await apply({ kind: 'job', job: { completions: 5, parallelism: 2 } })
    let most = 0
    for (let second = 0; second < 40; second++) {
      most = Math.max(most, status().counts.running)
      await world.advance('1s')
    }
    expect(most).toBe(2)
    expect(status()).toMatchObject({
      state: 'completed',
      counts: { desired: 5, updated: 5 },
      rollout: { state: 'succeeded' },
    })
  })

  test('tries a failed run again, and completes', async () => {
    const { deploy, world } = setup()
    world.app(WEB).crashLoop({ times: 2 })
    const status = await deploy({ kind: 'job' })
    expect(status.state).toBe('completed')
    expect(status.instances.map(({ state }) => state)).toEqual(['failed', 'failed', 'succeeded'])
  })

  test('fails when its attempts are spent', async () => {
    const { deploy, world } = setup()
    world.app(WEB).crashLoop({ exitCode: 2 })
    const status = await deploy({ kind: 'job', restart: { maxAttempts: 1, delay: '1s' } })
    expect(status).toMatchObject({ state: 'failed', rollout: { state: 'failed' } })
    expect(status.instances).toHaveLength(2)
    expect(codes(status)).toContain('ExitNonZero')
  })

  test('fails when the whole of it is not done before its deadline', async () => {
    const { deploy, world } = setup()
    world.app(WEB).takes({ run: '1h' })
    const status = await deploy({ kind: 'job', job: { deadline: '30s' } })
    expect(status.state).toBe('failed')
    expect(status.reasons).toMatchObject([
      { code: 'DeadlineExceeded', message: 'was not done within 30 s' },
    ])
  })

  test('that never starts fails by the progress deadline', async () => {
    const { deploy, world } = setup()
    world.images.missing('shop/web:1')
    const status = await deploy({ kind: 'job', update: { progressDeadline: '1m' } })
    expect(status.state).toBe('failed')
    expect(codes(status)).toEqual(['ImageNotFound'])
  })
})

describe('a cron app', () => {
  const every = (more: object = {}) =>
    ({ kind: 'cron', schedule: { cron: '*/5 * * * *', ...more } }) as const
  const runs = ({ world }: ReturnType<typeof setup>) => world.instances(WEB)

  test('starts a run at each time of its schedule, and keeps the last ones', async () => {
    const s = setup({ start: '2026-03-01T00:01:00Z' })
    await s.apply(every())
    await s.world.advance('3m')
    expect(s.status()).toMatchObject({ state: 'running', instances: [] })
    await s.world.advance('27m')
    expect(runs(s).map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(new Date(runs(s)[0]?.startedAt ?? 0).toISOString()).toBe('2026-03-01T00:20:00.600Z')
  })

  test.each([
    ['allow', 2],
    ['forbid', 1],
    ['replace', 1],
  ] as const)(
    'with concurrency %s has %i runs at work when one takes too long',
    async (concurrency, count) => {
      const s = setup()
      s.world.app(WEB).takes({ run: '9m' })
      await s.apply(every({ concurrency }))
      await s.world.advance('11m')
      expect(s.status().counts.running).toBe(count)
      const oldest = runs(s)[0]?.startedAt ?? 0
      expect(s.world.clock.now() - oldest > 300_000).toBe(concurrency !== 'replace')
    },
  )

  test('is degraded while its last run has failed, and starts nothing while suspended', async () => {
    const s = setup()
    const undo = s.world.app(WEB).crashLoop()
    await s.apply({ ...every(), restart: { condition: 'never' } })
    await s.world.advance('6m')
    expect(s.status().state).toBe('degraded')
    undo()
    await s.adapter.suspend?.(WEB, call)
    await s.world.advance('20m')
    expect(s.status().state).toBe('suspended')
    await s.adapter.resume?.(WEB, call)
    await s.world.advance('6m')
    expect(s.status().state).toBe('running')
  })

  test('follows its time zone', async () => {
    const s = setup({ start: '2026-07-01T00:00:00Z' })
    await s.apply({
      kind: 'cron',
      schedule: { cron: '0 3 * * *', timeZone: 'Europe/Warsaw' },
    })
    await s.world.advance('1h1m')
    expect(runs(s)).toHaveLength(1)
  })
})
