import { describe, expect, it } from 'vitest'
import { call, IMAGE, isRunning, liveCluster, NEXT_IMAGE, NO_IMAGE, webApp } from './cluster.ts'

describe('an app on a real Swarm', () => {
  it('comes up, is updated, and says the second time that nothing changed', async () => {
    await using swarm = liveCluster()
    const app = webApp('/live/web')
    const created = await swarm.apply(app)
    expect(created).toMatchObject({ changed: true, replicas: 2, previous: undefined })
    const up = await swarm.until('/live/web', isRunning)
    expect(up).toMatchObject({ revision: created.id, image: IMAGE, counts: { ready: 2 } })
    expect(await swarm.apply(app)).toMatchObject({ id: created.id, changed: false })

    const updated = await swarm.apply(webApp('/live/web', { image: NEXT_IMAGE }))
    expect(updated).toMatchObject({ changed: true, previous: created.id })
    expect(updated.generation).toBeGreaterThan(created.generation)
    const next = await swarm.until(
      '/live/web',
      (status) => isRunning(status) && status?.revision === updated.id,
    )
    expect(next.rollout?.state).toBe('succeeded')
    expect(next.instances.filter(({ ready }) => ready).map(({ revision }) => revision)).toEqual([
      updated.id,
      updated.id,
    ])
  })

  it('keeps the live replica count when replicas is absent', async () => {
    await using swarm = liveCluster()
    await swarm.apply(webApp('/live/count'))
    await swarm.adapter.scale?.('/live/count', 3, call())
    const revision = await swarm.apply(
      webApp('/live/count', { replicas: undefined, labels: { tier: 'front' } }),
    )
    expect(revision).toMatchObject({ changed: true, replicas: 3 })
    await swarm.until('/live/count', (status) => status?.counts.ready === 3)
  })

  it('reads back as the app that was applied', async () => {
    await using swarm = liveCluster()
    const app = webApp('/live/read', {
      env: { COLOUR: 'blue' },
      files: { '/etc/app.conf': { content: 'colour=blue\n' } },
      labels: { tier: 'front' },
      ports: [{ name: 'http', containerPort: 8080 }],
    })
    await swarm.apply(app)
    const native = await swarm.adapter.read('/live/read', call())
    expect(native && swarm.adapter.interpret(native)).toEqual({ app, losses: [] })
  })

  it('is suspended, resumed, scaled and restarted', async () => {
    await using swarm = liveCluster()
    const id = '/live/life'
    const { adapter } = swarm
    const created = await swarm.apply(webApp(id))
    await swarm.until(id, isRunning)

    expect(await adapter.suspend?.(id, call())).toMatchObject({ changed: true, replicas: 0 })
    await swarm.until(id, (status) => status?.state === 'suspended')
    expect(await adapter.suspend?.(id, call())).toMatchObject({ changed: false })

    expect(await adapter.resume?.(id, call())).toMatchObject({ changed: true, replicas: 2 })
    const resumed = await swarm.until(id, isRunning)
    expect(await adapter.resume?.(id, call())).toMatchObject({ changed: false })

    const restarted = await adapter.restart?.(id, call())
    expect(restarted).toMatchObject({ changed: true, id: created.id })
    const before = new Set(resumed.instances.map((instance) => instance.id))
    await swarm.until(
      id,
      (status) =>
        isRunning(status) &&
        status?.instances.filter(({ ready }) => ready).every((one) => !before.has(one.id)) === true,
    )
  })

  it('goes back to the revision before, and to one by name, with the live count', async () => {
    await using swarm = liveCluster()
    const id = '/live/back'
    const first = await swarm.apply(webApp(id, { files: { '/etc/v': { content: 'one' } } }))
    const second = await swarm.apply(
      webApp(id, { image: NEXT_IMAGE, files: { '/etc/v': { content: 'two' } } }),
    )
    await swarm.adapter.scale?.(id, 3, call())
    const back = await swarm.adapter.rollback?.(id, undefined, call())
    expect(back).toMatchObject({ id: first.id, replicas: 3, previous: second.id })
    const status = await swarm.until(id, (now) => isRunning(now) && now?.revision === first.id)
    expect(status).toMatchObject({ image: IMAGE, counts: { ready: 3 } })
    const forth = await swarm.adapter.rollback?.(id, second.id, call())
    expect(forth).toMatchObject({ id: second.id, previous: first.id })
    await expect(swarm.adapter.rollback?.(id, 'unheard-of', call())).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringContaining(first.id),
    })
  })

  it('pauses a bad update when told so, and goes on with a good one', async () => {
    await using swarm = liveCluster()
    const id = '/live/bad'
    const update = { minReadyTime: '500ms', maxUnavailable: 1, onFailure: 'pause' } as const
    await swarm.apply(webApp(id, { update }))
    await swarm.until(id, isRunning)
    await swarm.apply(webApp(id, { update, image: NO_IMAGE }))
    const paused = await swarm.until(id, (status) => status?.state === 'paused')
    expect(paused.reasons.map(({ code }) => code)).toContain('ImageNotFound')
    expect(paused.counts.running).toBeGreaterThan(0)
    await swarm.apply(webApp(id, { update, image: NEXT_IMAGE }))
    await swarm.until(id, (status) => isRunning(status) && status?.image === NEXT_IMAGE)
  })

  it('rolls a bad update back when told so', async () => {
    await using swarm = liveCluster()
    const id = '/live/rolled'
    const update = { minReadyTime: '500ms', maxUnavailable: 1, onFailure: 'rollback' } as const
    const good = await swarm.apply(webApp(id, { update }))
    await swarm.until(id, isRunning)
    const bad = await swarm.apply(webApp(id, { update, image: NO_IMAGE }))
    const back = await swarm.until(id, (status) => status?.rollout?.state === 'rolledBack')
    expect(back.revision).toBe(good.id)
    expect(back.revision).not.toBe(bad.id)
    await swarm.until(id, isRunning)
  })

  it('is deleting until its last instance has ended, then gone', async () => {
    await using swarm = liveCluster()
    const id = '/leaving/web'
    const states = new Set<string>()
    await swarm.apply(webApp(id, { files: { '/etc/v': { content: 'one' } } }))
    await swarm.until(id, isRunning)
    expect(await swarm.adapter.remove(id, call())).toBe(true)
    await swarm.until(id, (status) => {
      if (status) states.add(status.state)
      return status === undefined
    })
    expect([...states]).toEqual(['deleting'])
    expect(await swarm.adapter.remove(id, call())).toBe(false)
    expect(await swarm.adapter.read(id, call())).toBeUndefined()
  })

  it('runs a job to its end', async () => {
    await using swarm = liveCluster()
    const id = '/live/job'
    await swarm.apply(
      webApp(id, {
        kind: 'job',
        replicas: undefined,
        shell: 'echo worked',
        job: { completions: 2, parallelism: 2 },
        update: {},
      }),
    )
    const done = await swarm.until(id, (status) => status?.state === 'completed')
    expect(done.counts).toMatchObject({ desired: 2, updated: 2 })
  })
})
