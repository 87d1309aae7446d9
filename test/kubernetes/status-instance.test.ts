import type { Instance } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../adapters/kubernetes/status.ts'
import type { Pod } from '../../adapters/kubernetes/workload.ts'
import { at, ended, event, pod, T0, waiting } from './pods.ts'
import { deployment, history, judge, starting, updating } from './snapshots.ts'

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
