import { describe, expect, it } from 'vitest'
import { learn, type Snapshot, statusOf } from '../../adapters/marathon/status.ts'
import type { AppInfo, QueueItem, Task } from '../../adapters/marathon/wire-answers.ts'

const AT = '2026-01-01T00:00:00.000Z'
const LATER = '2026-01-01T00:10:00.000Z'
const NOW = Date.parse('2026-01-01T00:20:00.000Z')

function app(fields: Partial<AppInfo> = {}): AppInfo {
  return {
    id: '/shop/web',
    instances: 2,
    container: { type: 'DOCKER', docker: { image: 'shop/web:1' } },
    version: AT,
    versionInfo: { lastScalingAt: AT, lastConfigChangeAt: AT },
    tasks: [task('a'), task('b')],
    deployments: [],
    ...fields,
  }
}

function task(id: string, fields: Partial<Task> = {}): Task {
  return {
    id: `shop_web.instance-${id}._app.1`,
    appId: '/shop/web',
    host: 'agent1',
    state: 'TASK_RUNNING',
    stagedAt: AT,
    startedAt: AT,
    version: AT,
    ports: [],
    healthCheckResults: [],
    ...fields,
  }
}

const CHECKED = { healthChecks: [{ protocol: 'MESOS_HTTP', path: '/' }] } as const
const healthy = { healthCheckResults: [{ alive: true, firstSuccess: AT, consecutiveFailures: 0 }] }
const sick = { healthCheckResults: [{ alive: false, lastFailure: LATER, consecutiveFailures: 4 }] }

function queued(fields: Partial<QueueItem> = {}): QueueItem {
  return { count: 1, app: { id: '/shop/web' }, since: AT, delay: { overdue: true }, ...fields }
}

function look(
  live: AppInfo,
  { queue = [], deployments = [], knowledge, at = NOW }: Partial<Snapshot> & { at?: number } = {},
): Snapshot {
  const observed = { at, source: 'read', stale: false } as const
  return { app: live, queue, deployments, observed, knowledge }
}

const of = (live: AppInfo, around?: Parameters<typeof look>[1]) => statusOf(look(live, around))

describe('the words of Marathon’s own interface', () => {
  it('running: every instance is there', () => {
    expect(of(app()).state).toBe('running')
  })

  it('suspended: zero instances', () => {
    expect(of(app({ instances: 0, tasks: [] })).state).toBe('suspended')
  })

  it('deploying: a deployment is at work, with how far it is', () => {
    const deployments = [
      {
        id: 'd1',
        version: LATER,
        affectedApps: ['/shop/web'],
        currentStep: 1,
        totalSteps: 2,
        currentActions: [{ action: 'ScaleApplication', app: '/shop/web' }],
      },
    ]
    const status = of(app({ tasks: [task('a')], deployments: [{ id: 'd1' }] }), { deployments })
    expect(status.state).toBe('deploying')
    expect(status.rollout?.message).toBe('deployment d1, step 1 of 2: ScaleApplication /shop/web')
  })

  it('waiting: overdue in the queue, with what the offers lack', () => {
    const queue = [
      queued({
        processedOffersSummary: {
          processedOffersCount: 10,
          rejectSummaryLastOffers: [
            { reason: 'UnfulfilledConstraint', declined: 2, processed: 10 },
            { reason: 'InsufficientCpus', declined: 8, processed: 8 },
          ],
        },
      }),
    ]
    const status = of(app({ tasks: [task('a')] }), { queue })
    expect(status.state).toBe('waiting')
    expect(status.reasons.map(({ code, message }) => [code, message])).toEqual([
      ['InsufficientCpu', '8 of 8 offers have too little cpu'],
      ['ConstraintUnsatisfied', '2 of 10 offers do not satisfy the constraints'],
    ])
  })

  it('waiting without any offer is only said after a while, by our own clock', () => {
    const first = look(app({ tasks: [] }), { queue: [queued()] })
    const status = statusOf(first)
    expect(status.state).not.toBe('waiting')
    const knowledge = learn(first, status)
    const later = of(app({ tasks: [] }), { queue: [queued()], knowledge, at: NOW + 20_000 })
    expect([later.state, later.reasons[0]?.code]).toEqual(['waiting', 'NoNodes'])
  })

  it('delayed: the queue holds it back after crashes', () => {
    const crashed = app({
      tasks: [],
      lastTaskFailure: {
        taskId: 'x',
        state: 'TASK_FAILED',
        message: 'Command exited with status 3',
        timestamp: LATER,
        version: AT,
        host: 'agent2',
      },
    })
    const status = of(crashed, {
      queue: [queued({ delay: { overdue: false, timeLeftSeconds: 40 } })],
    })
    expect(status.state).toBe('delayed')
    expect(status.reasons[0]).toMatchObject({
      code: 'CrashLoop',
      message: expect.stringContaining('status 3'),
    })
    expect(status.instances[0]).toMatchObject({ state: 'failed', exitCode: 3, node: 'agent2' })
  })

  it('says of a failure before the newest version nothing', () => {
    const old = {
      taskId: 'x',
      state: 'TASK_FAILED',
      message: 'exited with status 1',
      timestamp: AT,
      version: '2025-01-01T00:00:00.000Z',
    }
    expect(of(app({ tasks: [task('a')], lastTaskFailure: old })).reasons).toEqual([])
  })
})

describe('health', () => {
  it('has three values: no result is never a bad one', () => {
    const status = of(
      app({ ...CHECKED, tasks: [task('a', healthy), task('b', sick), task('c')], instances: 3 }),
    )
    expect(status.instances.map(({ health }) => health)).toEqual([
      'healthy',
      'unhealthy',
      'unknown',
    ])
    expect(status.counts).toMatchObject({ healthy: 1, unhealthy: 1, unknown: 1 })
  })

  it('bears null among the results, which servers write while an app flaps', () => {
    const status = of(app({ ...CHECKED, tasks: [task('a', { healthCheckResults: [null] })] }))
    expect(status.instances[0]?.health).toBe('unknown')
  })

  it('stays as it was known when a change of leader has forgotten it, and says so', () => {
    const before = look(app({ ...CHECKED, tasks: [task('a', healthy), task('b', sick)] }))
    const knowledge = learn(before, statusOf(before))
    const status = of(app({ ...CHECKED }), { knowledge })
    expect(status.instances.map(({ health, ready }) => [health, ready])).toEqual([
      ['healthy', true],
      ['unhealthy', false],
    ])
    expect(status.instances[0]?.nativeState).toContain('before the leader changed')
  })

  it('makes an instance wait during a deployment until its first check', () => {
    const status = of(app({ ...CHECKED, deployments: [{ id: 'd1' }] }))
    expect(status.instances.map(({ health, ready }) => [health, ready])[0]).toEqual([
      'warmingUp',
      false,
    ])
  })

  it('counts no instance whose readiness check says no', () => {
    const readinessCheckResults = [{ taskId: task('a').id, ready: false }]
    const status = of(app({ readinessCheckResults, deployments: [{ id: 'd1' }] }))
    expect(status.instances.map(({ ready }) => ready)).toEqual([false, true])
    expect(status.reasons[0]?.code).toBe('ReadinessFailed')
  })
})

describe('a rollout', () => {
  const half = app({
    version: LATER,
    versionInfo: { lastScalingAt: AT, lastConfigChangeAt: LATER },
    tasks: [task('a'), task('b', { version: LATER })],
  })

  it('that lost its deployment half way was cancelled, and is not a success', () => {
    const first = look(half)
    const status = statusOf(first)
    expect(status.rollout?.state).toBe('running')
    const later = of(half, { knowledge: learn(first, status), at: NOW + 10_000 })
    expect(later.state).toBe('failed')
    expect(later.rollout?.message).toContain('1 of 2 instances still of an older version')
  })

  it('is done when version and counts say so, not when the deployment is gone', () => {
    const done = app({
      ...half,
      tasks: [task('a', { version: LATER }), task('b', { version: LATER })],
    })
    expect(of(done).rollout).toMatchObject({ state: 'succeeded', since: Date.parse(LATER) })
    expect(of(app({ ...half, tasks: [task('b', { version: LATER })] })).rollout).toBeUndefined()
  })

  it('is a scale when only the count moved: instances from before are up to date', () => {
    const scaled = app({
      instances: 3,
      version: LATER,
      versionInfo: { lastScalingAt: LATER, lastConfigChangeAt: AT },
      deployments: [{ id: 'd1' }],
    })
    const status = of(scaled)
    expect([status.state, status.counts.updated]).toEqual(['scaling', 2])
  })

  it('is a restart when what is rolled out is what ran before', () => {
    const before = look(app())
    const knowledge = learn(before, statusOf(before))
    expect(of({ ...half, deployments: [{ id: 'd1' }] }, { knowledge }).state).toBe('restarting')
  })

  it('that works on other apps first is a lock, with who holds it', () => {
    const deployments = [
      {
        id: 'd1',
        version: LATER,
        affectedApps: ['/shop/web', '/shop/db'],
        currentActions: [{ action: 'ScaleApplication', app: '/shop/db' }],
      },
    ]
    const status = of(app({ deployments: [{ id: 'd1' }] }), { deployments })
    expect(status.reasons[0]).toMatchObject({
      code: 'LockedByDeployment',
      message: expect.stringContaining('/shop/db'),
    })
  })
})

describe('an instance', () => {
  it.each([
    [{ state: 'TASK_STAGING', stagedAt: null, startedAt: null }, 'pending'],
    [{ state: 'TASK_STAGING', startedAt: null }, 'preparing'],
    [{ state: 'TASK_STARTING' }, 'starting'],
    [{ state: 'TASK_KILLING' }, 'stopping'],
    [{ state: 'TASK_UNREACHABLE' }, 'lost'],
    [{ state: 'TASK_NOBODY_KNOWS' }, 'unknown'],
  ])('told as %j is %s', (fields, state) => {
    expect(of(app({ tasks: [task('a', fields)] })).instances[0]?.state).toBe(state)
  })

  it.each([
    ['Failed to launch container: manifest for shop/web:9 not found', 'ImageNotFound'],
    ['Failed to pull image: unauthorized: authentication required', 'RegistryAuth'],
    ["Failed to run 'docker pull shop/web:1'", 'ImagePullFailed'],
    ['Memory limit exceeded: Requested: 64MB Maximum Used: 64MB', 'OomKilled'],
    ['Task was killed since health check failed', 'LivenessFailed'],
  ])('that failed with "%s" failed because of %s', (message, code) => {
    const lastTaskFailure = {
      taskId: 'x',
      state: 'TASK_FAILED',
      message,
      timestamp: LATER,
      version: AT,
    }
    expect(of(app({ tasks: [], lastTaskFailure })).reasons[0]?.code).toBe(code)
  })
})
