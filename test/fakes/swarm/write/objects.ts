import type { Container } from '../agent/container.ts'
import { healthRules } from '../agent/health.ts'
import { isGlobal, isJob, modeOf, replicasOf } from '../spec/policy.ts'
import {
  type ConfigRecord,
  isOver,
  type NodeObject,
  RUNNING,
  rank,
  type SecretRecord,
  type ServiceRecord,
  type TaskRecord,
} from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { TLS } from './system.ts'

export function serviceJson(service: ServiceRecord): object {
  const { specVersion: _, previousSpecVersion: __, ...told } = service
  const {
    ID,
    Version,
    CreatedAt,
    UpdatedAt,
    Spec,
    PreviousSpec,
    Endpoint,
    UpdateStatus,
    JobStatus,
  } = told
  return {
    ID,
    Version,
    CreatedAt,
    UpdatedAt,
    Spec,
    ...(PreviousSpec ? { PreviousSpec } : {}),
    Endpoint,
    ...(UpdateStatus ? { UpdateStatus } : {}),
    ...(JobStatus ? { JobStatus } : {}),
  }
}

export function taskJson(task: TaskRecord): object {
  const { ID, Version, CreatedAt, UpdatedAt, Labels, Spec, ServiceID, Slot, NodeID } = task
  const { Status, DesiredState, NetworksAttachments, JobIteration } = task
  return {
    ID,
    Version,
    CreatedAt,
    UpdatedAt,
    Labels,
    Spec,
    ServiceID,
    ...(Slot ? { Slot } : {}),
    ...(NodeID ? { NodeID } : {}),
    Status,
    DesiredState,
    ...(NetworksAttachments ? { NetworksAttachments } : {}),
    ...(JobIteration ? { JobIteration } : {}),
  }
}

export function nodeJson({ record: _, ...node }: NodeObject): object {
  const { Engine, ...description } = node.Description ?? {}
  const Plugins = ['json-file', 'local'].map((Name) => ({ Type: 'Log', Name }))
  return {
    ...node,
    Description: { ...description, Engine: { ...Engine, Plugins }, TLSInfo: TLS },
  }
}

/** Data of a secret is never told. */
export function secretJson({ Spec, ...secret }: SecretRecord): object {
  const { Data: _, ...spec } = Spec
  return { ...secret, Spec: spec }
}

export function configJson(config: ConfigRecord): object {
  return config
}

/** The counts of `status=true`. Tasks on nodes that are silent count as running: nobody has said otherwise. */
export function serviceStatus(store: Store, service: ServiceRecord): object {
  const tasks = store.tasksOf(service.ID)
  const { Spec } = service
  const job = isJob(Spec)
  const iteration = service.JobStatus?.JobIteration?.Index ?? 0
  const mine = job ? tasks.filter((task) => (task.JobIteration?.Index ?? 0) === iteration) : tasks
  const completed = mine.filter(({ Status }) => Status.State === 'complete').length
  const alive = mine.filter(
    ({ DesiredState }) => rank(DesiredState) <= RUNNING || DesiredState === 'complete',
  )
  const counted =
    modeOf(Spec) === 'GlobalJob'
      ? mine.filter((task) => task.DesiredState === 'complete' && !isOver(task)).length
      : job
        ? (Spec.Mode?.ReplicatedJob?.MaxConcurrent ?? mine.length)
        : isGlobal(Spec)
          ? alive.length
          : replicasOf(Spec)
  return {
    RunningTasks: mine.filter(({ Status }) => Status.State === 'running').length,
    DesiredTasks: counted,
    CompletedTasks: job ? completed : 0,
  }
}

export function statusText(container: Container, now: number): string {
  const since = container.state === 'running' ? container.started : container.finished
  const seconds = Math.max(0, Math.floor((now - Number((since ?? 0n) / 1_000_000n)) / 1000))
  const age = seconds < 1 ? 'Less than a second' : seconds === 1 ? '1 second' : `${seconds} seconds`
  if (container.state === 'created') return 'Created'
  if (container.state === 'exited') return `Exited (${container.exitCode}) ${age} ago`
  const checked = healthRules(container.task) && container.health
  const health = checked === 'starting' ? ' (health: starting)' : checked ? ` (${checked})` : ''
  return `Up ${age}${health}`
}
