import { describe, expect, it } from 'vitest'
import { at, pod, waiting } from './pods.ts'
import {
  deployment,
  history,
  judge,
  progressing,
  replicaSet,
  starting,
  updating,
} from './snapshots.ts'

describe('a service', () => {
  it('runs when every instance of the newest revision is ready', () => {
    const status = judge({ workload: deployment(), pods: [pod('a'), pod('b')], history })
    expect(status).toMatchObject({
      id: '/web',
      kind: 'service',
      state: 'running',
      image: 'shop/web:2',
      revision: 'r2',
      managed: true,
      labels: { tier: 'front' },
      counts: { desired: 2, updated: 2, ready: 2 },
      rollout: { state: 'succeeded', revision: 'r2' },
    })
  })

  it('deploys while old instances are there, and attributes each to its revision', () => {
    const status = judge({
      workload: deployment({ status: updating }),
      pods: [
        pod('a', { hash: 'old' }),
        pod('b', { hash: 'old' }),
        starting('c', { state: waiting('ContainerCreating') }),
      ],
      history,
    })
    expect(status.state).toBe('deploying')
    expect(status.instances.map(({ revision, state }) => [revision, state])).toEqual([
      ['r1', 'running'],
      ['r1', 'running'],
      ['r2', 'preparing'],
    ])
    expect(status.rollout).toMatchObject({ state: 'running', message: '2 old instances to go' })
  })

  it('never runs before the engine has taken note of the newest generation', () => {
    const status = judge({
      workload: deployment({ generation: 3, revision: 'r3' }),
      pods: [pod('a'), pod('b')],
      history,
    })
    expect(status).toMatchObject({
      state: 'deploying',
      revision: 'r3',
      generation: { desired: 3, observed: 2 },
    })
    expect(status.counts.updated).toBe(0)
  })

  it('shows that someone else changed the template, though the marks are still ours', () => {
    const mine = judge({ workload: deployment(), pods: [], history }).revision
    const managedFields = [
      {
        manager: 'kubectl-set',
        operation: 'Update',
        time: at(3),
        fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': {} } } } },
      },
      { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:status': {} } },
    ]
    const status = judge({
      workload: deployment({ metadata: { name: 'web', managedFields } }),
      pods: [],
      history,
    })
    expect(status.revision).not.toBe(mine)
    expect(status.revision.startsWith(`${mine}-`)).toBe(true)
  })

  it('tells instances of two templates apart that carry the same mark', () => {
    const status = judge({
      workload: deployment({ status: updating }),
      pods: [pod('a', { hash: 'old', revision: 'r2' }), pod('b', { revision: 'r2' })],
      history: [replicaSet('old', 1, 'r2'), replicaSet('new', 2, 'r2')],
    })
    expect(status.instances.map(({ revision }) => revision)).toEqual(['r2-old', 'r2'])
  })

  it('restarts when only the moment of the restart is new', () => {
    const template = {
      annotations: { 'intermodal.dev/revision': 'r2', 'kubectl.kubernetes.io/restartedAt': at(0) },
    }
    const workload = deployment({ status: updating, template })
    const newest = replicaSet('new', 2, 'r2')
    const status = judge({
      workload,
      pods: [pod('a', { hash: 'old', revision: 'r2' })],
      history: [
        replicaSet('old', 1, 'r2'),
        { ...newest, spec: { template: workload.spec?.template ?? {} } },
      ],
    })
    expect(status.state).toBe('restarting')
    expect(status.revision).toMatch(/^r2-[0-9a-f]{6}$/)
    expect(status.instances[0]?.revision).toBe('r2')
  })

  it('failed when it passed its deadline, and says what held it up', () => {
    const status = judge({
      workload: deployment({
        status: {
          ...updating,
          conditions: [
            progressing(
              'ProgressDeadlineExceeded',
              'False',
              'ReplicaSet "web-new" has timed out progressing.',
            ),
          ],
        },
      }),
      pods: [
        pod('a', { hash: 'old' }),
        starting('b', {
          state: waiting('ImagePullBackOff', 'Back-off pulling image "shop/web:2"'),
        }),
      ],
      history,
    })
    expect(status.state).toBe('failed')
    expect(status.rollout).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('60 s'),
    })
    expect(status.reasons.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['DeadlineExceeded', 'ImagePullFailed']),
    )
  })

  it('is paused by whoever paused it', () => {
    const status = judge({
      workload: deployment({ spec: { paused: true } }),
      pods: [pod('a'), pod('b')],
      history,
    })
    expect(status.state).toBe('paused')
    expect(status.reasons[0]?.code).toBe('PausedByUser')
  })

  it('is suspended with no instances on purpose', () => {
    const workload = deployment({
      spec: { replicas: 0 },
      status: { replicas: 0, updatedReplicas: 0 },
    })
    expect(judge({ workload, pods: [], history }).state).toBe('suspended')
  })

  it('scales when an instance is merely on its way', () => {
    const workload = deployment({
      spec: { replicas: 3 },
      status: { replicas: 3, updatedReplicas: 3 },
    })
    const pods = [pod('a'), pod('b'), starting('c', { state: waiting('ContainerCreating') })]
    expect(judge({ workload, pods, history }).state).toBe('scaling')
  })

  it('is degraded when one of its instances stopped being ready', () => {
    const probes = { readinessProbe: { periodSeconds: 5 } }
    const pods = [pod('a', { probes }), starting('b', { probes, readySince: 40, started: true })]
    const status = judge({ workload: deployment(), pods, history })
    expect(status.state).toBe('degraded')
    expect(status.instances[1]).toMatchObject({
      health: 'unhealthy',
      reason: { code: 'ReadinessFailed' },
    })
  })

  it('is on its way out when it is being deleted', () => {
    const workload = deployment({ metadata: { name: 'web', deletionTimestamp: at(1) } })
    expect(judge({ workload, pods: [pod('a')], history }).state).toBe('deleting')
  })

  it('waits for quota, and says which', () => {
    const message =
      'pods "web-x" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=2, limited: cpu=2'
    const failure = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message,
      lastTransitionTime: at(2),
    }
    const workload = deployment({
      status: {
        replicas: 0,
        updatedReplicas: 0,
        readyReplicas: 0,
        availableReplicas: 0,
        conditions: [progressing('ReplicaSetUpdated'), failure],
      },
    })
    const status = judge({ workload, pods: [], history })
    expect(status.state).toBe('waiting')
    expect(status.reasons[0]).toMatchObject({
      code: 'QuotaExceeded',
      message: 'exceeded quota: small, requested: cpu=1, used: cpu=2, limited: cpu=2',
    })
  })

  it('says what an admission webhook said', () => {
    const message = 'admission webhook "policy.example" denied the request: no latest tags'
    const failure = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message,
      lastTransitionTime: at(2),
    }
    const workload = deployment({ status: { ...updating, conditions: [failure] } })
    expect(judge({ workload, pods: [], history }).reasons[0]).toMatchObject({
      code: 'AdmissionDenied',
      message,
    })
  })

  it('of someone else goes by a revision that its ReplicaSet has as well', () => {
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'shop/web:2' }] },
    }
    const workload = deployment({
      spec: { template },
      metadata: { name: 'web', labels: {}, annotations: {} },
    })
    const set = replicaSet('new', 2, 'r2')
    const labelled = {
      ...template,
      metadata: { labels: { app: 'web', 'pod-template-hash': 'new' } },
    }
    const status = judge({
      workload,
      pods: [pod('a'), pod('b', { hash: 'old' })],
      history: [{ ...set, metadata: { ...set.metadata }, spec: { template: labelled } }],
    })
    expect(status.managed).toBe(false)
    expect(status.instances.map(({ revision }) => revision === status.revision)).toEqual([
      true,
      false,
    ])
  })
})
