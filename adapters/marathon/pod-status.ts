import type { PodDefinition } from './wire.ts'
import type { AppInfo, PodInstanceStatus, PodStatus, Task, TaskFailure } from './wire-answers.ts'

const STATES: Readonly<Record<string, string>> = {
  PENDING: 'TASK_STAGING',
  STAGING: 'TASK_STARTING',
  STABLE: 'TASK_RUNNING',
  DEGRADED: 'TASK_RUNNING',
  TERMINAL: 'TASK_FINISHED',
}

/** What a pod's status says, as what an app's answer says: the rules are the same for both. */
export function podAsApp(pod: PodStatus): AppInfo & { readonly spec: PodDefinition } {
  const spec = pod.spec ?? { id: pod.id, containers: [] }
  const checked = spec.containers.some(({ healthCheck }) => healthCheck !== undefined)
  const tasks = (pod.instances ?? [])
    .filter(({ status }) => status !== 'TERMINAL')
    .map((instance) => taskOf(instance, checked))
  const failure = failureOf(pod)
  return {
    id: pod.id,
    spec,
    instances: spec.scaling?.instances ?? 1,
    labels: spec.labels ?? {},
    ...(pod.spec?.version === undefined ? {} : { version: pod.spec.version }),
    ...(checked ? { healthChecks: [{ protocol: 'MESOS_TCP' }] } : {}),
    tasks,
    ...(failure ? { lastTaskFailure: failure } : {}),
  }
}

function taskOf(instance: PodInstanceStatus, checked: boolean): Task {
  const { id, status = 'PENDING', statusSince, agentHostname, networks, specReference } = instance
  const running = status === 'STABLE' || status === 'DEGRADED'
  const healths = (instance.containers ?? []).flatMap(({ endpoints = [], conditions = [] }) => [
    ...endpoints.flatMap(({ healthy }) => (typeof healthy === 'boolean' ? [healthy] : [])),
    ...conditions.flatMap(({ name, value }) => (name === 'healthy' ? [value === 'true'] : [])),
  ])
  const version = specReference?.split('::versions/')[1]
  const [container] = instance.containers ?? []
  return {
    id: incarnation(id, container?.containerId),
    ...(agentHostname ? { host: agentHostname } : {}),
    state: STATES[status] ?? 'TASK_UNKNOWN',
    ...(running && statusSince ? { startedAt: statusSince } : {}),
    ...(status !== 'PENDING' && statusSince ? { stagedAt: statusSince } : {}),
    ...(version ? { version: decodeURIComponent(version) } : {}),
    ipAddresses: (networks ?? []).flatMap(({ addresses = [] }) =>
      addresses.map((ipAddress) => ({ ipAddress })),
    ),
    ...(checked
      ? {
          healthCheckResults:
            healths.length > 0
              ? healths.map((alive) => ({ alive, consecutiveFailures: alive ? 0 : 1 }))
              : status === 'DEGRADED'
                ? [{ alive: false, consecutiveFailures: 1 }]
                : [],
        }
      : {}),
  }
}

/**
 * Since 1.8 what is started in the place of an instance keeps its id, and only its tasks count up: `….web.2`. It is another
 * instance all the same.
 */
function incarnation(instance: string, task: string | undefined): string {
  const [, count = '1'] = /\.(\d+)$/.exec(task ?? '') ?? []
  return count === '1' ? instance : `${instance}.${count}`
}

/** As Marathon knows it. */
export function placeOfPod(instance: string): string {
  return instance.replace(/\.\d+$/, '')
}

/** The only place where Marathon tells an exit code. */
function failureOf({ id, spec, terminationHistory }: PodStatus): TaskFailure | undefined {
  const [last] = [...(terminationHistory ?? [])].sort(
    (a, b) => (Date.parse(b.terminatedAt ?? '') || 0) - (Date.parse(a.terminatedAt ?? '') || 0),
  )
  const container = last?.containers?.find(
    ({ lastKnownState }) =>
      lastKnownState !== undefined &&
      lastKnownState !== 'TASK_KILLED' &&
      lastKnownState !== 'TASK_FINISHED',
  )
  if (!last?.instanceID || !container) return undefined
  const { exitCode, message } = container.termination ?? {}
  const said = message ?? last.message ?? ''
  return {
    appId: id,
    // What comes in its place may have the id of its instance.
    taskId: container.containerId ?? `${last.instanceID}.${last.terminatedAt ?? ''}`,
    state: container.lastKnownState ?? 'TASK_FAILED',
    message:
      exitCode === undefined ? said : `exited with status ${exitCode}${said ? `: ${said}` : ''}`,
    ...(last.terminatedAt ? { timestamp: last.terminatedAt } : {}),
    ...(spec?.version ? { version: spec.version } : {}),
  }
}
