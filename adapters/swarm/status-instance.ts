import type { Health, Instance, InstanceState, Reason } from 'intermodal'
import { type Cause, exitCodeOf, withTime } from './reasons.ts'
import { isLost, isTerminal, isWanted, type Slot, stateTime, timeOf } from './slots.ts'
import type { Node, Task, TaskState, TaskTemplate } from './wire.ts'

/** What the instances of one app are judged by. */
export interface Judging {
  readonly nodes: ReadonlyMap<string, Node>
  readonly revisionOf: (task: Task) => string
  readonly causeOf: (task: Task) => Cause | undefined
  readonly job: boolean
  /** Of slots whose instance ends again and again. */
  readonly loopOf: (slot: Slot) => Reason | undefined
  /** How long an instance of such a slot has to run before it is believed, milliseconds. */
  readonly monitor: number
  readonly now: number
}

const STATES: Readonly<Record<TaskState, InstanceState>> = {
  new: 'pending',
  allocated: 'pending',
  pending: 'pending',
  assigned: 'assigned',
  accepted: 'assigned',
  preparing: 'preparing',
  // Prepared, and waiting for its predecessor to end or for the restart delay.
  ready: 'preparing',
  starting: 'starting',
  running: 'running',
  complete: 'succeeded',
  shutdown: 'killed',
  failed: 'failed',
  rejected: 'rejected',
  remove: 'killed',
  orphaned: 'lost',
}

/** Whether a health check vouches for what runs. One that the image brings is not in the spec, and not known of. */
export function isChecked({ ContainerSpec }: TaskTemplate): boolean {
  const [test] = ContainerSpec?.Healthcheck?.Test ?? []
  return test !== undefined && test !== 'NONE'
}

export function* instancesOf(slot: Slot, judging: Judging, retries: boolean): Generator<Instance> {
  const loop = judging.loopOf(slot)
  for (const task of slot.live) yield liveInstance(task, slot, judging, loop)
  for (const task of slot.stopping) yield stoppingInstance(task, slot, judging)
  const [last] = slot.ended
  if (judging.job) {
    for (const task of slot.ended) {
      if (task !== last || task.Status.State === 'complete' || !retries || slot.live.length > 0)
        yield endedInstance(task, slot, judging)
    }
  }
  if (!last || (judging.job && last.Status.State === 'complete')) return
  if (retries && slot.live.length === 0 && slot.stopping.length === 0) {
    // Swarm makes the next one when the restart delay has passed; until then the place is still wanted.
    yield {
      ...endedInstance(last, slot, judging),
      state: 'pending',
      ...whyNot(loop ?? repeated(last, slot, judging)),
    }
  } else if (!judging.job && !slot.live.some((task) => isSettled(task, last, judging))) {
    yield { ...endedInstance(last, slot, judging), ...whyNot(repeated(last, slot, judging)) }
  }
}

/**
 * What ended is no longer evidence when its successor is healthy, or has been up for a while. One that runs since before
 * is no successor: that is how an update ends that starts new instances first.
 */
function isSettled(task: Task, ended: Task, judging: Judging): boolean {
  return (
    timeOf(task.CreatedAt) >= timeOf(ended.CreatedAt) &&
    isReady(task, judging, undefined) &&
    (isChecked(task.Spec) || judging.now - stateTime(task) >= judging.monitor)
  )
}

function liveInstance(
  task: Task,
  slot: Slot,
  judging: Judging,
  loop: Reason | undefined,
): Instance {
  const { State } = task.Status
  const lost = isLost(task, judging.nodes)
  const ready = isReady(task, judging, loop)
  return {
    ...common(task, slot, judging),
    state: lost ? 'lost' : STATES[State],
    health: healthOf(task, judging, lost),
    ready,
    ...(State === 'running' ? { startedAt: stateTime(task) } : {}),
    ...whyNot(ready ? undefined : lost ? lostReason(task) : (loop ?? reason(task, judging))),
  }
}

function isReady(task: Task, judging: Judging, loop: Reason | undefined): boolean {
  const { Status, DesiredState } = task
  if (Status.State !== 'running' || DesiredState === 'ready' || !isWanted(task)) return false
  if (isLost(task, judging.nodes)) return false
  // In a crash loop every instance runs for a while.
  return !loop || judging.now - stateTime(task) >= judging.monitor
}

/** Swarm has a task `starting` until its check passes, and ends it when it fails: running is healthy. */
function healthOf(task: Task, judging: Judging, lost: boolean): Health {
  const { State, Err } = task.Status
  if (!isChecked(task.Spec)) return 'none'
  if (/unhealthy container/.test(Err ?? '')) return 'unhealthy'
  if (lost) return 'unknown'
  if (State === 'starting') return 'warmingUp'
  if (State !== 'running') return 'unknown'
  const node = judging.nodes.get(task.NodeID ?? '')
  return node && node.Status.State !== 'ready' ? 'unknown' : 'healthy'
}

function stoppingInstance(task: Task, slot: Slot, judging: Judging): Instance {
  const lost = isLost(task, judging.nodes)
  const node = judging.nodes.get(task.NodeID ?? '')
  const drained = node?.Spec.Availability === 'drain'
  return {
    ...common(task, slot, judging),
    state: lost ? 'lost' : 'stopping',
    health: healthOf(task, judging, lost),
    ready: false,
    ...whyNot(
      lost
        ? lostReason(task)
        : drained
          ? withTime(
              { code: 'NodeDrained', message: `node ${nameOf(node)} is drained` },
              stateTime(task),
            )
          : undefined,
    ),
  }
}

function endedInstance(task: Task, slot: Slot, judging: Judging): Instance {
  const { State, Err } = task.Status
  const exitCode = exitCodeOf(task)
  // An end with 0 is a success for what is meant to end, and for nothing else.
  const state = State === 'complete' && !judging.job ? 'failed' : STATES[State]
  return {
    ...common(task, slot, judging),
    state,
    health: !isChecked(task.Spec) ? 'none' : /unhealthy/.test(Err ?? '') ? 'unhealthy' : 'unknown',
    ready: false,
    finishedAt: stateTime(task),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...whyNot(state === 'succeeded' ? undefined : reason(task, judging)),
  }
}

function common(task: Task, slot: Slot, { nodes, revisionOf }: Judging) {
  const node = nodes.get(task.NodeID ?? '')
  const addresses = addressesOf(task)
  const name = task.Slot === undefined ? (node ? nameOf(node) : slot.name) : String(task.Slot)
  const revision = revisionOf(task)
  return {
    id: task.ID,
    slot: name,
    nativeState: task.Status.State,
    revision,
    ...(task.NodeID ? { node: node ? nameOf(node) : task.NodeID } : {}),
    ...(addresses.length > 0 ? { addresses } : {}),
    restarts: slot.ended.filter((other) => other !== task && revisionOf(other) === revision).length,
  }
}

function nameOf({ Description, ID }: Node): string {
  return Description?.Hostname || ID
}

function addressesOf({ NetworksAttachments = [], Status }: Task): string[] {
  if (isTerminal(Status.State)) return []
  return NetworksAttachments.filter(({ Network }) => !Network?.Spec?.Ingress).flatMap(
    ({ Addresses = [] }) => Addresses.map((address) => address.replace(/\/\d+$/, '')),
  )
}

/** The reason with all the attempts that ended for the same one. */
function repeated(task: Task, slot: Slot, judging: Judging): Reason | undefined {
  const cause = judging.causeOf(task)
  if (!cause) return undefined
  const same = slot.ended.filter((other) => {
    const found = judging.causeOf(other)
    return found?.code === cause.code && judging.revisionOf(other) === judging.revisionOf(task)
  })
  return withTime(cause, Math.min(...same.map(stateTime)), same.length)
}

function reason(task: Task, { causeOf }: Judging): Reason | undefined {
  const cause = causeOf(task)
  return cause && withTime(cause, stateTime(task))
}

function lostReason(task: Task): Reason {
  return withTime(
    { code: 'NodeLost', message: 'its node does not answer; the container may still run there' },
    stateTime(task),
  )
}

function whyNot(value: Reason | undefined): { readonly reason?: Reason } {
  return value ? { reason: value } : {}
}
