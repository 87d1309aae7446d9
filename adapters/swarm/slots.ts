import { isJob } from './task-revision.ts'
import { type Node, type Service, TASK_STATES, type Task, type TaskState } from './wire.ts'

/** The tasks of one place: a replica's number, or a node for services with one task on each. */
export interface Slot {
  readonly name: string
  /** Wanted to run, or to be run again; oldest first. */
  readonly live: readonly Task[]
  /** Told to stop and not gone yet. */
  readonly stopping: readonly Task[]
  /** Ended by themselves, newest first. Those told to stop are not evidence of anything. */
  readonly ended: readonly Task[]
}

const ORDER = new Map<TaskState, number>(TASK_STATES.map((state, index) => [state, index]))

export function isTerminal(state: TaskState): boolean {
  return (ORDER.get(state) ?? 0) > (ORDER.get('running') ?? 0)
}

export function isWanted(task: Task): boolean {
  const { DesiredState } = task
  return DesiredState === 'running' || DesiredState === 'ready' || DesiredState === 'complete'
}

/** Of a job only the present run counts: each change of the service starts another. */
export function slotsOf(service: Service, tasks: readonly Task[]): readonly Slot[] {
  const job = isJob(service.Spec)
  const run = job ? presentRun(service, tasks) : 0
  const global = service.Spec.Mode?.Global ?? service.Spec.Mode?.GlobalJob
  const groups = new Map<string, Task[]>()
  for (const task of tasks) {
    if (job && runOf(task) !== run) continue
    const name = global ? (task.NodeID ?? task.ID) : String(task.Slot ?? 0)
    const group = groups.get(name)
    if (group) group.push(task)
    else groups.set(name, [task])
  }
  return [...groups]
    .sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
    .map(([name, group]) => slotOf(name, group))
}

/** The engine leaves out an index of 0, and the whole of it without `?status=true`. */
function presentRun(service: Service, tasks: readonly Task[]): number {
  const told = service.JobStatus?.JobIteration
  return told ? (told.Index ?? 0) : Math.max(0, ...tasks.map(runOf))
}

function runOf({ JobIteration }: Task): number {
  return JobIteration?.Index ?? 0
}

function slotOf(name: string, tasks: Task[]): Slot {
  tasks.sort((a, b) => timeOf(a.CreatedAt) - timeOf(b.CreatedAt))
  const wanted = tasks.filter((task) => isWanted(task) && !isTerminal(task.Status.State))
  const runs = wanted.some(({ DesiredState }) => DesiredState !== 'ready')
  return {
    name,
    // A successor that waits for its predecessor is not one more instance.
    live: runs ? wanted.filter(({ DesiredState }) => DesiredState !== 'ready') : wanted,
    stopping: tasks.filter((task) => !isWanted(task) && !isTerminal(task.Status.State)),
    ended: tasks.filter(({ Status }) => isEnd(Status.State)).reverse(),
  }
}

function isEnd(state: TaskState): boolean {
  return state === 'complete' || state === 'failed' || state === 'rejected' || state === 'orphaned'
}

/** Milliseconds since the epoch; 0 when the engine did not say. */
export function timeOf(text: string | undefined): number {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? 0 : time
}

/** When the task came into its state, by its node's clock. */
export function stateTime({ Status, UpdatedAt }: Task): number {
  return timeOf(Status.Timestamp) || timeOf(UpdatedAt)
}

export function isLost(task: Task, nodes: ReadonlyMap<string, Node>): boolean {
  if (task.NodeID === undefined || task.NodeID === '' || nodes.size === 0) return false
  const state = nodes.get(task.NodeID)?.Status.State
  // After a change of leader every node is `unknown` for a moment; one that is gone becomes `down` soon enough.
  return state === undefined || state === 'down' || state === 'disconnected'
}
