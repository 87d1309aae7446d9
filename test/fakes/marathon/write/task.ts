import type { Marathon } from '../marathon.ts'
import { servicePorts } from '../store/ports.ts'
import type { AppSpec, Spec } from '../store/root.ts'
import { roleOf } from '../store/root.ts'
import type { Entry } from '../world/book.ts'
import type { AppRecord, InstanceRecord } from '../world/cluster.ts'
import type { Described } from '../world/describe.ts'
import { uuidOf } from '../world/ids.ts'
import { hasTask, type PhaseName, phase, phaseOf } from '../world/tasks.ts'

/** An instance of an app or pod, and all there is to say of it. */
export interface TaskView {
  readonly record: AppRecord
  readonly instance: InstanceRecord
  readonly entry: Entry
  readonly described: Described
  readonly phase: PhaseName
  readonly alive: boolean | undefined
}

/** Those that have a task, in the order in which they were made. */
export function tasksOf(marathon: Marathon, spec: Spec): readonly TaskView[] {
  return instancesOfSpec(marathon, spec).filter(({ instance }) => hasTask(instance))
}

/** Those too that wait for an offer. */
export function instancesOfSpec({ cluster, observer }: Marathon, spec: Spec): readonly TaskView[] {
  const record = cluster.record(spec.id)
  if (!record) return []
  return record.instances.map((instance) => {
    const entry = observer.book.entry(record, instance, cluster.now)
    return {
      record,
      instance,
      entry,
      described: observer.views.describe(record, instance, entry),
      phase: phaseOf(instance),
      alive: observer.views.aliveOf(instance),
    }
  })
}

/** A task as Marathon answers it. `withServicePorts`: as in the list of all tasks. */
export function taskJson(
  { dialect, setup }: Marathon,
  spec: AppSpec,
  view: TaskView,
  withServicePorts = false,
): object {
  const { described, entry, instance } = view
  const { appId, host, agentId, ports, ipAddresses, region, zone } = described
  const active = view.phase !== 'provisioned'
  const health = healthJson(view)
  const full = dialect.since('1.6')
  return {
    id: described.tasks[0],
    appId,
    host,
    slaveId: agentId,
    state: phase(view.phase).state,
    ...(active && entry.stagedAt !== undefined ? { stagedAt: iso(entry.stagedAt) } : {}),
    ...(instance.startedAt === undefined ? {} : { startedAt: iso(instance.startedAt) }),
    ...(active ? { version: described.version } : {}),
    ports: active ? ports : [],
    ipAddresses: active ? ipAddresses : [],
    ...(health.length > 0 || full ? { healthCheckResults: health } : {}),
    ...(withServicePorts || full
      ? { servicePorts: withServicePorts ? servicePorts(spec.definition) : [] }
      : {}),
    localVolumes: localVolumes(spec, view),
    ...(dialect.since('1.9') ? { role: roleOf(spec, setup.role) } : {}),
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
  }
}

function healthJson({ alive, entry, instance, described }: TaskView): readonly object[] {
  if (alive === undefined) return []
  const { firstSuccess, lastSuccess, lastFailure } = entry
  return [
    {
      alive,
      consecutiveFailures: alive ? 0 : (instance.probes?.liveness?.streak ?? 1),
      ...(firstSuccess === undefined ? {} : { firstSuccess: iso(firstSuccess) }),
      ...(lastSuccess === undefined ? {} : { lastSuccess: iso(lastSuccess) }),
      ...(lastFailure === undefined
        ? {}
        : { lastFailure: iso(lastFailure), lastFailureCause: '503 Service Unavailable' }),
      instanceId: described.instanceId,
    },
  ]
}

function localVolumes(spec: AppSpec, { entry, described }: TaskView): readonly object[] {
  return (spec.definition.container?.volumes ?? []).flatMap(
    ({ persistent, containerPath = '' }) => {
      if (!persistent) return []
      const uuid = uuidOf(`${entry.uuid} ${containerPath}`)
      const persistenceId = `${spec.id.slice(1).replaceAll('/', '_')}#${containerPath}#${uuid}`
      return [{ runSpecId: described.appId, containerPath, uuid, persistenceId }]
    },
  )
}

export interface Counts {
  readonly tasksStaged: number
  readonly tasksRunning: number
  readonly tasksHealthy: number
  readonly tasksUnhealthy: number
}

/** Staged are those without word from Mesos, or still staging; starting ones are neither staged nor running. */
export function countsOf(tasks: readonly TaskView[]): Counts {
  const running = tasks.filter((task) => task.phase === 'running')
  return {
    tasksStaged: tasks.filter((task) => phase(task.phase).state === 'TASK_STAGING').length,
    tasksRunning: running.length,
    tasksHealthy: running.filter(({ alive }) => alive === true).length,
    tasksUnhealthy: running.filter(({ alive }) => alive === false).length,
  }
}

export function iso(time: number): string {
  return new Date(time).toISOString()
}
