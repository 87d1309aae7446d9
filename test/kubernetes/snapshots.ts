import type { AppStatus } from 'intermodal'
import { expect } from 'vitest'
import { slim } from '../../adapters/kubernetes/slim.ts'
import { type Snapshot, statusOf } from '../../adapters/kubernetes/status.ts'
import type { Condition } from '../../adapters/kubernetes/wire.ts'
import type { Deployment, Pod, ReplicaSet } from '../../adapters/kubernetes/workload.ts'
import { at, pod, T0 } from './pods.ts'

/** The status of a snapshot, which slim objects have to give as well. */
export function judge(snapshot: Omit<Snapshot, 'observed'>, now = T0 + 60_000): AppStatus {
  const whole = statusOf({ ...snapshot, observed: { at: now, source: 'read', stale: false } })
  const thin = statusOf({
    ...snapshot,
    workload: slim(snapshot.workload),
    pods: snapshot.pods.map(slim),
    history: snapshot.history?.map(slim),
    events: snapshot.events?.map(slim),
    observed: { at: now, source: 'read', stale: false },
  })
  // What a watch keeps tells the same as what the cluster has.
  expect(thin).toEqual(whole)
  return whole
}

interface DeploymentOptions {
  readonly spec?: object
  readonly status?: object
  readonly generation?: number
  readonly revision?: string
  readonly template?: object
  readonly metadata?: object
}

export function deployment({
  spec,
  status,
  generation = 2,
  revision = 'r2',
  template,
  metadata,
}: DeploymentOptions = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      uid: 'uid-web',
      generation,
      creationTimestamp: at(-1000),
      labels: { 'intermodal.dev/name': 'web', tier: 'front' },
      annotations: { 'intermodal.dev/app': '/web' },
      ...metadata,
    },
    spec: {
      replicas: 2,
      template: {
        metadata: { annotations: { 'intermodal.dev/revision': revision }, ...template },
        spec: { containers: [{ name: 'web', image: 'shop/web:2' }] },
      },
      progressDeadlineSeconds: 60,
      ...spec,
    },
    status: {
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [progressing('NewReplicaSetAvailable')],
      ...status,
    },
  }
}

export function progressing(reason: string, status = 'True', message = '') {
  return { type: 'Progressing', status, reason, message, lastTransitionTime: at(50) }
}

export function replicaSet(
  hash: string,
  rank: number,
  revision: string,
  conditions: readonly Condition[] = [],
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${hash}`,
      uid: `uid-${hash}`,
      labels: { 'pod-template-hash': hash },
      annotations: { 'deployment.kubernetes.io/revision': String(rank) },
    },
    spec: {
      template: {
        metadata: {
          labels: { 'pod-template-hash': hash },
          annotations: { 'intermodal.dev/revision': revision },
        },
        spec: { containers: [{ name: 'web', image: 'shop/web:2' }] },
      },
    },
    status: { conditions },
  }
}

export const history = [replicaSet('old', 1, 'r1'), replicaSet('new', 2, 'r2')]
export const updating = {
  replicas: 3,
  updatedReplicas: 1,
  readyReplicas: 2,
  availableReplicas: 2,
  conditions: [progressing('ReplicaSetUpdated')],
}

export function starting(name: string, options: Parameters<typeof pod>[1]): Pod {
  return pod(name, { ready: false, ...options })
}
