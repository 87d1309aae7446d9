import { type AppInput, type Client, connect, fleet } from 'intermodal'
import { createWorld, simulated, type World } from 'intermodal/simulated'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let world: World
let client: Client

beforeEach(() => {
  world = createWorld({ clock: 'manual' })
  client = connect(simulated({ world }), { name: 'prod' })
})

afterEach(async () => {
  await client[Symbol.asyncDispose]()
  world.close()
})

/** Lets virtual time pass until the promise has settled. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let steps = 0; !settled; steps++) {
    if (steps > 2000) throw new Error('not settled after hours of virtual time')
    await world.advance('5s')
  }
  return promise
}

const web: AppInput = { id: '/shop/web', image: 'shop/web:1', replicas: 3 }

describe('a plan on the simulator', () => {
  it('is no change right after the app was applied, whatever it sets', async () => {
    const rich: AppInput = {
      ...web,
      env: { LOG_LEVEL: 'info' },
      resources: { requests: { cpu: '250m', memory: '64Mi' } },
      ports: [{ name: 'http', containerPort: 8080 }],
      probes: { readiness: { type: 'http', path: '/health' } },
      update: { maxSurge: 1, onFailure: 'rollback' },
      labels: { team: 'shop' },
    }
    await passing((await client.apply(rich)).done())
    await expect(client.plan(rich)).resolves.toMatchObject({ action: 'none', warnings: [] })
  })

  it('comes true: as many instances are replaced as it says', async () => {
    await passing((await client.apply(web)).done())
    const before = new Set(world.instances('/shop/web').map(({ id }) => id))
    const next = { ...web, image: 'shop/web:2' }
    const plan = await client.plan(next)
    await passing((await client.apply(next)).done())
    const running = world.instances('/shop/web').filter(({ state }) => state === 'running')
    expect(plan.restarts).toBe(3)
    expect(running.filter(({ id }) => !before.has(id))).toHaveLength(plan.restarts)
  })

  it('comes true: what it calls in place replaces nothing', async () => {
    await passing((await client.apply(web)).done())
    const before = world.instances('/shop/web').map(({ id }) => id)
    const next = { ...web, labels: { team: 'shop' } }
    await expect(client.plan(next)).resolves.toMatchObject({ effect: 'inPlace', restarts: 0 })
    await passing((await client.apply(next)).done())
    expect(world.instances('/shop/web').map(({ id }) => id)).toEqual(before)
  })

  it('foresees what the cluster has no room for', async () => {
    const big = { ...web, resources: { requests: { cpu: 16 } } }
    await expect(client.plan(big)).resolves.toMatchObject({
      warnings: ['each instance needs 16 cpu, the largest node has 4'],
    })
  })

  it('warns of a dependency that is not there, and no more once it is', async () => {
    const needy: AppInput = { ...web, dependsOn: { db: 'healthy' } }
    await expect(client.plan(needy)).resolves.toMatchObject({
      warnings: ['it depends on /shop/db, which is not on prod'],
    })
    await passing((await client.apply({ id: '/shop/db', image: 'db:1' })).done())
    await expect(client.plan(needy)).resolves.toMatchObject({ warnings: [] })
  })
})

describe('an explanation on the simulator', () => {
  it('sets what is needed against what there is', async () => {
    await client.apply({ ...web, resources: { requests: { cpu: 3 } }, replicas: 4 })
    await world.advance('5m')
    const { state, summary, findings } = await client.explain('/shop/web')
    expect(state).toBe('waiting')
    expect(summary).toMatch(/^\/shop\/web is waiting: 1 of 4 instances has no place, for /)
    expect(findings[0]).toMatchObject({ code: 'InsufficientCpu', count: 1 })
    expect(findings[0]?.message).toContain('needs 3 cpu, the emptiest node has 1')
  })

  it('names the image that is missing, and the instances that wait for it', async () => {
    world.images.missing('shop/web:9')
    await client.apply({ ...web, image: 'shop/web:9' })
    await world.advance('5m')
    const { findings } = await client.explain('/shop/web')
    expect(findings[0]?.code).toBe('ImageNotFound')
    expect(findings[0]?.instances.length).toBeGreaterThan(0)
  })

  it('finds nothing wrong with an app that runs', async () => {
    await passing((await client.apply(web)).done())
    await expect(client.explain('/shop/web')).resolves.toMatchObject({
      state: 'running',
      summary: '/shop/web is running: 3 of 3 instances are ready',
      findings: [],
    })
  })
})

describe('a group on the simulator', () => {
  const shop = {
    group: '/shop',
    secrets: { 'db-password': 'open sesame' },
    apps: {
      web: { image: 'shop/web:1', replicas: 2, dependsOn: { api: 'healthy' } },
      api: {
        image: 'shop/api:1',
        env: { DB_PASSWORD: { secret: 'db-password' } },
        dependsOn: { migrate: 'completed', store: 'started' },
      },
      migrate: { kind: 'job', image: 'shop/migrate:1', dependsOn: { store: 'healthy' } },
      store: {
        kind: 'stateful',
        image: 'store:1',
        volumes: { data: { type: 'claim', mountPath: '/data', size: '1Gi' } },
      },
    },
  } as const

  it('comes up in the order of its dependencies', async () => {
    const group = await client.applyGroup(shop)
    await expect(passing(group.done())).resolves.toMatchObject({ outcome: 'succeeded' })
    const applied: string[] = []
    for await (const step of group) if (step.type === 'applied') applied.push(step.app)
    expect(applied).toEqual(['/shop/store', '/shop/migrate', '/shop/api', '/shop/web'])
    expect(world.apps().map(({ id, state }) => `${id} ${state}`)).toEqual(
      expect.arrayContaining(['/shop/web running', '/shop/migrate completed']),
    )
  })

  it('changes nothing the second time', async () => {
    await passing((await client.applyGroup(shop)).done())
    const before = world.instances().map(({ id }) => id)
    const again = await client.applyGroup(shop)
    await expect(passing(again.done())).resolves.toMatchObject({ outcome: 'succeeded' })
    expect(world.instances().map(({ id }) => id)).toEqual(before)
  })

  it('puts everything back when one app does not come up', async () => {
    await passing((await client.applyGroup(shop)).done())
    world.images.missing('shop/web:2')
    const next = {
      ...shop,
      apps: {
        ...shop.apps,
        api: { ...shop.apps.api, image: 'shop/api:2' },
        web: { ...shop.apps.web, image: 'shop/web:2' },
        extra: { image: 'extra:1' },
      },
    } as const
    const group = await client.applyGroup(next, { onFailure: 'rollback', failFast: true })
    await expect(passing(group.result())).resolves.toMatchObject({ outcome: 'rolledBack' })
    const images = world.apps().map(({ id, image, state }) => `${id} ${image} ${state}`)
    expect(images.sort()).toEqual([
      '/shop/api shop/api:1 running',
      '/shop/migrate shop/migrate:1 completed',
      '/shop/store store:1 running',
      '/shop/web shop/web:1 running',
    ])
  })

  it('applies nothing when one app refers to a group that is not there', async () => {
    const lost = { ...web, dependsOn: { '/nowhere/db': 'healthy' } } as const
    await expect(client.applyGroup([{ id: '/shop/a', image: 'a:1' }, lost])).rejects.toMatchObject({
      code: 'APP_INVALID',
    })
    expect(world.apps()).toEqual([])
  })
})

describe('a fleet of simulators', () => {
  it('finds what is wrong, anywhere, while a cluster is silent', async () => {
    const far = createWorld({ clock: 'manual' })
    await using estate = fleet(
      { prod: simulated({ world }), far: simulated({ world: far }) },
      { timeout: '10s', retries: 0 },
    )
    await estate.client('prod').apply({ ...web, resources: { requests: { cpu: 3 } }, replicas: 4 })
    await estate.client('far').apply(web)
    await world.advance('5m')
    await far.advance('5m')
    await expect(estate.summary()).resolves.toMatchObject({
      total: { apps: 2, states: { waiting: 1, running: 1 }, worst: 'waiting' },
    })

    far.faults.hang('list')
    const list = estate.list()
    const first = await list.next()
    expect(first.value?.ref).toBe('prod:/shop/web')
    const second = list.next()
    await far.advance('10s')
    await expect(second).resolves.toMatchObject({
      value: { ref: 'far:/shop/web', status: { state: 'running', observed: { stale: true } } },
    })
    await list.next()
    expect(list.problems).toMatchObject([{ cluster: 'far', error: { code: 'TIMEOUT' }, stale: 1 }])
    far.close()
  })
})
