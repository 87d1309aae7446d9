import type { AppState, Instance, ReasonCode } from 'intermodal'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../adapters/kubernetes/status.ts'
import type { KubernetesObject } from '../../adapters/kubernetes/wire.ts'
import type { Pod } from '../../adapters/kubernetes/workload.ts'
import { expectedHealth, objectsOf } from './corpus.ts'
import { pod } from './pods.ts'
import { judge } from './snapshots.ts'

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
