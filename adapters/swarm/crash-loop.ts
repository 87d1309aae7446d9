import type { Reason } from 'intermodal'
import type { Cause } from './reasons.ts'
import { type Slot, stateTime } from './slots.ts'
import type { ServiceSpec, Task } from './wire.ts'

const WINDOW = 600_000
const ENOUGH = 3
const SECOND = 1000
const NANOSECONDS = 1_000_000

/** How long an instance has to run before it counts as up, where no health check vouches for it. */
export function monitorOf({ UpdateConfig }: ServiceSpec): number {
  return (UpdateConfig?.Monitor || 5 * SECOND * NANOSECONDS) / NANOSECONDS
}

/** Three ends of the same revision within ten minutes; Swarm keeps no more than five tasks of a slot. */
export function crashLoop(
  slot: Slot,
  isCurrent: (task: Task) => boolean,
  causeOf: (task: Task) => Cause | undefined,
  now: number,
): Reason | undefined {
  const crashes = slot.ended.filter(
    (task) => task.Status.State !== 'rejected' && isCurrent(task) && now - stateTime(task) < WINDOW,
  )
  const [last] = crashes
  const first = crashes.at(-1)
  if (!last || !first || crashes.length < ENOUGH) return undefined
  return {
    code: 'CrashLoop',
    message: `ended ${crashes.length} times within ${lasting(stateTime(last) - stateTime(first))}, the last time: ${causeOf(last)?.message ?? last.Status.State}`,
    count: crashes.length,
    since: stateTime(first),
  }
}

function lasting(duration: number): string {
  const seconds = Math.max(1, Math.round(duration / SECOND))
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
}

/**
 * Whether Swarm will not try again in this slot: the condition forbids it, the attempts are spent, or no successor came
 * in the time one takes.
 */
export function gaveUp(slot: Slot, spec: ServiceSpec, job: boolean, now: number): boolean {
  const [last] = slot.ended
  if (!last || slot.live.length > 0 || slot.stopping.length > 0) return false
  if (last.DesiredState === 'ready' || last.DesiredState === 'running') return false
  const { Condition = 'any', MaxAttempts = 0, Delay } = spec.TaskTemplate.RestartPolicy ?? {}
  if (job && last.Status.State === 'complete') return false
  if (Condition === 'none') return true
  if (Condition === 'on-failure' && last.Status.State === 'complete') return true
  if (MaxAttempts > 0 && slot.ended.length > MaxAttempts) return true
  const delay = Delay === undefined ? 5 * SECOND : Delay / NANOSECONDS
  return now - stateTime(last) > delay + 2 * SECOND
}
