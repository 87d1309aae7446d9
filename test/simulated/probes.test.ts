import { describe, expect, test } from 'vitest'
import { codes, setup, WEB } from './setup.ts'

const http = { type: 'http', port: 80 } as const

describe('checks', () => {
  test('none means ready as soon as it runs, and never healthy', async () => {
    const { deploy } = setup()
    expect((await deploy({})).instances).toMatchObject([{ ready: true, health: 'none' }])
  })

  test('of readiness gate ready; until the first verdict it is warming up', async () => {
    const { apply, world, status } = setup({ timings: { warmUp: '10s' } })
    await apply({ probes: { readiness: { ...http, interval: '4s' } } })
    await world.advance('3s')
    expect(status().instances).toMatchObject([
      { state: 'running', health: 'warmingUp', ready: false },
    ])
    // Checks at 0, 4, 8 s of its life fail, the one at 12 s passes.
    await world.advance('11s')
    expect(status().instances[0]?.ready).toBe(false)
    await world.advance('1s')
    expect(status().instances).toMatchObject([{ health: 'healthy', ready: true }])
  })

  test('begin after initialDelay, and need successThreshold passes in a row', async () => {
    const { apply, world, status } = setup()
    await apply({
      probes: { readiness: { ...http, initialDelay: '10s', interval: '2s', successThreshold: 3 } },
    })
    await world.advance('16500ms')
    expect(status().instances[0]?.ready).toBe(false)
    await world.advance('200ms')
    expect(status().instances[0]?.ready).toBe(true)
  })

  test('that fail within startPeriod do not count', async () => {
    const { deploy, world, status } = setup({ timings: { warmUp: '30s' } })
    const liveness = { ...http, interval: '5s', failureThreshold: 1, startPeriod: '31s' } as const
    await deploy({ probes: { liveness } })
    await world.advance('2m')
    expect(status().instances).toMatchObject([{ health: 'healthy', restarts: 0 }])
  })

  test('of liveness replace the instance after failureThreshold failures', async () => {
    const { deploy, world, status } = setup()
    const liveness = { ...http, interval: '5s', failureThreshold: 2 } as const
    const { instances } = await deploy({ probes: { liveness } })
    const undo = world.app(WEB).unhealthy({ on: { instance: instances[0]?.id ?? '' } })
    await world.advance('11s')
    expect(codes(status())).toContain('LivenessFailed')
    undo()
    await world.advance('1m')
    expect(status()).toMatchObject({ state: 'running', reasons: [] })
    expect(status().instances).toMatchObject([{ restarts: 1, health: 'healthy' }])
  })

  test('of readiness that fail take it out of service, and back when they pass', async () => {
    const { deploy, world, status } = setup()
    await deploy({ probes: { readiness: { ...http, interval: '2s', failureThreshold: 2 } } })
    const undo = world.app(WEB).unhealthy({ on: 'all' })
    await world.advance('5s')
    expect(status().instances).toMatchObject([
      { state: 'running', ready: false, health: 'unhealthy', restarts: 0 },
    ])
    expect(codes(status())).toEqual(['ReadinessFailed'])
    undo()
    await world.advance('3s')
    expect(status()).toMatchObject({ state: 'running', reasons: [] })
  })

  test('that are answered too late have failed', async () => {
    const { deploy, world, status } = setup()
    await deploy({ probes: { readiness: { ...http, interval: '5s', timeout: '2s' } } })
    world.app(WEB).takes({ check: '3s' })
    await world.advance('16s')
    expect(status().instances[0]).toMatchObject({ ready: false, health: 'unhealthy' })
  })

  test('of startup come first, and end the instance when they do not pass', async () => {
    const { apply, world, status } = setup({ timings: { warmUp: '7s' } })
    const probes = {
      startup: { ...http, interval: '2s', failureThreshold: 10 },
      liveness: { ...http, interval: '1s', failureThreshold: 1 },
    } as const
    await apply({ probes })
    await world.advance('9s')
    expect(status().instances).toMatchObject([{ state: 'starting', restarts: 0 }])
    await world.advance('3s')
    expect(status().instances).toMatchObject([{ state: 'running', health: 'healthy', restarts: 0 }])
    world.app(WEB).unhealthy({ probes: ['startup'] })
    await apply({ image: 'shop/web:2', probes })
    await world.advance('30s')
    expect(codes(status())).toContain('StartupTimeout')
  })

  test('need no time when nothing can change: a month of health is no work', async () => {
    const { deploy, world } = setup()
    await deploy({ replicas: 3, probes: { liveness: { ...http, interval: '1s' } } })
    let changes = 0
    world.engine.onChange(() => changes++)
    await world.advance('720h')
    expect(changes).toBe(0)
  })
})
