import { describe, expect, test } from 'vitest'
import { call, codes, setup, WEB } from './setup.ts'

const NEXT = { image: 'shop/web:2' }

describe('a first deployment', () => {
  test('is not observed before time moves', async () => {
    const { apply, status, world } = setup()
    const revision = await apply({ replicas: 2 })
    expect(revision).toMatchObject({ app: WEB, generation: 1, changed: true, replicas: 2 })
    expect(status()).toMatchObject({
      state: 'deploying',
      generation: { desired: 1, observed: 0 },
      instances: [],
    })
    await world.advance('0s')
    expect(status().generation.observed).toBe(1)
  })

  test('goes through every state an instance has', async () => {
    const { apply, status, world } = setup()
    await apply({})
    const seen = new Set<string>()
    for (let step = 0; step < 80; step++) {
      await world.advance('50ms')
      for (const { state } of status().instances) seen.add(state)
    }
    expect([...seen]).toEqual(['assigned', 'preparing', 'starting', 'running'])
    expect(status()).toMatchObject({ state: 'running', rollout: { state: 'succeeded' } })
  })

  test('pulls an image once for each node', async () => {
    const { deploy, apply, world, status } = setup({ nodes: 1 })
    await deploy({})
    await apply({ replicas: 2 })
    await world.advance('700ms')
    expect(status().counts.running).toBe(2)
  })

  test('that never gets ready has nothing to go back to, and has failed', async () => {
    const { deploy, world } = setup()
    world.app(WEB).failNext()
    const status = await deploy({ update: { onFailure: 'rollback', progressDeadline: '1m' } })
    expect(status).toMatchObject({ state: 'failed', rollout: { state: 'failed' } })
    expect(codes(status)).toContain('CrashLoop')
  })
})

describe('an update', () => {
  test('is no change when the app is the same', async () => {
    const { apply, deploy } = setup()
    const { revision, generation } = await deploy({ replicas: 2 })
    expect(await apply({ replicas: 2 })).toMatchObject({
      id: revision,
      changed: false,
      generation: generation.desired,
    })
  })

  test('of labels alone replaces no instance', async () => {
    const { deploy } = setup()
    const before = await deploy({ labels: { team: 'a' } })
    const after = await deploy({ labels: { team: 'b' } })
    expect(after.labels).toEqual({ team: 'b' })
    expect(after.revision).toBe(before.revision)
    expect(after.instances).toEqual(before.instances)
  })

  test('keeps the live replica count when replicas is absent', async () => {
    const { adapter, deploy } = setup()
    await deploy({ replicas: 2 })
    await adapter.scale?.(WEB, 4, call)
    expect((await deploy(NEXT)).counts.ready).toBe(4)
  })

  test('recreates by stopping every old instance before the first new one', async () => {
    const { deploy, apply, world, status } = setup()
    const { revision } = await deploy({ replicas: 3, update: { strategy: 'recreate' } })
    await apply({ ...NEXT, replicas: 3, update: { strategy: 'recreate' } })
    for (let tenth = 0; tenth < 60; tenth++) {
      const revisions = new Set(status().instances.map((one) => one.revision))
      expect(revisions.size).toBeLessThanOrEqual(1)
      await world.advance('100ms')
    }
    expect(status()).toMatchObject({ state: 'running', counts: { updated: 3, ready: 3 } })
    expect(status().revision).not.toBe(revision)
  })

  test('waits from one batch to the next', async () => {
    const { deploy, apply, world, status } = setup()
    await deploy({ replicas: 4 })
    await apply({
      ...NEXT,
      replicas: 4,
      update: { maxSurge: 4, batchSize: 2, batchDelay: '1m' },
    })
    await world.advance('30s')
    expect(status().counts).toMatchObject({ updated: 2, running: 4 })
    await world.advance('1m')
    expect(status()).toMatchObject({ state: 'running', counts: { updated: 4, running: 4 } })
  })

  test('counts an instance only when it was ready for minReadyTime', async () => {
    const { deploy, apply, world, status } = setup({ nodes: 1 })
    await deploy({})
    await apply({ ...NEXT, update: { minReadyTime: '20s' } })
    await world.advance('15s')
    expect(status().instances.filter(({ ready }) => ready)).toHaveLength(2)
    await world.settle()
    expect(status().instances).toHaveLength(1)
  })

  test('is held by pause and goes on after resume', async () => {
    const { adapter, deploy, apply, world, status } = setup()
    await deploy({ replicas: 3 })
    await apply({ ...NEXT, replicas: 3 })
    await world.advance('4s')
    await adapter.pause?.(WEB, call)
    await world.advance('1h')
    const held = status()
    expect(held.state).toBe('paused')
    expect(codes(held)).toContain('PausedByUser')
    expect(new Set(held.instances.map(({ revision }) => revision)).size).toBe(2)
    await adapter.resume?.(WEB, call)
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', counts: { updated: 3 } })
  })

  test('cannot be paused when there is none', async () => {
    const { adapter, deploy } = setup()
    await deploy({})
    await expect(adapter.pause?.(WEB, call)).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('an update that goes wrong', () => {
  const old = { image: 'shop/web:1', env: { MODE: 'old' }, replicas: 3 }
  const bad = (onFailure: 'pause' | 'rollback' | 'continue', more: object = {}) => ({
    image: 'shop/web:bad',
    env: { MODE: 'new' },
    update: { onFailure, progressDeadline: '1m', ...more } as const,
  })

  test('pauses with the cause when the app says pause', async () => {
    const { deploy, world } = setup()
    await deploy(old)
    world.images.missing('shop/web:bad')
    const status = await deploy(bad('pause'))
    expect(status).toMatchObject({ state: 'paused', rollout: { state: 'paused' } })
    expect(codes(status)).toEqual(expect.arrayContaining(['PausedOnFailure', 'ImageNotFound']))
    expect(status.counts.running).toBe(3)
  })

  test('puts the whole previous app back, but keeps the live replica count', async () => {
    const { adapter, apply, deploy, world, status } = setup()
    const first = await deploy(old)
    world.images.missing('shop/web:bad')
    const failed = await apply(bad('rollback'))
    await adapter.scale?.(WEB, 4, call)
    await world.settle()
    expect(status()).toMatchObject({
      state: 'running',
      image: 'shop/web:1',
      revision: first.revision,
      counts: { desired: 4, updated: 4, ready: 4 },
      rollout: { state: 'rolledBack', revision: failed.id },
    })
    expect((await adapter.read(WEB, call))?.app.env).toEqual({ MODE: 'old' })
  })

  test('goes on trying with continue, and has succeeded once it comes up after all', async () => {
    const { deploy, world, status } = setup()
    await deploy(old)
    const undo = world.images.missing('shop/web:bad')
    expect((await deploy(bad('continue'))).rollout?.state).toBe('failed')
    undo()
    await world.advance('10m')
    expect(status()).toMatchObject({ state: 'running', rollout: { state: 'succeeded' } })
  })

  test('fails at once when more than maxFailureRatio of the instances failed', async () => {
    const { deploy, apply, world, status } = setup()
    await deploy(old)
    world.app(WEB).failNext()
    await apply(bad('rollback', { maxFailureRatio: 0, minReadyTime: '10s' }))
    await world.advance('30s')
    expect(status().rollout?.state).toBe('rolledBack')
    expect(status().rollout?.message).toMatch(/exited with code 1/)
  })

  test('fails at once when nothing will be tried again', async () => {
    const { deploy, world } = setup()
    world.app(WEB).failNext()
    const status = await deploy({ replicas: 2, restart: { condition: 'never' } })
    expect(status.rollout).toMatchObject({ state: 'paused' })
    expect(status.instances.every(({ restarts }) => restarts === 0)).toBe(true)
  })

  test('tries again what was given up when someone resumes it', async () => {
    const { adapter, deploy, world, status } = setup()
    const undo = world.app(WEB).failNext()
    await deploy({ replicas: 2, restart: { condition: 'never' } })
    undo()
    await adapter.resume?.(WEB, call)
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', counts: { ready: 2 } })
  })
})

describe('changes beyond the app', () => {
  test('restart makes a new revision of the same app, and applying it again changes nothing', async () => {
    const { adapter, apply, deploy, world, status } = setup()
    const first = await deploy({ replicas: 2 })
    const restart = await adapter.restart?.(WEB, call)
    expect(restart).toMatchObject({ changed: true, previous: first.revision })
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', revision: restart?.id })
    expect(status().instances.some(({ id }) => first.instances.some((one) => one.id === id))).toBe(
      false,
    )
    expect(await apply({ replicas: 2 })).toMatchObject({ changed: false, id: restart?.id })
  })

  test('rollback goes to the revision before the newest, or to one by its id', async () => {
    const { adapter, deploy, world, status } = setup()
    const first = await deploy({ image: 'shop/web:1' })
    await deploy({ image: 'shop/web:2' })
    await deploy({ image: 'shop/web:3' })
    await adapter.rollback?.(WEB, undefined, call)
    await world.settle()
    expect(status()).toMatchObject({ image: 'shop/web:2', rollout: { state: 'succeeded' } })
    await adapter.rollback?.(WEB, first.revision, call)
    await world.settle()
    expect(status().image).toBe('shop/web:1')
    await expect(adapter.rollback?.(WEB, 'nowhere', call)).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  test('scale keeps an autoscaled app between its min and max', async () => {
    const { adapter, deploy } = setup()
    const metrics = [{ type: 'cpu' as const, utilization: 80 }]
    expect((await deploy({ autoscale: { min: 2, max: 4, metrics } })).counts.ready).toBe(2)
    expect(await adapter.scale?.(WEB, 9, call)).toMatchObject({ replicas: 4 })
  })

  test('suspend remembers the count for resume', async () => {
    const { adapter, deploy, world, status } = setup()
    await deploy({ replicas: 3 })
    expect(await adapter.suspend?.(WEB, call)).toMatchObject({ replicas: 0 })
    await world.settle()
    expect(status()).toMatchObject({ state: 'suspended', counts: { running: 0 } })
    expect(await adapter.resume?.(WEB, call)).toMatchObject({ replicas: 3 })
    await world.settle()
    expect(status()).toMatchObject({ state: 'running', counts: { ready: 3 } })
  })

  test('remove shows the app as deleting until the last instance is gone', async () => {
    const { adapter, deploy, world, status } = setup()
    await deploy({})
    expect(await adapter.remove(WEB, call)).toBe(true)
    expect(status().state).toBe('deleting')
    await world.settle()
    expect(world.apps()).toEqual([])
    expect(await adapter.remove(WEB, call)).toBe(false)
  })

  test('kill ends one instance and another takes its place', async () => {
    const { adapter, deploy, world, status } = setup()
    const { instances } = await deploy({ replicas: 2 })
    const victim = instances[0]?.id ?? ''
    expect(await adapter.kill?.(WEB, victim, call)).toBe(true)
    await world.settle()
    expect(status().counts.ready).toBe(2)
    expect(status().instances.map(({ id }) => id)).not.toContain(victim)
    expect(await adapter.kill?.(WEB, victim, call)).toBe(false)
  })
})
