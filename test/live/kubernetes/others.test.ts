import { defineApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { clusters, HTTP, isRunning, liveClient, webApp } from './cluster.ts'

describe.for(clusters)('someone else on a real Kubernetes with $name', (cluster) => {
  const [image, next] = cluster.images

  it('who changes the app in the middle of its rollout supersedes it', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/hands'
    await (await live.client.apply(webApp(cluster, id))).done()
    const update = webApp(cluster, id, { image: cluster.images[2] })
    const rollout = await live.client.apply(update)
    await live.until(id, (status) => (status?.counts.pending ?? 0) > 0)
    const container = await live.kubectl(
      ...['get', 'deployment/with--hands', '--output'],
      'jsonpath={.spec.template.spec.containers[0].name}',
    )
    await live.kubectl('set', 'image', 'deployment/with--hands', `${container}=${next}`)
    expect(await rollout.result()).toMatchObject({ outcome: 'superseded' })
    const status = await live.until(id, isRunning)
    expect(status.image).toBe(next)
  })

  it('who has taken a field is named, and keeps it until told otherwise', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/rival'
    await (await live.client.apply(webApp(cluster, id, { labels: { tier: 'front' } }))).done()
    const deployment = await live.kubectl('get', 'deployment/with--rival', '--output', 'json')
    const { metadata } = JSON.parse(deployment)
    const theirs = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: metadata.name, labels: { tier: 'theirs' } },
    }
    await live.apply(theirs, '--server-side', '--field-manager=rival', '--force-conflicts')
    const ours = webApp(cluster, id, { labels: { tier: 'back' } })
    await expect(live.client.apply(ours)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('rival'),
      remedy: expect.stringContaining('force'),
    })
    expect((await live.client.status(id))?.labels).toEqual({ tier: 'theirs' })
    await (await live.client.apply(ours, { force: true })).done()
    expect((await live.client.status(id))?.labels).toEqual({ tier: 'back' })
  })

  it('whose app has the name keeps it until told otherwise', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/theirs'
    await live.kubectl('create', 'deployment', 'with--theirs', `--image=${image}`, '--replicas=0')
    await expect(live.client.apply(webApp(cluster, id))).rejects.toMatchObject({
      code: 'CONFLICT',
      remedy: expect.stringContaining('force'),
    })
    expect(await live.client.status(id)).toMatchObject({ managed: false, image })
    expect(await live.kubectl('get', 'deployments', '--output', 'name')).toBe(
      'deployment.apps/with--theirs\n',
    )
  })

  it('whose app was taken over leaves nothing behind that a plan would show', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/before'
    const name = 'with--before'
    await live.kubectl('create', 'deployment', name, `--image=${image}`, '--replicas=0')
    const ours = webApp(cluster, id, { ports: [...HTTP] })
    const { status } = await (await live.client.apply(ours, { force: true })).done()
    expect(status).toMatchObject({ managed: true, counts: { ready: 2 } })
    const query = 'jsonpath={.spec.selector.matchLabels}'
    const selector = await live.kubectl('get', 'deployment', name, '--output', query)
    expect(JSON.parse(selector)).toEqual({ app: name })
    expect(await live.client.plan(ours)).toMatchObject({ action: 'none', changes: [] })
    expect((await live.client.apply(ours)).revision.changed).toBe(false)
    expect(await live.client.export(id)).toEqual({ app: defineApp(ours), losses: [] })
  })

  it('has two workloads of one name: the Deployment is the app, then what is left is', async () => {
    await using live = await liveClient(cluster)
    const name = 'with--twins'
    const id = '/with/twins'
    await live.kubectl(
      ...['create', 'cronjob', name, `--image=${image}`, '--schedule=0 0 1 1 *'],
      ...['--', 'true'],
    )
    const kinds = async () => {
      const listed = await Array.fromAsync(live.client.list({ ids: [id] }))
      const seen = await live.until(id, (status) => status !== undefined)
      return [...listed, seen, await live.client.status(id)].map((status) => status?.kind)
    }
    expect(await kinds()).toEqual(['cron', 'cron', 'cron'])
    await live.kubectl('create', 'deployment', name, `--image=${image}`, '--replicas=0')
    expect(await kinds()).toEqual(['service', 'service', 'service'])
    await live.kubectl('delete', 'deployment', name)
    expect(await kinds()).toEqual(['cron', 'cron', 'cron'])
  })

  it('who scales an app without a replica count has the last word', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/scaler'
    await (await live.client.apply(webApp(cluster, id, { replicas: undefined }))).done()
    await live.kubectl('scale', 'deployment/with--scaler', '--replicas=3')
    await live.until(id, (status) => status?.counts.ready === 3)
    const again = webApp(cluster, id, { replicas: undefined, env: { COLOUR: 'blue' } })
    const { status } = await (await live.client.apply(again)).done()
    expect(status?.counts).toMatchObject({ desired: 3, ready: 3 })
  })

  it('keeps what is theirs when an app is pruned and removed', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/parts'
    const objects = async () => {
      const kinds = 'services,configmaps,secrets,deployments,poddisruptionbudgets'
      const names = await live.kubectl('get', kinds, '--output', 'name')
      return names.trim().split('\n').sort()
    }
    const before = await objects()
    await live.kubectl('create', 'configmap', 'with--parts-of-theirs', '--from-literal=a=b')
    const full = webApp(cluster, id, {
      ports: [...HTTP],
      files: { '/etc/v': { content: 'one' } },
    })
    await (await live.client.apply(full)).done()
    const withAll = await objects()
    expect(withAll.some((name) => name.startsWith('service/with--parts'))).toBe(true)
    expect(withAll.some((name) => name.startsWith('configmap/with--parts---'))).toBe(true)
    await (await live.client.apply(webApp(cluster, id))).done()
    expect(await live.client.remove(id)).toBe(true)
    await live.until(id, (status) => status === undefined)
    expect(await objects()).toEqual([...before, 'configmap/with--parts-of-theirs'].sort())
  })

  it('loses nothing silently when several apply at once', async () => {
    await using live = await liveClient(cluster)
    const id = '/with/race'
    await live.client.apply(webApp(cluster, id, { replicas: 0 }))
    const colours = ['one', 'two', 'three', 'four']
    const outcomes = await Promise.allSettled(
      colours.map((COLOUR) =>
        live.client.apply(webApp(cluster, id, { replicas: 0, env: { COLOUR } })),
      ),
    )
    const accepted = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(accepted.length).toBeGreaterThan(0)
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 'CONFLICT'))
    const now = await live.client.status(id)
    expect(accepted.map(({ revision }) => revision.id)).toContain(now?.revision)
  })
})

describe.for(clusters)('secrets and configs on a real Kubernetes with $name', (cluster) => {
  it('are rotated by the next apply, and nothing restarts while they stay the same', async () => {
    await using live = await liveClient(cluster)
    const { client } = live
    const id = '/with/secrets'
    await client.putSecret({ name: 'vault', data: { password: 'first', user: 'root' } })
    await client.putConfig({ name: 'motd', data: 'hello' })
    const app = webApp(cluster, id, {
      env: { PASSWORD: { secret: 'vault', key: 'password' } },
      files: { '/etc/motd': { config: 'motd' } },
    })
    const first = await client.apply(app)
    const before = (await first.done()).status
    expect((await client.apply(app)).revision.changed).toBe(false)
    expect(
      await client.putSecret({ name: 'vault', data: { password: 'first', user: 'root' } }),
    ).toBe(false)
    expect(
      await client.putSecret({ name: 'vault', data: { password: 'second', user: 'root' } }),
    ).toBe(true)
    const second = await client.apply(app)
    expect(second.revision.changed).toBe(true)
    const after = (await second.done()).status
    const old = new Set(before?.instances.map((instance) => instance.id))
    const ready = after?.instances.filter((instance) => instance.ready) ?? []
    expect(ready.map((instance) => old.has(instance.id))).toEqual([false, false])
    const native = JSON.stringify(await client.native(id))
    expect(native).not.toContain('second')
  })

  it('have to be there: an app that refers to others is refused', async () => {
    await using live = await liveClient(cluster)
    const app = webApp(cluster, '/with/nothing', {
      env: { PASSWORD: { secret: 'absent', key: 'password' } },
      files: { '/etc/motd': { config: 'gone' } },
    })
    await expect(live.client.apply(app)).rejects.toMatchObject({
      code: 'APP_INVALID',
      message: expect.stringMatching(/absent.*gone|gone.*absent/),
    })
    expect(await live.client.status('/with/nothing')).toBeUndefined()
  })
})
