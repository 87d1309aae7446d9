import { type AppInput, type ByHandTopic, defineApp, type Loss, planMigration } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { byHand } from '../../src/migrate/by-hand.ts'
import { originOf, withOrigin } from '../../src/migrate/origin.ts'
import { carriedOf, nativeLosses, shiftSteps } from '../../src/migrate/plan.ts'
import { twoSides, web } from './two-sides.ts'

const WEB = defineApp({ id: '/shop/web', image: 'web:1' })

describe('the steps of the old side', () => {
  it.each([
    [4, 4, [3, 2, 1, 0]],
    [3, 4, [2, 1, 0]],
    [10, 4, [7, 5, 2, 0]],
    [10, 1, [0]],
    [1, 4, [0]],
    [0, 4, []],
  ])('of %d instances in %d are %j', (count, steps, left) => {
    expect(shiftSteps(count, steps)).toEqual(left)
  })

  it('go on from where the old side is', () => {
    expect(shiftSteps(10, 4, 5)).toEqual([2, 0])
    expect(shiftSteps(10, 4, 6)).toEqual([5, 2, 0])
    expect(shiftSteps(10, 4, 0)).toEqual([])
  })
})

describe('what is carried', () => {
  const app = defineApp({
    ...web,
    env: { A: '1', B: '2' },
    probes: { liveness: { type: 'tcp', port: 80 }, readiness: { type: 'tcp', port: 80 } },
    annotations: { note: 'x' },
  })
  const loss = (path: string): Loss => ({ path, kind: 'approximated', detail: '' })

  it('is every place no loss is at, above or below of', () => {
    expect(carriedOf(app, [])).toEqual([
      '/image',
      '/replicas',
      '/env/A',
      '/env/B',
      '/probes/liveness',
      '/probes/readiness',
    ])
    expect(carriedOf(app, [loss('/env'), loss('/probes/liveness/port')])).toEqual([
      '/image',
      '/replicas',
      '/probes/readiness',
    ])
  })
})

describe("patches in an engine's own words", () => {
  const app = defineApp({
    ...web,
    native: {
      marathon: { role: 'prod', fetch: [{ uri: 'x' }] },
      swarm: { service: { Name: 'x' } },
    },
  })

  it('are dropped leaf by leaf, but for those of the new engine', () => {
    expect(nativeLosses(app, 'swarm').map(({ path, kind }) => [path, kind])).toEqual([
      ['/native/marathon/role', 'dropped'],
      ['/native/marathon/fetch', 'dropped'],
    ])
  })

  it('are nothing where the engine has filled them in by itself', () => {
    const paths = nativeLosses(app, 'swarm', ['/native/marathon/role']).map(({ path }) => path)
    expect(paths).toEqual(['/native/marathon/fetch'])
  })
})

describe('where an app came from', () => {
  it.each([
    { from: 'legacy', replicas: 3 },
    { from: 'a from b', replicas: 0 },
    { from: 'x' },
    { from: 'legacy', replicas: 2, over: '3f2a9c01d4' },
    { from: 'in place of x from y', over: 'r1' },
  ])('is read from the app as it was written: %j', (origin) => {
    expect(originOf(withOrigin(WEB, origin))).toEqual(origin)
    expect(withOrigin(withOrigin(WEB, origin), undefined)).toEqual(WEB)
  })

  it('is nothing for an app that was not moved, or has somebody else’s text there', () => {
    expect(originOf(WEB)).toBe(undefined)
    expect(originOf({ annotations: { 'migration.intermodal/origin': 'hand-made' } })).toBe(
      undefined,
    )
  })
})

describe('what is left to do by hand', () => {
  const tell = (app: Partial<AppInput>, more: Partial<Parameters<typeof byHand>[0]> = {}) =>
    byHand({
      app: defineApp({ id: '/shop/web', image: 'web:1', ...app } as AppInput),
      from: 'legacy',
      hostNames: ['.mesos', '.svc', 'tasks.'],
      to: 'prod',
      given: { secrets: new Set(), configs: new Set() },
      missing: [],
      keep: false,
      rerunJobs: false,
      ...more,
    }).map(({ topic, path }) => `${topic} ${path}`)

  it.each<[ByHandTopic, Partial<AppInput>, string]>([
    [
      'data',
      { kind: 'stateful', volumes: { d: { type: 'claim', mountPath: '/d', size: '1Gi' } } },
      '/volumes/d',
    ],
    ['data', { volumes: { d: { type: 'named', mountPath: '/d' } } }, '/volumes/d'],
    ['data', { volumes: { d: { type: 'host', mountPath: '/d', path: '/srv' } } }, '/volumes/d'],
    ['address', { ports: [{ name: 'a', containerPort: 1, hostPort: 80 }] }, '/ports/0'],
    ['address', { ports: [{ name: 'a', containerPort: 1, servicePort: 80 }] }, '/ports/0'],
    [
      'address',
      { ports: [{ name: 'a', containerPort: 1, exposure: 'public', host: 'x.org' }] },
      '/ports/0',
    ],
    ['address', { ports: [{ name: 'a', containerPort: 1, exposure: 'cluster' }] }, '/ports/0'],
    ['address', { env: { DB: 'db.shop.marathon.mesos:5432' } }, '/env/DB'],
    ['address', { env: { DB: 'http://db.shop.svc:80' } }, '/env/DB'],
    ['address', { env: { DB: 'tasks.db' } }, '/env/DB'],
    ['secret', { env: { KEY: { secret: 'key' } } }, '/env/KEY'],
    [
      'secret',
      { sidecars: { s: { image: 's:1', env: { K: { secret: 'k' } } } } },
      '/sidecars/s/env/K',
    ],
    ['config', { files: { '/etc/a': { config: 'a' } } }, '/files/~1etc~1a'],
    ['registry', { image: 'registry.example.com/web:1' }, '/image'],
    ['registry', { image: 'localhost:5000/web:1' }, '/image'],
    ['schedule', { kind: 'cron', schedule: { cron: '0 3 * * *' } }, '/schedule'],
    ['daemon', { kind: 'daemon' }, '/kind'],
  ])('has %s for %j', (topic, app, path) => {
    expect(tell(app)).toEqual([`${topic} ${path}`])
  })

  it('has nothing for an app that only runs', () => {
    expect(
      tell({
        ports: [{ name: 'a', containerPort: 1 }],
        volumes: { t: { type: 'empty', mountPath: '/t' } },
      }),
    ).toEqual([])
    expect(tell({ image: 'library/web:1', env: { HOST: 'db.example.com' } })).toEqual([])
  })

  it('takes a name for the old side’s only where that engine would', () => {
    const app = { env: { DB: 'http://db.svc.example.com', HOST: 'my-tasks.db', A: 'a.mesos.org' } }
    expect(tell(app)).toEqual([])
    expect(tell({ env: { DB: 'db.mesos' } }, { hostNames: undefined })).toEqual([])
  })

  it('names a secret once, however often it is used, and not when its value is given', () => {
    const app = { env: { A: { secret: 'key', key: 'a' }, B: { secret: 'key', key: 'b' } } } as const
    expect(tell(app)).toEqual(['secret /env/A'])
    expect(tell(app, { given: { secrets: new Set(['key']), configs: new Set() } })).toEqual([])
  })

  it('names what it needs and is nowhere on the new side', () => {
    expect(tell({}, { missing: ['/db'] })).toEqual(['dependency /dependsOn/~1db'])
  })

  it('says that a job has run, unless it is run again', () => {
    const job = { kind: 'job' } as const
    expect(tell(job, { status: { state: 'completed' } })).toEqual(['job /kind'])
    expect(tell(job, { status: { state: 'completed' }, rerunJobs: true })).toEqual([])
  })

  it('never tells a value of the environment', () => {
    const app = defineApp({ ...web, env: { DB: 'user:hidden@db.marathon.mesos' } })
    const told = byHand({
      app,
      from: 'legacy',
      hostNames: ['.mesos'],
      to: 'prod',
      given: { secrets: new Set(), configs: new Set() },
      missing: [],
      keep: false,
      rerunJobs: false,
    })
    expect(told).toHaveLength(1)
    expect(JSON.stringify(told)).not.toContain('hidden')
  })
})

describe('a plan', () => {
  it('changes nothing, and tells the losses of both sides', async () => {
    const sides = twoSides()
    await sides.deploy({
      id: '/shop/web',
      image: 'shop/web:1',
      autoscale: { min: 2, max: 5, metrics: [{ type: 'cpu', utilization: 50 }] },
    })
    const generations = () => sides.old.apps().map(({ generation }) => generation)
    const before = generations()
    const plan = await sides.passing(planMigration(sides.from, sides.to, ['/shop/web']))
    expect(plan).toMatchObject({
      from: 'legacy',
      to: 'prod',
      apps: [
        { stage: 'start', losses: [{ path: '/autoscale', kind: 'approximated', side: 'write' }] },
      ],
      refused: [],
    })
    expect(generations()).toEqual(before)
    expect(sides.now.apps()).toEqual([])
  })

  it('warns of what will find no place on the new side', async () => {
    const sides = twoSides()
    sides.old.addNode({ name: 'big', cpu: 64 })
    await sides.deploy({ ...web, replicas: 1, resources: { requests: { cpu: 16 } } })
    const plan = await sides.passing(planMigration(sides.from, sides.to, ['/shop/web']))
    expect(plan.apps[0]?.warnings).toEqual(['each instance needs 16 cpu, the largest node has 4'])
  })
})
