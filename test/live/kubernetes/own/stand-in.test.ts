import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
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

/** A pod on one of the clusters, from when it is as `wanted`. */
async function run(cluster: TestCluster, name: keyof typeof PODS) {
  const [spec, wanted] = PODS[name]
  const pod = `pod-${randomBytes(4).toString('hex')}`
  const quick = { terminationGracePeriodSeconds: 0, ...spec }
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec: quick }
  await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(object))
  await kubectl(cluster, ['wait', `--for=${wanted}`, `pod/${pod}`, '--timeout=60s'])
  const status = ['get', 'pod', pod, '--watch', '--output=jsonpath={.status}{"\\n"}']
  const watch = spawn(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...status])
  return {
    /** What is said of it, now and with each change. */
    async *looks() {
      for await (const line of createInterface(watch.stdout)) yield looks(JSON.parse(line))
    },
    async [Symbol.asyncDispose]() {
      watch.kill()
      await kubectl(cluster, ['delete', 'pod', pod, '--wait=false'])
    },
  }
}

interface Status {
  readonly phase: string
  readonly conditions: readonly Readonly<Record<'type' | 'status' | 'reason', string>>[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly containerStatuses: readonly ContainerStatus[]
}

/** What statuses are made from, without times, names and counts that depend on the machine. */
function looks({ phase, conditions, initContainerStatuses, containerStatuses }: Status) {
  return {
    phase,
    conditions: conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort(),
    init: initContainerStatuses?.map(container),
    main: containerStatuses.map(container),
  }
}

interface State {
  readonly waiting?: { readonly reason: string }
  readonly running?: object
  readonly terminated?: { readonly reason: string; readonly exitCode: number }
}

interface ContainerStatus {
  readonly ready: boolean
  readonly started: boolean
  readonly state: State
  readonly lastState: State
  readonly restartCount: number
}

function container({ ready, started, state, lastState, restartCount }: ContainerStatus) {
  const words = ({ waiting, running, terminated }: State) =>
    waiting?.reason ??
    (running ? 'running' : terminated ? `${terminated.reason} ${terminated.exitCode}` : '')
  return { ready, started, now: words(state), before: words(lastState), again: restartCount > 0 }
}

/** Each goes round by its own time: they are alike when one looks as the other did at some moment. */
const PATIENCE = 60_000

describe('a stand-in is like a real kubelet to those who watch a pod that', () => {
  it.concurrent.for(Object.keys(PODS) as (keyof typeof PODS)[])('%s', async (name, { expect }) => {
    const [whole, standIn] = ownClusters
    if (!whole || !standIn) throw new Error('two clusters are needed to compare them')
    await using real = await run(whole, name)
    await using other = await run(standIn, name)
    const reals: object[] = []
    const others: object[] = []
    const likeness = () => others.find((one) => reals.some((two) => isDeepStrictEqual(one, two)))
    const followed = async (looks: AsyncIterable<object>, seen: object[]) => {
      for await (const look of looks) {
        seen.push(look)
        if (likeness()) return
      }
    }
    const both = [followed(real.looks(), reals), followed(other.looks(), others)]
    const late = new Promise<void>((resolve) => {
      AbortSignal.timeout(PATIENCE).addEventListener('abort', () => resolve())
    })
    await Promise.race([...both, late])
    expect(reals).toContainEqual(likeness() ?? others)
  })
})
