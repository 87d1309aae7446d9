import type { AppState, AppStatus, Instance, ReasonCode } from 'intermodal'
import { describe, expect, it } from 'vitest'
import { slim } from '../../adapters/kubernetes/slim.ts'
import { type Snapshot, statusOf } from '../../adapters/kubernetes/status.ts'
import type { Condition, KubernetesObject } from '../../adapters/kubernetes/wire.ts'
import type { Deployment, Pod, ReplicaSet } from '../../adapters/kubernetes/workload.ts'
import { expectedHealth, objectsOf } from './corpus.ts'
import { at, ended, event, pod, T0, waiting } from './pods.ts'

function judge(snapshot: Omit<Snapshot, 'observed'>, now = T0 + 60_000): AppStatus {
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

describe("the health of Argo's objects", () => {
  const health = expectedHealth()

  /** Argo's words in ours; for pods those of the one instance. */
  const STATES: Readonly<Record<string, readonly AppState[]>> = {
    'deployment-degraded.yaml': ['failed'],
    'deployment-progressing.yaml': ['deploying'],
    'deployment-suspended.yaml': ['paused'],
    'statefulset.yaml': ['running'],
    'statefulset-ondelete.yaml': ['running'],
    'daemonset-ondelete.yaml': ['running'],
    'job-failed.yaml': ['failed'],
    'job-running.yaml': ['running'],
    'job-succeeded.yaml': ['completed'],
    'job-suspended.yaml': ['paused'],
  }
  const PODS: Readonly<Record<string, readonly [Instance['state'], boolean, ReasonCode?]>> = {
    'pod-crashloop.yaml': ['starting', false, 'CrashLoop'],
    'pod-deletion.yaml': ['stopping', false],
    'pod-error.yaml': ['starting', false, 'CrashLoop'],
    'pod-failed.yaml': ['failed', false, 'ExitNonZero'],
    'pod-imagepullbackoff.yaml': ['preparing', false, 'ImagePullFailed'],
    'pod-pending.yaml': ['preparing', false],
    'pod-running-not-ready.yaml': ['running', false, 'ReadinessFailed'],
    'pod-running-restart-always.yaml': ['running', true],
    // Argo calls Progressing whatever is to end one day; what it does until then is ours to say.
    'pod-running-restart-never.yaml': ['running', true],
    'pod-running-restart-onfailure.yaml': ['starting', false, 'CrashLoop'],
    'pod-succeeded.yaml': ['succeeded', false],
  }
  /** Objects that run nothing, and are not apps. */
  const NOT_APPS = /^(?:apiservice|hpa|ingress|pvc|svc)-?/

  it('are all judged, or are no apps', () => {
    expect(health.size).toBe(45)
    const left = [...health.keys()].filter(
      (file) => !NOT_APPS.test(file) && !STATES[file] && !PODS[file],
    )
    expect(left).toEqual([])
  })

  it.each(Object.entries(STATES))('of %s is %s', (file, states) => {
    const [workload] = objectsOf('kubernetes-health', file)
    if (!workload) throw new Error(`no object in ${file}`)
    expect(states).toContain(judge({ workload, pods: podsOf(workload) }).state)
  })

  it.each(Object.entries(PODS))('of %s is %s', (file, [state, ready, code]) => {
    const [found] = objectsOf('kubernetes-health', file)
    const [instance] = judge(run([found as Pod])).instances
    expect([instance?.state, instance?.ready, instance?.reason?.code]).toEqual([state, ready, code])
  })
})

/** The pods that a workload's own counts speak of. */
function podsOf(workload: KubernetesObject): Pod[] {
  const status = workload.status as Record<string, number> | undefined
  const ready = status?.readyReplicas ?? status?.numberReady ?? status?.active ?? 0
  const all = Math.max(status?.replicas ?? status?.currentNumberScheduled ?? 0, ready)
  return Array.from({ length: all }, (_, index) =>
    pod(`web-${index}`, { ready: index < ready, metadata: { labels: {} } }),
  )
}

/** A run of a job, which keeps pods that have ended. */
function run(pods: readonly Pod[]): Omit<Snapshot, 'observed'> {
  return {
    workload: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', uid: 'uid-job' },
      spec: {},
    },
    pods,
  }
}

interface DeploymentOptions {
  readonly spec?: object
  readonly status?: object
  readonly generation?: number
  readonly revision?: string
  readonly template?: object
  readonly metadata?: object
}

function deployment({
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

function progressing(reason: string, status = 'True', message = '') {
  return { type: 'Progressing', status, reason, message, lastTransitionTime: at(50) }
}

function replicaSet(
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

const history = [replicaSet('old', 1, 'r1'), replicaSet('new', 2, 'r2')]
const updating = {
  replicas: 3,
  updatedReplicas: 1,
  readyReplicas: 2,
  availableReplicas: 2,
  conditions: [progressing('ReplicaSetUpdated')],
}

function starting(name: string, options: Parameters<typeof pod>[1]): Pod {
  return pod(name, { ready: false, ...options })
}

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

describe('an instance', () => {
  const only = (
    one: Pod,
    events: Snapshot['events'] = [],
    lostNodes?: ReadonlySet<string>,
  ): Instance => {
    const { instances } = judge({ workload: deployment(), pods: [one], history, events, lostNodes })
    const [instance] = instances
    if (!instance) throw new Error('the instance is not shown')
    return instance
  }
  const unschedulable = (message: string): Pod =>
    starting('a', {
      node: undefined,
      status: {
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message,
            lastTransitionTime: at(1),
          },
        ],
      },
    })

  it.each([
    [
      '0/3 nodes are available: 2 Insufficient cpu, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
      'InsufficientCpu',
    ],
    ['0/3 nodes are available: 1 Insufficient cpu, 3 Insufficient memory.', 'InsufficientMemory'],
    [
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
      'ConstraintUnsatisfied',
    ],
    [
      "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.",
      'PortConflict',
    ],
    ['0/1 nodes are available: 1 Insufficient nvidia.com/gpu.', 'InsufficientGpu'],
    ['0/1 nodes are available: 1 Insufficient ephemeral-storage.', 'InsufficientDisk'],
    [
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
      'VolumeUnavailable',
    ],
    [
      '0/5 nodes are available: 4 node(s) were unschedulable, 1 Insufficient cpu.',
      'InsufficientCpu',
    ],
    ['no nodes available to schedule pods', 'NoNodes'],
  ] as const)('without a place for "%s" says %s', (message, code) => {
    const instance = only(unschedulable(message))
    expect(instance).toMatchObject({ state: 'pending', reason: { code, since: T0 + 1000 } })
    expect(instance.reason?.message).not.toContain('preemption')
  })

  it('without a place makes the app wait', () => {
    const one = unschedulable('0/3 nodes are available: 3 Insufficient cpu.')
    const status = judge({ workload: deployment({ status: updating }), pods: [one], history })
    expect(status.state).toBe('waiting')
    expect(status.reasons[0]?.message).toBe('0/3 nodes are available: 3 Insufficient cpu')
  })

  it.each([
    [
      'ErrImagePull',
      'rpc error: code = NotFound desc = failed to pull and unpack image "shop/web:2": shop/web:2: not found',
      'ImageNotFound',
    ],
    [
      'ImagePullBackOff',
      'Back-off pulling image "shop/web:2": ErrImagePull: failed to authorize: 401 Unauthorized',
      'RegistryAuth',
    ],
    ['ImagePullBackOff', 'Back-off pulling image "shop/web:2"', 'ImagePullFailed'],
    ['InvalidImageName', 'couldn\'t parse image name "Shop Web"', 'ImageNotFound'],
    ['CreateContainerConfigError', 'secret "db" not found', 'SecretMissing'],
    ['CreateContainerConfigError', "couldn't find key user in Secret shop/db", 'SecretMissing'],
    ['CreateContainerConfigError', 'configmap "banner" not found', 'ConfigMissing'],
    ['RunContainerError', 'exec: "nope": executable file not found in $PATH', 'StartFailed'],
  ] as const)('that waits with %s (%s) says %s', (reason, message, code) => {
    expect(only(starting('a', { state: waiting(reason, message) })).reason?.code).toBe(code)
  })

  it("takes the registry's answer from the event where the status has none", () => {
    const one = starting('a', {
      state: waiting('ImagePullBackOff', 'Back-off pulling image "shop/web:2"'),
    })
    const told = event(one, 'Failed', 'Failed to pull image "shop/web:2": shop/web:2: not found')
    expect(only(one, [told]).reason?.code).toBe('ImageNotFound')
  })

  it('in a crash loop delays the app, and says what it came from', () => {
    const one = starting('a', {
      restarts: 5,
      state: waiting('CrashLoopBackOff', 'back-off 2m40s restarting failed container'),
      lastState: ended(137, 'OOMKilled'),
    })
    const status = judge({ workload: deployment({ status: updating }), pods: [one], history })
    expect(status.state).toBe('delayed')
    expect(status.instances[0]).toMatchObject({
      restarts: 5,
      exitCode: 137,
      nativeState: 'CrashLoopBackOff',
    })
    expect(status.reasons.map(({ code }) => code).sort()).toEqual(['CrashLoop', 'OomKilled'])
    expect(status.instances[0]?.reason?.message).toContain('5 times')
  })

  it('that its liveness check killed says so, not its exit code', () => {
    const one = starting('a', {
      restarts: 3,
      state: waiting('CrashLoopBackOff'),
      lastState: ended(137),
    })
    const killed = event(
      one,
      'Killing',
      'Container web failed liveness probe, will be restarted',
      4,
    )
    const status = judge({
      workload: deployment({ status: updating }),
      pods: [one],
      history,
      events: [killed],
    })
    expect(status.reasons.map(({ code }) => code).sort()).toEqual(['CrashLoop', 'LivenessFailed'])
  })

  it('that did not start in time says so', () => {
    const one = starting('a', {
      restarts: 1,
      state: { running: { startedAt: at(8) } },
      lastState: ended(137),
    })
    const killed = event(one, 'Killing', 'Container web failed startup probe, will be restarted', 4)
    expect(only(one, [killed]).reason?.code).toBe('StartupTimeout')
  })

  it('warms up for as long as its readiness check gives it, and is unhealthy after that', () => {
    const probes = {
      readinessProbe: { periodSeconds: 10, failureThreshold: 3, initialDelaySeconds: 20 },
    }
    const one = starting('a', { probes, started: true })
    const health = (seconds: number) =>
      judge({ workload: deployment(), pods: [one], history }, T0 + seconds * 1000).instances[0]
        ?.health
    expect([health(30), health(49), health(51)]).toEqual(['warmingUp', 'warmingUp', 'unhealthy'])
  })

  it('has no health without a check', () => {
    expect(only(pod('a')).health).toBe('none')
  })

  it('is still starting while its startup check has not passed', () => {
    const one = starting('a', { probes: { startupProbe: {} }, started: false })
    expect(only(one)).toMatchObject({ state: 'starting', health: 'warmingUp' })
  })

  it('is lost with its node', () => {
    expect(only(pod('a', { node: 'n9' }), [], new Set(['n9']))).toMatchObject({
      state: 'lost',
      ready: false,
      reason: { code: 'NodeLost' },
    })
  })

  it.each([
    [
      'Evicted',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'killed',
    ],
    [
      'Preempted',
      {
        phase: 'Failed',
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'PreemptionByScheduler',
            message: 'preempting',
          },
        ],
      },
      'killed',
    ],
    ['InsufficientCpu', { phase: 'Failed', reason: 'OutOfcpu' }, 'rejected'],
  ] as const)('that ended as %s is shown while another is missing', (code, status, state) => {
    const one = pod('a', { status, ready: false })
    expect(only(one)).toMatchObject({ state, reason: { code } })
  })

  it('that ended is forgotten once it has been replaced', () => {
    const gone = pod('x', { status: { phase: 'Failed', reason: 'Evicted' } })
    const { instances } = judge({
      workload: deployment(),
      pods: [gone, pod('a'), pod('b')],
      history,
    })
    expect(instances.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('that waits for a volume says which', () => {
    const one = starting('a', { state: waiting('ContainerCreating') })
    const told = event(
      one,
      'FailedMount',
      'MountVolume.SetUp failed for volume "conf" : configmap "banner" not found',
    )
    expect(only(one, [told]).reason?.code).toBe('ConfigMissing')
  })

  it('names the init container that holds it up', () => {
    const one = starting('a', {
      state: waiting('PodInitializing'),
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          {
            name: 'migrate',
            restartCount: 2,
            state: waiting('CrashLoopBackOff'),
            lastState: ended(2),
          },
        ],
        containerStatuses: [{ name: 'web', state: waiting('PodInitializing') }],
      },
    })
    expect(only(one)).toMatchObject({
      nativeState: 'Init:CrashLoopBackOff',
      reason: { code: 'CrashLoop' },
    })
  })
})

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
