import { describe, expect, it } from 'vitest'
import { statusOf } from '../../adapters/marathon/status.ts'
import type { AppInfo, QueueItem, Task } from '../../adapters/marathon/wire-answers.ts'

const AT = '2026-01-01T00:00:00.000Z'
const NOW = Date.parse('2026-01-01T00:20:00.000Z')

const task = (id: string, fields: Partial<Task> = {}): Task => ({
  id: `web.instance-${id}._app.1`,
  appId: '/web',
  host: 'agent1',
  state: 'TASK_RUNNING',
  stagedAt: AT,
  startedAt: AT,
  version: AT,
  healthCheckResults: [],
  ...fields,
})
const result = (alive: boolean) => ({
  healthCheckResults: [{ alive, consecutiveFailures: alive ? 0 : 3, firstSuccess: AT }],
})
const staged = { state: 'TASK_STAGING', startedAt: undefined } as unknown as Partial<Task>

const noPlace: QueueItem = {
  count: 1,
  app: { id: '/web' },
  since: AT,
  delay: { overdue: true },
  processedOffersSummary: {
    processedOffersCount: 4,
    rejectSummaryLastOffers: [{ reason: 'InsufficientMemory', declined: 4, processed: 4 }],
  },
}
const backingOff: QueueItem = { ...noPlace, delay: { overdue: false, timeLeftSeconds: 30 } }

function judge(fields: Partial<AppInfo>, entry?: QueueItem) {
  const app: AppInfo = {
    id: '/web',
    instances: 2,
    container: { type: 'DOCKER', docker: { image: 'web:1' } },
    version: AT,
    versionInfo: { lastScalingAt: AT, lastConfigChangeAt: AT },
    tasks: [task('a'), task('b')],
    deployments: [],
    ...fields,
  }
  const deployments = (app.deployments ?? []).map(({ id }) => ({ id, affectedApps: ['/web'] }))
  const observed = { at: NOW, source: 'read', stale: false } as const
  return statusOf({ app, queue: entry ? [entry] : [], deployments, observed })
}

const deploying = { deployments: [{ id: 'd1' }] }

describe('what Marathon’s interface shows', () => {
  // AppsStore.js, detectAppStatus and then applyAppDelayStatus: an entry of the queue goes over all else.
  it.each<[word: string, when: string, fields: Partial<AppInfo>, entry?: QueueItem]>([
    ['running', 'tasks run', {}],
    ['suspended', 'none is wanted and none runs', { instances: 0, tasks: [] }],
    ['deploying', 'a deployment is at work', deploying],
    ['deploying', 'it is at work on an app with no instances yet', { ...deploying, tasks: [] }],
    ['waiting', 'the queue waits for offers', { tasks: [task('a')] }, noPlace],
    ['waiting', 'it does while deploying', { ...deploying, tasks: [task('a')] }, noPlace],
    ['waiting', 'it does with every task running but one', { instances: 3 }, noPlace],
    ['delayed', 'the queue backs off', { tasks: [] }, backingOff],
    ['delayed', 'it does while deploying', { ...deploying, tasks: [] }, backingOff],
  ])('is shown as %s here too, when %s', (word, _, fields, entry) => {
    expect(judge(fields, entry).state).toBe(word)
  })

  it('is not shown as running where it shows nothing: tasks are wanted, and none is there', () => {
    expect(judge({ tasks: [] }).state).not.toBe('running')
  })

  // AppsStore.js, getAppHealth.
  it('of health is counted the same', () => {
    const { counts } = judge({
      instances: 4,
      healthChecks: [{ protocol: 'MESOS_HTTP', path: '/' }],
      tasks: [task('a', result(true)), task('b', result(false)), task('c'), task('d', staged)],
    })
    expect(counts).toMatchObject({ healthy: 1, unhealthy: 1, unknown: 1, pending: 1 })
    expect(counts).toMatchObject({ overCapacity: 0, unscheduled: 0 })
  })

  it('of capacity is counted the same: too many, and those without a place', () => {
    expect(judge({ instances: 1 }).counts).toMatchObject({ overCapacity: 1, unscheduled: 0 })
    const few = judge({ instances: 5 }, noPlace)
    expect(few.counts).toMatchObject({ overCapacity: 0, unscheduled: 3 })
  })

  it('of a task that is being killed is dropped from what serves at once', () => {
    const { counts, instances } = judge({
      tasks: [task('a'), task('b', { state: 'TASK_KILLING', ...result(true) })],
    })
    expect(counts).toMatchObject({ ready: 1, stopping: 1 })
    expect(instances.map(({ state, ready }) => [state, ready])).toEqual([
      ['running', true],
      ['stopping', false],
    ])
  })

  it('bears what no version of Marathon that we know has written', () => {
    const odd = { tasks: [task('a', { state: 'TASK_DREAMING' })], mood: 'good' }
    const status = judge(odd as Partial<AppInfo>)
    expect(status.instances[0]).toMatchObject({ state: 'unknown', nativeState: 'TASK_DREAMING' })
  })
})
