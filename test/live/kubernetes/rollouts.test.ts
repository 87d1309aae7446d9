import { defineApp, type Memory } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { clusters, HTTP, isRunning, liveClient, webApp } from './cluster.ts'

describe.for(clusters)('an app on a real Kubernetes with $name', (cluster) => {
  const [image, next] = cluster.images

  it('comes up, is updated, and says the second time that nothing changed', async () => {
    await using live = await liveClient(cluster)
    const first = await live.client.apply(webApp(cluster, '/live/web'))
    const up = await first.done()
    expect(up.status).toMatchObject({
      state: 'running',
      image,
      revision: first.revision.id,
      counts: { desired: 2, ready: 2 },
    })
    const again = await live.client.apply(webApp(cluster, '/live/web'))
    expect(again.revision).toMatchObject({ id: first.revision.id, changed: false })

    const updated = await live.client.apply(webApp(cluster, '/live/web', { image: next }))
    expect(updated.revision).toMatchObject({ changed: true, previous: first.revision.id })
    const { status } = await updated.done()
    expect(status?.image).toBe(next)
    const ready = status?.instances.filter((instance) => instance.ready) ?? []
    expect(ready.map(({ revision }) => revision)).toEqual([
      updated.revision.id,
      updated.revision.id,
    ])
  })

  it('never has fewer ready instances than the update allows', async () => {
    await using live = await liveClient(cluster)
    const update = { maxSurge: 1, maxUnavailable: 0 } as const
    await (await live.client.apply(webApp(cluster, '/live/smooth', { update }))).done()
    const rollout = await live.client.apply(
      webApp(cluster, '/live/smooth', { update, image: next }),
    )
    const ready: number[] = []
    for await (const { status } of rollout)
      if (status) ready.push(status.instances.filter((instance) => instance.ready).length)
    expect(ready).not.toEqual([])
    expect(Math.min(...ready)).toBeGreaterThanOrEqual(2)
    expect((await rollout.result()).outcome).toBe('succeeded')
  })

  it('keeps the live replica count when replicas is absent', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/count'
    await (await live.client.apply(webApp(cluster, id))).done()
    await (await live.client.scale(id, 3)).done()
    const rollout = await live.client.apply(
      webApp(cluster, id, { replicas: undefined, labels: { tier: 'front' } }),
    )
    expect(rollout.revision).toMatchObject({ changed: true, replicas: 3 })
    expect((await rollout.done()).status?.counts.ready).toBe(3)
  })

  it('reads back as the app that was applied', async () => {
    await using live = await liveClient(cluster)
    const app = webApp(cluster, '/live/read', {
      env: { COLOUR: 'blue' },
      files: { '/etc/app.conf': { content: 'colour=blue\n' } },
      labels: { tier: 'front' },
      ports: [...HTTP],
    })
    await (await live.client.apply(app)).done()
    expect(await live.client.export('/live/read')).toEqual({ app: defineApp(app), losses: [] })
  })

  it('is scaled to zero and back, suspended and resumed, and restarted', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/life'
    const created = await live.client.apply(webApp(cluster, id))
    await created.done()
    expect((await (await live.client.scale(id, 0)).done()).status?.state).toBe('suspended')
    expect((await (await live.client.scale(id, 2)).done()).status?.counts.ready).toBe(2)

    const suspended = await (await live.client.suspend(id)).done()
    expect(suspended.status).toMatchObject({ state: 'suspended', counts: { desired: 0 } })
    expect((await live.client.suspend(id)).revision.changed).toBe(false)
    const resumed = await (await live.client.resume(id)).done()
    expect(resumed.status).toMatchObject({ state: 'running', counts: { ready: 2 } })
    expect((await live.client.resume(id)).revision.changed).toBe(false)

    const restarted = await live.client.restart(id)
    expect(restarted.revision).toMatchObject({
      changed: true,
      id: expect.stringContaining(created.revision.id),
    })
    const { status } = await restarted.done()
    const before = new Set(resumed.status?.instances.map((instance) => instance.id))
    const ready = status?.instances.filter((instance) => instance.ready) ?? []
    expect(ready.map((instance) => before.has(instance.id))).toEqual([false, false])
  })

  it('is paused in the middle of an update, and goes on when it is resumed', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/paused'
    await (await live.client.apply(webApp(cluster, id))).done()
    await live.client.pause(id)
    const rollout = await live.client.apply(webApp(cluster, id, { image: next }))
    const paused = await live.until(id, (status) => status?.state === 'paused')
    expect(paused.rollout?.state).toBe('paused')
    expect(paused.reasons.map(({ code }) => code)).toContain('PausedByUser')
    await live.client.resume(id)
    const result = await rollout.result()
    expect(result).toMatchObject({ outcome: 'succeeded', status: { image: next } })
  })

  it('goes back to the revision before, and to one by name, with the live count', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/back'
    const files = (content: string) => ({ '/etc/v': { content } })
    const first = await live.client.apply(webApp(cluster, id, { files: files('one') }))
    await first.done()
    const second = await live.client.apply(
      webApp(cluster, id, { image: next, files: files('two') }),
    )
    await second.done()
    await (await live.client.scale(id, 3)).done()
    const back = await live.client.rollback(id)
    expect(back.revision).toMatchObject({ id: first.revision.id, previous: second.revision.id })
    const { status } = await back.done()
    expect(status).toMatchObject({ image, revision: first.revision.id, counts: { ready: 3 } })
    const forth = await live.client.rollback(id, { to: second.revision.id })
    expect((await forth.done()).status).toMatchObject({ image: next })
    await expect(live.client.rollback(id, { to: 'unheard-of' })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('is deleting until its last instance has ended, then gone', async () => {
    await using live = await liveClient(cluster)
    const id = '/leaving/web'
    await (await live.client.apply(webApp(cluster, id))).done()
    expect(await live.client.remove(id)).toBe(true)
    const states = new Set<string>()
    await live.until(id, (status) => {
      if (status) states.add(status.state)
      return status === undefined
    })
    expect([...states].filter((state) => state !== 'deleting')).toEqual([])
    expect(await live.client.remove(id)).toBe(false)
    expect(await live.client.status(id)).toBeUndefined()
  })
})

describe.for(clusters)('other kinds of app on a real Kubernetes with $name', (cluster) => {
  it('a stateful app gives each instance a slot and a volume of its own, and updates it', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/store'
    const app = webApp(cluster, id, {
      kind: 'stateful',
      volumes: { data: { type: 'claim', mountPath: '/data', size: '16Mi' } },
    })
    const { status } = await (await live.client.apply(app)).done()
    expect(status?.instances.map(({ slot }) => slot).sort()).toEqual(['0', '1'])
    const claims = await live.kubectl('get', 'persistentvolumeclaims', '--output', 'name')
    expect(claims.trim().split('\n')).toHaveLength(2)
    const update = await live.client.apply({ ...app, image: cluster.images[1] })
    expect((await update.done()).status?.counts).toMatchObject({ updated: 2, ready: 2 })
  })

  it('a stateful app is made anew where a claim changes, and only when told so', async () => {
    await using live = await liveClient(cluster)
    const id = '/live/claims'
    const claiming = (size: Memory) =>
      webApp(cluster, id, {
        kind: 'stateful',
        replicas: 1,
        volumes: { data: { type: 'claim', mountPath: '/data', size } },
      })
    await (await live.client.apply(claiming('16Mi'))).done()
    expect(await live.client.plan(claiming('16Mi'))).toMatchObject({ action: 'none', warnings: [] })
    const larger = claiming('32Mi')
    expect(await live.client.plan(larger)).toMatchObject({
      effect: 'replace',
      changes: [{ path: '/volumes/data/size', effect: 'replace' }],
    })
    await expect(live.client.apply(larger)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('/volumes/data'),
      remedy: expect.stringContaining('replace'),
    })
    expect((await live.client.status(id))?.counts.ready).toBe(1)
    const { status } = await (await live.client.apply(larger, { replace: true })).done()
    expect(status?.counts.ready).toBe(1)
    expect((await live.client.plan(larger)).action).toBe('none')
  })

  it('a daemon runs once on every node', async () => {
    await using live = await liveClient(cluster)
    const app = webApp(cluster, '/live/agent', { kind: 'daemon', replicas: undefined })
    const { status } = await (await live.client.apply(app)).done()
    const nodes = new Set(status?.instances.map(({ node }) => node))
    expect(nodes.size).toBe(status?.counts.desired)
    expect(nodes.size).toBeGreaterThan(0)
    expect(isRunning(status)).toBe(true)
  })

  it('a job is completed when it has ended as often as wanted', async () => {
    await using live = await liveClient(cluster)
    const app = webApp(cluster, '/live/job', {
      kind: 'job',
      shell: 'echo worked; sleep 1',
      job: { completions: 2, parallelism: 2 },
    })
    const { status } = await (await live.client.apply(app)).done()
    expect(status).toMatchObject({ state: 'completed', counts: { desired: 2, updated: 2 } })
  })

  it('a job fails when it has failed as often as it may', async () => {
    await using live = await liveClient(cluster)
    const app = webApp(cluster, '/live/broken', {
      kind: 'job',
      shell: 'echo tried; exit 3',
      restart: { maxAttempts: 1 },
    })
    const result = await (await live.client.apply(app)).result()
    expect(result).toMatchObject({ outcome: 'failed', status: { state: 'failed' } })
    expect(result.status?.instances.map(({ exitCode }) => exitCode)).toContain(3)
  })
})
