import { randomBytes } from 'node:crypto'
import { describe, it } from 'vitest'
import { kubectl } from '../../engine/kubernetes/cluster.ts'
import { ownClusters, SERVER, type TestCluster } from '../cluster.ts'

const [image, , absent] = ownClusters[0]?.images ?? []
const served = { name: 'main', image, command: ['sh', '-c', SERVER] }
const probe = (path: string) => ({
  httpGet: { path, port: 8080 },
  periodSeconds: 1,
  failureThreshold: 1,
})

/** Pods, and what is waited for before they are compared. */
const PODS = {
  'serves and is ready': [{ containers: [served] }, 'condition=Ready'],
  'passes its probes': [
    {
      containers: [
        {
          ...served,
          readinessProbe: probe('/health'),
          startupProbe: probe('/'),
          livenessProbe: probe('/'),
        },
      ],
    },
    'condition=Ready',
  ],
  'fails its readiness probe': [
    { containers: [{ ...served, readinessProbe: probe('/no-such-page') }] },
    'jsonpath={.status.phase}=Running',
  ],
  'fails its liveness probe': [
    { containers: [{ ...served, livenessProbe: probe('/no-such-page') }] },
    'jsonpath={.status.containerStatuses[0].restartCount}=1',
  ],
  'has an image nobody has': [
    { containers: [{ name: 'main', image: absent }] },
    'jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff',
  ],
  'crashes again and again': [
    { containers: [{ name: 'main', image, command: ['sh', '-c', 'exit 3'] }] },
    'jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff',
  ],
  'ends well': [
    { restartPolicy: 'Never', containers: [{ name: 'main', image, command: ['true'] }] },
    'jsonpath={.status.phase}=Succeeded',
  ],
  'ends badly': [
    {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, command: ['sh', '-c', 'exit 4'] }],
    },
    'jsonpath={.status.phase}=Failed',
  ],
  'has an init container that fails': [
    {
      restartPolicy: 'Never',
      initContainers: [{ name: 'first', image, command: ['false'] }],
      containers: [served],
    },
    'jsonpath={.status.phase}=Failed',
  ],
  'waits for an init container that crashes': [
    { initContainers: [{ name: 'first', image, command: ['false'] }], containers: [served] },
    'jsonpath={.status.initContainerStatuses[0].state.waiting.reason}=CrashLoopBackOff',
  ],
  'ends although its sidecar does not': [
    {
      restartPolicy: 'Never',
      initContainers: [{ ...served, name: 'side', restartPolicy: 'Always' }],
      containers: [{ name: 'main', image, command: ['true'] }],
    },
    'jsonpath={.status.phase}=Succeeded',
  ],
} as const

/** What statuses are made from, without times, names and counts that depend on the machine. */
async function looks(cluster: TestCluster, name: keyof typeof PODS): Promise<unknown> {
  const [spec, wanted] = PODS[name]
  const pod = `pod-${randomBytes(4).toString('hex')}`
  const quick = { terminationGracePeriodSeconds: 0, ...spec }
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec: quick }
  await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(object))
  try {
    await kubectl(cluster, ['wait', `--for=${wanted}`, `pod/${pod}`, '--timeout=60s'])
    const { status } = JSON.parse(await kubectl(cluster, ['get', 'pod', pod, '--output=json']))
    const conditions = status.conditions.map(
      ({ type, status: holds, reason }: Record<string, string>) => `${type} ${holds} ${reason}`,
    )
    return {
      phase: status.phase,
      conditions: conditions.sort(),
      init: status.initContainerStatuses?.map(container),
      main: status.containerStatuses.map(container),
    }
  } finally {
    await kubectl(cluster, ['delete', 'pod', pod, '--wait=false'])
  }
}

interface State {
  readonly waiting?: { readonly reason: string }
  readonly running?: object
  readonly terminated?: { readonly reason: string; readonly exitCode: number }
}

function container({
  ready,
  started,
  state,
  lastState,
  restartCount,
}: {
  readonly ready: boolean
  readonly started: boolean
  readonly state: State
  readonly lastState: State
  readonly restartCount: number
}) {
  const words = ({ waiting, running, terminated }: State) =>
    waiting?.reason ??
    (running ? 'running' : terminated ? `${terminated.reason} ${terminated.exitCode}` : '')
  return { ready, started, now: words(state), before: words(lastState), again: restartCount > 0 }
}

describe('a stand-in is like a real kubelet to those who watch a pod that', () => {
  it.concurrent.for(Object.keys(PODS) as (keyof typeof PODS)[])('%s', async (name, { expect }) => {
    const [one, other] = await Promise.all(ownClusters.map((cluster) => looks(cluster, name)))
    expect(other).toEqual(one)
  })
})
