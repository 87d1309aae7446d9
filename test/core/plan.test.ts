import { type AppInput, defineApp, type PlanInput, planApp } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { node, ready, statusOf } from './statuses.ts'

const base: AppInput = { id: '/shop/web', image: 'web:1', replicas: 3 }

function plan(wanted: Partial<AppInput>, live?: Partial<AppInput>, facts: Partial<PlanInput> = {}) {
  const running = live ? (live.replicas ?? base.replicas ?? 0) : 0
  return planApp({
    cluster: 'prod',
    wanted: defineApp({ ...base, ...wanted }),
    live: live && defineApp({ ...base, ...live }),
    status: live && statusOf({ instances: ready(running) }),
    capabilities: { inPlace: [], immutable: [] },
    losses: [],
    ...facts,
  })
}

describe('a plan for an app that is not there', () => {
  it('creates it with the replicas it asks for', () => {
    expect(plan({})).toMatchObject({
      action: 'create',
      effect: 'none',
      restarts: 0,
      downtime: false,
      dataLoss: [],
      summary: 'create with 3 replicas',
    })
  })

  it('lists what it will be made of, as in an app file', () => {
    const { changes } = plan({ resources: { limits: { memory: 536870912 } } })
    expect(changes).toEqual([
      { path: '/image', after: 'web:1', effect: 'none' },
      { path: '/replicas', after: 3, effect: 'none' },
      { path: '/resources', after: { limits: { memory: '512Mi' } }, effect: 'none' },
    ])
  })

  it.each([
    [{ kind: 'job' }, 'create and run to completion'],
    [{ kind: 'cron', schedule: { cron: '0 3 * * *' } }, 'create and run at "0 3 * * *"'],
    [{ kind: 'daemon' }, 'create with one instance on every node'],
    [{}, 'create with 1 replica'],
    [
      { autoscale: { min: 2, max: 10, metrics: [{ type: 'cpu', utilization: 70 }] } },
      'create with 2 to 10 replicas',
    ],
  ] as const)('says how %o will run', (kind, summary) => {
    expect(plan({ replicas: undefined, ...kind } as Partial<AppInput>).summary).toBe(summary)
  })
})

describe('a plan for a live app', () => {
  it('is no change when nothing differs', () => {
    expect(plan({}, {})).toMatchObject({
      action: 'none',
      effect: 'none',
      changes: [],
      summary: 'no change',
    })
  })

  it('keeps the live replica count when replicas is absent', () => {
    expect(plan({ replicas: undefined }, { replicas: 7 })).toMatchObject({ action: 'none' })
  })

  it('takes the live count from the status where the engine does not write it into the app', () => {
    const status = statusOf({ instances: ready(5) })
    expect(plan({ replicas: 5 }, { replicas: undefined }, { status }).action).toBe('none')
    expect(plan({ replicas: 6 }, { replicas: undefined }, { status }).changes).toEqual([
      { path: '/replicas', before: 5, after: 6, effect: 'inPlace' },
    ])
  })

  it('warns that a suspended app stays so when replicas is absent', () => {
    expect(plan({ replicas: undefined }, { replicas: 0 }).warnings).toEqual([
      'it is suspended and stays so: replicas is absent, so the live count of 0 is kept',
    ])
  })

  it('scales in place', () => {
    expect(plan({ replicas: 5 }, {})).toMatchObject({
      effect: 'inPlace',
      restarts: 0,
      downtime: false,
      summary: 'in place: replicas 3 → 5',
    })
  })

  it('calls scaling to nothing a downtime', () => {
    expect(plan({ replicas: 0 }, {})).toMatchObject({
      downtime: true,
      summary: 'in place: replicas 3 → 0 (downtime)',
    })
  })

  it('changes in place what instances are not made from', () => {
    expect(plan({ labels: { team: 'shop' }, replicas: 4 }, {})).toMatchObject({
      effect: 'inPlace',
      restarts: 0,
      summary: 'in place: labels, replicas 3 → 4',
    })
  })

  it('restarts every instance for a new image', () => {
    expect(plan({ image: 'web:2' }, {})).toMatchObject({
      action: 'update',
      effect: 'rollingRestart',
      restarts: 3,
      downtime: false,
      changes: [{ path: '/image', before: 'web:1', after: 'web:2', effect: 'rollingRestart' }],
      summary: 'rolling restart of 3 instances',
    })
  })

  it('replaces only as many as stay when it scales down at the same time', () => {
    expect(plan({ image: 'web:2', replicas: 2 }, {})).toMatchObject({
      restarts: 2,
      summary: 'rolling restart of 2 instances, replicas 3 → 2',
    })
  })

  it('restarts nothing when nothing runs', () => {
    const status = statusOf({ desired: 0 })
    expect(plan({ image: 'web:2', replicas: 0 }, { replicas: 0 }, { status })).toMatchObject({
      restarts: 0,
      downtime: false,
      summary: 'change what instances are made from; none runs now',
    })
  })

  it('has downtime when the app wants to be recreated', () => {
    const update = { strategy: 'recreate' } as const
    expect(plan({ image: 'web:2', update }, { update })).toMatchObject({
      effect: 'recreate',
      restarts: 3,
      downtime: true,
      summary: 'recreate 3 instances (downtime)',
    })
  })

  it.each([
    [1, { maxUnavailable: 1 }, true],
    [1, { maxSurge: 1 }, false],
    [3, { maxUnavailable: '100%' }, true],
    [3, { maxUnavailable: 2 }, false],
    [2, { maxUnavailable: '50%' }, false],
    [1, { maxUnavailable: '25%', maxSurge: 0 }, true],
  ] as const)('of %i replicas updated by %o: downtime is %s', (replicas, update, downtime) => {
    const app = { replicas, update }
    expect(plan({ ...app, image: 'web:2' }, app).downtime).toBe(downtime)
  })

  it('runs a changed job again', () => {
    const job = { kind: 'job', replicas: undefined } as const
    expect(plan({ ...job, image: 'web:2' }, job)).toMatchObject({
      effect: 'recreate',
      downtime: false,
      summary: 'run the job again',
    })
  })

  it('changes a cron app without touching the run in progress', () => {
    const cron = { kind: 'cron', replicas: undefined, schedule: { cron: '0 3 * * *' } } as const
    expect(plan({ ...cron, image: 'web:2' }, cron)).toMatchObject({
      effect: 'inPlace',
      restarts: 0,
      summary: 'in place: image',
    })
  })
})

describe("a plan by the engine's own rules", () => {
  const limits = (memory: '1Gi' | '2Gi') => ({ resources: { limits: { memory } } })

  it('changes in place what the engine can', () => {
    const capabilities = { inPlace: ['/resources/*/memory'], immutable: [] }
    expect(plan(limits('2Gi'), limits('1Gi'), { capabilities })).toMatchObject({
      effect: 'inPlace',
      changes: [{ path: '/resources/limits/memory', before: '1Gi', after: '2Gi' }],
    })
  })

  it('looks into what is added as a whole', () => {
    const capabilities = { inPlace: ['/resources/*/memory'], immutable: [] }
    expect(plan(limits('1Gi'), {}, { capabilities }).effect).toBe('inPlace')
    const both = { resources: { limits: { memory: '1Gi', cpu: 1 } } } as const
    expect(plan(both, {}, { capabilities }).effect).toBe('rollingRestart')
  })

  it('replaces the app for what the engine cannot change', () => {
    const capabilities = { inPlace: [], immutable: ['/network'] }
    expect(plan({ network: { mode: 'host' } }, {}, { capabilities })).toMatchObject({
      effect: 'replace',
      restarts: 3,
      downtime: true,
      summary: 'replace (downtime)',
    })
  })

  it('replaces the app for another kind, and says whose data is lost', () => {
    const volumes = { data: { type: 'claim', mountPath: '/data', size: '1Gi' } } as const
    expect(plan({ kind: 'service', volumes }, { kind: 'stateful', volumes })).toMatchObject({
      effect: 'replace',
      dataLoss: ['data'],
      summary: 'replace (downtime, data of claim data is lost)',
    })
  })
})

describe('data loss', () => {
  const claim = (facts: object = {}) => ({
    kind: 'stateful' as const,
    volumes: {
      data: { type: 'claim' as const, mountPath: '/data', size: '1Gi' as const, ...facts },
    },
  })

  it('is a claim that is no longer mentioned', () => {
    expect(plan({ kind: 'stateful' }, claim()).dataLoss).toEqual(['data'])
  })

  it('is a claim of another storage class', () => {
    expect(plan(claim({ storageClass: 'ssd' }), claim()).dataLoss).toEqual(['data'])
  })

  it('is not a larger claim, nor one mounted elsewhere', () => {
    expect(plan(claim({ size: '2Gi', mountPath: '/var' }), claim()).dataLoss).toEqual([])
  })

  it('is not a scratch volume', () => {
    const volumes = { tmp: { type: 'empty', mountPath: '/tmp' } } as const
    expect(plan({}, { volumes }).dataLoss).toEqual([])
  })
})

describe('the changes of a plan', () => {
  it('show quantities and durations as in an app file', () => {
    const stop = (gracePeriod: '30s' | '90s') => ({ stop: { gracePeriod } })
    expect(plan(stop('90s'), stop('30s')).changes).toMatchObject([
      { path: '/stop/gracePeriod', before: '30s', after: '1m30s' },
    ])
  })

  it('show what a default was', () => {
    expect(plan({ update: { maxSurge: 2 } }, {}).changes).toMatchObject([
      { path: '/update/maxSurge', before: 1, after: 2 },
    ])
  })

  it('compare named entries of a list by name', () => {
    const http = { name: 'http', containerPort: 80 }
    const metrics = { name: 'metrics', containerPort: 9090 }
    expect(plan({ ports: [http] }, { ports: [http, metrics] }).changes).toMatchObject([
      { path: '/ports/1', before: { name: 'metrics', containerPort: 9090 } },
    ])
    expect(
      plan({ ports: [{ ...http, containerPort: 81 }, metrics] }, { ports: [http] }).changes,
    ).toMatchObject([
      { path: '/ports/0/containerPort', before: 80, after: 81 },
      { path: '/ports/1', after: { name: 'metrics', containerPort: 9090 } },
    ])
  })

  it('show a list in another order as a whole, for the first port is what probes take', () => {
    const [http, admin] = [
      { name: 'http', containerPort: 80 },
      { name: 'admin', containerPort: 81 },
    ]
    expect(plan({ ports: [admin, http] }, { ports: [http, admin] }).changes).toMatchObject([
      { path: '/ports', before: [{ name: 'http' }, {}], after: [{ name: 'admin' }, {}] },
    ])
  })

  it('show a list of words as a whole', () => {
    expect(plan({ args: ['a', 'b'] }, { args: ['a'] }).changes).toMatchObject([
      { path: '/args', before: ['a'], after: ['a', 'b'] },
    ])
  })

  it('escape keys in pointers', () => {
    const files = { '/etc/app.conf': { content: 'x' } }
    expect(plan({ files }, {}).changes).toMatchObject([{ path: '/files/~1etc~1app.conf' }])
  })

  it('cut long texts, and still tell two apart that begin alike', () => {
    const files = (end: string) => ({
      files: { '/etc/app.conf': { content: `${'line\n'.repeat(40)}${end}` } },
    })
    const [change] = plan(files('b'), files('a')).changes
    expect(String(change?.after).length).toBeLessThan(80)
    expect(change?.before).not.toEqual(change?.after)
  })

  it.each([
    [{ env: { DB_PASSWORD: 'hunter2' } }],
    [{ env: { DATABASE_URL: 'postgres://shop:hunter2@db/shop' } }],
    [{ sidecars: { proxy: { image: 'p:1', env: { API_TOKEN: 'hunter2' } } } }],
    [
      {
        probes: {
          readiness: { type: 'http', port: 80, headers: { Authorization: 'Basic hunter2' } },
        },
      },
    ],
    [{ native: { swarm: { Registry: { password: 'hunter2' } } } }],
  ] as [Partial<AppInput>][])('never show a secret written out in %o', (wanted) => {
    expect(JSON.stringify(plan(wanted, {}))).not.toContain('hunter2')
    expect(JSON.stringify(plan(wanted))).not.toContain('hunter2')
    expect(JSON.stringify(plan({}, wanted))).not.toContain('hunter2')
  })

  it('show which secret a variable comes from', () => {
    const env = { DB_PASSWORD: { secret: 'shop-db', key: 'password' } }
    expect(plan({ env }, {}).changes).toMatchObject([{ after: { secret: 'shop-db' } }])
  })
})

describe('a plan warns', () => {
  const twoNodes = [node('a', { cpu: 1500, memory: 2 ** 30 }), node('b', { cpu: 1000 })]

  it('of an update that finds no place because every node is taken', () => {
    const app = { replicas: 2, placement: { maxPerNode: 1 } }
    expect(plan({ ...app, image: 'web:2' }, app, { nodes: twoNodes }).warnings).toEqual([
      'maxPerNode is 1, every place is taken, and maxUnavailable is 0: a new instance finds no place until an old one stops; set maxUnavailable to 1',
    ])
    expect(
      plan({ ...app, image: 'web:2', update: { maxUnavailable: 1 } }, app, { nodes: twoNodes })
        .warnings,
    ).toEqual([])
  })

  it('of more instances than nodes can take one each', () => {
    const ports = [{ name: 'http', containerPort: 80, hostPort: 8080 }]
    expect(plan({ ports }, undefined, { nodes: twoNodes }).warnings).toEqual([
      'host port 8080 allows one instance on each node, and 2 nodes are ready: 1 of 3 instances will find no place',
    ])
  })

  it('of a budget whose shares come to no instance at all', () => {
    const app = { update: { maxUnavailable: '10%', maxSurge: 0 } } as const
    expect(plan({ ...app, image: 'web:2' }, app).warnings).toEqual([
      'maxUnavailable 10% of 3 is no instance and maxSurge is 0: the update has no room to replace any',
    ])
  })

  it('of requests that no node is large enough for', () => {
    const resources = { requests: { cpu: 2 } }
    expect(plan({ resources }, undefined, { nodes: twoNodes }).warnings).toEqual([
      'each instance needs 2 cpu, the largest node has 1.5',
    ])
  })

  it('of too little room for all the new instances', () => {
    const nodes = [node('a', { cpu: 2000 }, { reserved: { cpu: 1000 } })]
    const resources = { requests: { cpu: 0.5 } }
    expect(plan({ resources }, undefined, { nodes }).warnings).toEqual([
      '2 of 3 more instances find a place in what the nodes have free now',
    ])
    expect(plan({ resources, replicas: 2 }, undefined, { nodes }).warnings).toEqual([])
  })

  it('of a cluster without a node that is ready', () => {
    const nodes = [node('a', {}, { state: 'down' })]
    expect(plan({}, undefined, { nodes }).warnings).toEqual([
      'no node of prod is ready, so nothing can be placed',
    ])
  })

  it('of a dependency that is not on the cluster', () => {
    const wanted = { dependsOn: { db: 'healthy', cache: 'started' } } as const
    expect(plan(wanted, undefined, { known: new Set(['/shop/cache']) }).warnings).toEqual([
      'it depends on /shop/db, which is not on prod',
    ])
  })

  it('of an app that someone else made', () => {
    const status = { ...statusOf({ instances: ready(3) }), managed: false }
    expect(plan({ image: 'web:2' }, {}, { status }).warnings).toEqual([
      'someone else made this app: apply takes it over only with force',
    ])
  })
})
