import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../adapters/kubernetes/wire.ts'
import { at, event, pod, T0 } from './pods.ts'
import { judge } from './snapshots.ts'

describe('a job', () => {
  const job = (spec: object, status: object): KubernetesObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job', uid: 'uid-job', generation: 1 },
    spec: { completions: 3, parallelism: 2, ...spec },
    status,
  })

  it('counts what it has completed, though the instances are gone', () => {
    const status = judge({ workload: job({}, { succeeded: 2, active: 1 }), pods: [pod('c')] })
    expect(status).toMatchObject({ state: 'running', counts: { desired: 3, updated: 2 } })
  })

  it('is completed when the engine says so', () => {
    const conditions = [{ type: 'Complete', status: 'True' }]
    const status = judge({ workload: job({}, { succeeded: 3, conditions }), pods: [] })
    expect(status).toMatchObject({ state: 'completed', counts: { updated: 3 } })
  })

  it('that ran too long has failed for that', () => {
    const conditions = [
      {
        type: 'Failed',
        status: 'True',
        reason: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
        lastTransitionTime: at(9),
      },
    ]
    const status = judge({ workload: job({}, { failed: 1, conditions }), pods: [] })
    expect(status.state).toBe('failed')
    expect(status.reasons).toEqual([
      {
        code: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
        count: 1,
        since: T0 + 9000,
      },
    ])
  })

  it('on a schedule is as well as its last run', () => {
    const cron: KubernetesObject = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'night', uid: 'uid-night', generation: 1 },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: {} } },
    }
    const runAt = (seconds: number, type: string): KubernetesObject => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `night-${seconds}`, creationTimestamp: at(seconds) },
      spec: {},
      status: { conditions: [{ type, status: 'True' }] },
    })
    const state = (...history: KubernetesObject[]) =>
      judge({ workload: cron, pods: [], history }).state
    expect(state()).toBe('running')
    expect(state(runAt(1, 'Failed'), runAt(2, 'Complete'))).toBe('running')
    expect(state(runAt(1, 'Complete'), runAt(2, 'Failed'))).toBe('degraded')
    const off = { ...cron, spec: { ...(cron.spec as object), suspend: true } }
    expect(judge({ workload: off, pods: [] }).state).toBe('suspended')
  })
})

describe('stateful apps and daemons', () => {
  const stateful = (spec: object, status: object): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', uid: 'uid-db', generation: 2 },
    spec: {
      replicas: 2,
      template: {
        metadata: { annotations: { 'intermodal.dev/revision': 'r2' } },
        spec: { containers: [] },
      },
      ...spec,
    },
    status: {
      observedGeneration: 2,
      replicas: 2,
      readyReplicas: 2,
      currentRevision: 'db-1',
      updateRevision: 'db-2',
      ...status,
    },
  })
  const member = (ordinal: number, hash: string, revision: string) =>
    pod(`db-${ordinal}`, {
      metadata: {
        labels: {
          'controller-revision-hash': hash,
          'apps.kubernetes.io/pod-index': String(ordinal),
        },
        annotations: { 'intermodal.dev/revision': revision },
      },
    })

  it('go on until the last instance is of the newest revision', () => {
    const pods = [member(0, 'db-1', 'r1'), member(1, 'db-2', 'r2')]
    const status = judge({ workload: stateful({}, { updatedReplicas: 1 }), pods })
    expect(status).toMatchObject({ state: 'deploying', rollout: { message: '1 of 2 updated' } })
    expect(status.instances.map(({ slot, revision }) => [slot, revision])).toEqual([
      ['0', 'r1'],
      ['1', 'r2'],
    ])
  })

  it('leave the instances below the partition as they are', () => {
    const spec = { updateStrategy: { rollingUpdate: { partition: 1 } } }
    const pods = [member(0, 'db-1', 'r1'), member(1, 'db-2', 'r2')]
    expect(judge({ workload: stateful(spec, { updatedReplicas: 1 }), pods }).state).toBe('running')
  })

  it('say in an event that no instance could be created', () => {
    const workload = stateful(
      {},
      { replicas: 0, readyReplicas: 0, updatedReplicas: 0, currentRevision: 'db-2' },
    )
    const told = event(
      workload,
      'FailedCreate',
      'create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: exceeded quota: q',
    )
    const status = judge({ workload, pods: [], events: [told] })
    expect(status.state).toBe('waiting')
    expect(status.reasons[0]).toMatchObject({ code: 'QuotaExceeded', message: 'exceeded quota: q' })
  })

  it('want one instance on every node that is meant', () => {
    const daemon: KubernetesObject = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'log', uid: 'uid-log', generation: 1 },
      spec: { template: { spec: { containers: [] } } },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 3,
        updatedNumberScheduled: 2,
        numberAvailable: 2,
      },
    }
    const status = judge({ workload: daemon, pods: [pod('a'), pod('b')] })
    expect(status).toMatchObject({
      state: 'deploying',
      counts: { desired: 3 },
      rollout: { message: '2 of 3 updated' },
    })
  })
})
