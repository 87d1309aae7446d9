import { defineApp, explainStatus, REASON_CODES, type Reason } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { instance, node, ready, reason, statusOf } from './statuses.ts'

const NOW = 600_000

function explain(
  status: ReturnType<typeof statusOf>,
  {
    extra = [],
    nodes,
    app,
  }: {
    extra?: readonly Reason[]
    nodes?: Parameters<typeof explainStatus>[2]
    app?: Parameters<typeof explainStatus>[5]
  } = {},
) {
  return explainStatus(status, extra, nodes, 'prod', NOW, app)
}

const pending = (id: string, why: Reason) =>
  instance(id, { state: 'pending', ready: false, reason: why })

describe('an explanation of an app that is as it should be', () => {
  it.each([
    [statusOf({ instances: ready(3) }), '/shop/web is running: 3 of 3 instances are ready'],
    [
      statusOf({ desired: 0 }),
      '/shop/web is suspended: it has no instances on purpose; resume brings them back',
    ],
    [
      statusOf({ kind: 'job', desired: 1, completions: 1 }),
      '/shop/web has completed: 1 of 1 completion reached',
    ],
    [
      statusOf({ instances: ready(2), rollout: { state: 'paused', revision: 'r1' } }),
      '/shop/web is paused: 2 of 2 instances are of the newest revision; resume goes on with it',
    ],
  ])('finds nothing: %#', (status, summary) => {
    expect(explain(status)).toMatchObject({ cluster: 'prod', summary, findings: [] })
  })

  it('does not name a pause that a user asked for as a problem', () => {
    const status = statusOf({
      instances: ready(2),
      rollout: { state: 'paused', revision: 'r1' },
      reasons: [reason('PausedByUser', 'paused')],
    })
    expect(explain(status).findings).toEqual([])
  })

  it('does not bring up a crash that a running app has got over', () => {
    const again = instance('a', { reason: reason('OomKilled', 'was killed at 512Mi') })
    expect(explain(statusOf({ desired: 1, instances: [again] }))).toMatchObject({
      state: 'running',
      findings: [],
    })
  })
})

describe('an explanation of an app that waits for a place', () => {
  const why = reason('InsufficientCpu', 'no node has enough cpu', { since: 300_000 })
  const status = statusOf({
    desired: 3,
    instances: [...ready(2), pending('web-3', why)],
    rollout: { state: 'running', revision: 'r1' },
  })
  const nodes = [
    node('a', { cpu: 4000 }, { reserved: { cpu: 2500 } }),
    node('b', { cpu: 2000 }, { reserved: { cpu: 1000 } }),
    node('c', { cpu: 8000 }, { state: 'down' }),
  ]
  const app = defineApp({
    id: '/shop/web',
    image: 'web:1',
    resources: { requests: { cpu: 1.5 } },
    sidecars: { proxy: { image: 'proxy:1', resources: { requests: { cpu: 0.5 } } } },
  })

  it('says how many have none, and for how long', () => {
    expect(explain(status)).toMatchObject({
      state: 'waiting',
      summary: '/shop/web is waiting: 1 of 3 instances has no place, for 5m',
    })
  })

  it('sets what an instance needs against the emptiest node that is ready', () => {
    const [finding] = explain(status, { nodes, app }).findings
    expect(finding).toMatchObject({
      code: 'InsufficientCpu',
      message: 'no node has enough cpu: needs 2 cpu, the emptiest node has 1.5',
      count: 1,
      since: 300_000,
      instances: ['web-3'],
    })
    expect(finding?.remedies[0]).toContain('resources/requests/cpu')
  })

  it('tells what is free when it does not know what is needed', () => {
    expect(explain(status, { nodes }).findings[0]?.message).toBe(
      'no node has enough cpu: the emptiest node has 1.5 cpu free',
    )
  })

  it('does not repeat numbers the engine has given itself', () => {
    const told = { ...why, message: 'needs 2 cpu, the emptiest node has 1.5' }
    const precise = statusOf({ desired: 1, instances: [pending('a', told)] })
    expect(explain(precise, { nodes, app }).findings[0]?.message).toBe(told.message)
  })

  it('names the nodes that are out when none is ready', () => {
    const none = [node('a', {}, { state: 'down' }), node('b', {}, { state: 'draining' })]
    const lone = statusOf({ desired: 1, instances: [pending('a', reason('NoNodes', 'no node'))] })
    expect(explain(lone, { nodes: none }).findings[0]?.message).toBe(
      'no node: 0 of 2 nodes ready: a is down, b is draining',
    )
  })

  it('sets required attributes against those the nodes have', () => {
    const picky = defineApp({
      id: '/shop/web',
      image: 'web:1',
      placement: { require: [{ attribute: 'zone', values: ['eu-3'] }] },
    })
    const zones = [
      node('a', {}, { attributes: { zone: 'eu-1' } }),
      node('b', {}, { attributes: { zone: 'eu-2' } }),
    ]
    const lone = statusOf({
      desired: 1,
      instances: [pending('a', reason('ConstraintUnsatisfied', 'no suitable node'))],
    })
    expect(explain(lone, { nodes: zones, app: picky }).findings[0]?.message).toBe(
      'no suitable node: needs zone in eu-3, nodes have eu-1, eu-2',
    )
  })
})

describe('the findings of an explanation', () => {
  it('are one for each code, over all instances and since the first of them', () => {
    const crash = (since: number) => reason('CrashLoop', 'exits with 1', { since })
    const status = statusOf({
      desired: 3,
      instances: ['a', 'b', 'c'].map((id, index) => pending(id, crash(1000 * (index + 1)))),
    })
    expect(explain(status).findings).toMatchObject([
      { code: 'CrashLoop', count: 3, since: 1000, instances: ['a', 'b', 'c'] },
    ])
  })

  it('count an instance once, also when the engine names its reason again', () => {
    const why = reason('ImageNotFound', 'web:2 is not in the registry')
    const status = statusOf({ desired: 1, instances: [pending('a', why)] })
    const extra = [reason('ImageNotFound', 'registry.example.com has no web:2', { since: 500 })]
    expect(explain(status, { extra }).findings).toMatchObject([
      { count: 1, since: 0, message: 'registry.example.com has no web:2' },
    ])
  })

  it('keep the sentence over all nodes when the engine answers for each node', () => {
    const why = reason('InsufficientCpu', 'needs 2 cpu, the emptiest node has 1.5')
    const status = statusOf({ desired: 2, instances: [pending('a', why), pending('b', why)] })
    const extra = ['one', 'two', 'three'].map((name) =>
      reason('InsufficientCpu', `${name} has too little`, { count: 2 }),
    )
    expect(explain(status, { extra }).findings).toMatchObject([
      { count: 2, message: 'needs 2 cpu, the emptiest node has 1.5' },
    ])
  })

  it('leave out what an instance has got over, while another has it still', () => {
    const over = instance('a', { reason: reason('OomKilled', 'was killed at 512Mi') })
    const crash = pending('b', reason('CrashLoop', 'exits with 1'))
    const codes = (instances: (typeof over)[]) =>
      explain(statusOf({ instances })).findings.map(({ code }) => code)
    expect(codes([over, crash])).toEqual(['CrashLoop'])
    const again = pending('c', reason('OomKilled', 'was killed at 512Mi'))
    expect(codes([over, crash, again])).toEqual(['OomKilled', 'CrashLoop'])
  })

  it('begin with the cause, not with what follows from it', () => {
    const status = statusOf({
      desired: 3,
      instances: [
        pending('a', reason('CrashLoop', 'restarts')),
        pending('b', reason('CrashLoop', 'restarts')),
        pending('c', reason('OomKilled', 'was killed at 512Mi')),
      ],
      reasons: [reason('PausedOnFailure', 'the update stopped')],
    })
    expect(explain(status).findings.map(({ code }) => code)).toEqual([
      'OomKilled',
      'CrashLoop',
      'PausedOnFailure',
    ])
  })

  it('name a failing health check that the engine says nothing about', () => {
    const sick = instance('a', { health: 'unhealthy', ready: false, startedAt: 100 })
    expect(explain(statusOf({ desired: 1, instances: [sick] })).findings).toMatchObject([
      { code: 'ReadinessFailed', since: 100, instances: ['a'] },
    ])
  })

  it('name an exit code that the engine leaves without a reason', () => {
    const dead = instance('a', { state: 'failed', exitCode: 3 })
    const status = statusOf({ desired: 1, instances: [dead], exhausted: true })
    expect(explain(status).findings).toMatchObject([
      { code: 'ExitNonZero', message: 'exited with 3' },
    ])
  })

  it.each(REASON_CODES.filter((code) => code !== 'PausedByUser'))(
    'say what to try for %s',
    (code) => {
      const status = statusOf({ desired: 1, instances: [pending('a', reason(code, 'why'))] })
      const { remedies } = explain({ ...status, state: 'degraded' }).findings[0] ?? {}
      expect(remedies?.length).toBeGreaterThan(0)
    },
  )
})

describe('the summary of an explanation', () => {
  it('says that a cluster cannot be reached, and how old its news is', () => {
    const status = {
      ...statusOf({ instances: ready(1) }),
      observed: { at: 540_000, source: 'watch', stale: true } as const,
    }
    expect(explain(status).summary).toBe(
      '/shop/web is running: 1 of 1 instance is ready (as last seen 1m ago: the cluster cannot be reached)',
    )
  })

  it('tells of a job how far it came', () => {
    const failed = instance('a', {
      state: 'failed',
      ready: false,
      reason: reason('ExitNonZero', 'exited with 1'),
    })
    const status = statusOf({ kind: 'job', desired: 2, instances: [failed], exhausted: true })
    expect(explain(status).summary).toBe(
      '/shop/web has failed: 0 of 2 completions reached, for 10m',
    )
  })
})
