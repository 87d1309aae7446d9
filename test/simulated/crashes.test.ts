import { describe, expect, test } from 'vitest'
import { codes, setup, WEB } from './setup.ts'

describe('an instance that ends', () => {
  test('is started again after growing delays, and is a loop from the second time on', async () => {
    const { apply, world } = setup()
    world.app(WEB).crashLoop({ exitCode: 3 })
    await apply({ restart: { delay: '10s', factor: 2, maxDelay: '30s' } })
    await world.advance('10m')
    const starts = world
      .instances(WEB)
      .filter(({ state }) => state === 'failed')
      .at(-1)
    expect(starts).toMatchObject({ exitCode: 3, reason: { code: 'ExitNonZero' } })
    const waiting = world.instances(WEB).at(-1)
    // 3.6 s up to the first crash, then 10 + 20 + 30 + 30 … s of rest and 1.6 s of running.
    expect(waiting).toMatchObject({ state: 'pending', restarts: 20 })
    expect(waiting?.reason).toMatchObject({
      code: 'CrashLoop',
      message: 'ended 20 times, the last time: exited with code 3',
    })
  })

  test('makes its app delayed while it is held back', async () => {
    const { apply, world, status } = setup()
    world.app(WEB).crashLoop()
    await apply({})
    await world.advance('20s')
    expect(status().state).toBe('delayed')
    expect(codes(status())).toContain('CrashLoop')
  })

  test('once is an accident, not a loop', async () => {
    const { deploy, world, status } = setup()
    world.app(WEB).crashLoop({ times: 1, on: 'all' })
    await deploy({})
    await world.advance('1m')
    expect(status()).toMatchObject({ state: 'running', reasons: [] })
    expect(status().instances[0]?.restarts).toBe(1)
  })

  test('for want of memory says how much it had', async () => {
    const { apply, world, status } = setup()
    world.app(WEB).oom()
    await apply({ resources: { limits: { memory: '64Mi' } } })
    await world.advance('5s')
    expect(status().instances[0]).toMatchObject({
      state: 'failed',
      exitCode: 137,
      reason: { code: 'OomKilled', message: 'passed its 64 MiB of memory' },
    })
  })

  test('is given up after maxAttempts', async () => {
    const { deploy, world } = setup()
    world.app(WEB).failNext()
    const status = await deploy({ restart: { delay: '1s', maxAttempts: 2 } })
    expect(status.rollout?.state).toBe('paused')
    expect(status.instances).toMatchObject([{ state: 'failed', restarts: 2 }])
  })

  test('forgets attempts older than the window', async () => {
    const { apply, world } = setup()
    world.app(WEB).crashLoop({ after: '30s' })
    await apply({ restart: { delay: '10s', factor: 1, window: '20s', maxAttempts: 1 } })
    await world.advance('10m')
    expect(world.instances(WEB).at(-1)?.restarts).toBeGreaterThan(5)
  })

  test('with code 0 stays ended when it is started again only on failure', async () => {
    const { apply, world } = setup()
    world.app(WEB).crashLoop({ exitCode: 0 })
    await apply({ restart: { condition: 'onFailure' } })
    await world.advance('1m')
    expect(world.instances(WEB)).toMatchObject([{ state: 'succeeded', exitCode: 0 }])
  })

  test('that cannot even start says why', async () => {
    const { apply, world, status } = setup()
    world.app(WEB).failToStart('exec: "/app": permission denied')
    await apply({})
    await world.advance('4s')
    expect(status().reasons).toMatchObject([
      { code: 'StartFailed', message: 'exec: "/app": permission denied' },
    ])
  })

  test('alone is hit by a lever on it alone, and is well again when that is undone', async () => {
    const { deploy, world, status } = setup()
    const { instances } = await deploy({ replicas: 2 })
    const [one, other] = instances
    const undo = world.app(WEB).crashLoop({ on: { instance: one?.id ?? '' }, after: '5s' })
    undo()
    await world.advance('1m')
    expect(status().instances.map(({ id }) => id)).toEqual([one?.id, other?.id])
    world.app(WEB).crashLoop({ on: { instance: one?.id ?? '' } })
    await world.advance('1s')
    expect(status().instances.find(({ id }) => id === one?.id)?.state).toBe('failed')
    await world.settle()
    await world.advance('1m')
    expect(status().counts.ready).toBe(2)
    expect(status().instances.some(({ id }) => id === other?.id)).toBe(true)
  })
})

describe('an image', () => {
  test.each([
    ['missing', 'ImageNotFound'],
    ['denied', 'RegistryAuth'],
    ['broken', 'ImagePullFailed'],
  ] as const)('that is %s is tried again, later each time', async (fault, code) => {
    const { apply, world, status } = setup()
    const undo = world.images[fault]('shop/web:1')
    await apply({})
    await world.advance('1m')
    expect(status().instances).toMatchObject([{ state: 'preparing', reason: { code } }])
    undo()
    await world.advance('1m')
    expect(status()).toMatchObject({ state: 'running', reasons: [] })
  })

  test('that is slow holds back only where it is not yet', async () => {
    const { apply, world, status } = setup()
    world.images.slow('shop/web:1', '20s')
    await apply({})
    await world.advance('19s')
    expect(status().instances[0]?.state).toBe('preparing')
    await world.advance('3s')
    expect(status().instances[0]?.state).toBe('running')
  })

  test('that is never to be pulled has to be there', async () => {
    const { apply, world, status } = setup()
    await apply({ pullPolicy: 'never' })
    await world.advance('5s')
    expect(codes(status())).toEqual(['ImageNotFound'])
  })
})
