import { modeOf } from '../spec/policy.ts'
import { isOver, type ServiceRecord, type TaskRecord } from '../store/objects.ts'
import { isEligible, isUsable } from './global.ts'
import type { Machinery } from './machinery.ts'
import { newTask } from './new-task.ts'
import { removeTask } from './replicated.ts'

/** Runs until enough have completed, so many at once; those of an earlier iteration that still run are removed. */
export function reconcileJob(machinery: Machinery, service: ServiceRecord): void {
  const { store } = machinery
  const iteration = service.JobStatus?.JobIteration?.Index ?? 0
  const mine: TaskRecord[] = []
  for (const task of store.tasksOf(service.ID)) {
    if ((task.JobIteration?.Index ?? 0) === iteration) mine.push(task)
    else if (!isOver(task)) removeTask(machinery, task)
  }
  if (modeOf(service.Spec) === 'GlobalJob') everywhere(machinery, service, mine, iteration)
  else counted(machinery, service, mine, iteration)
}

function counted(
  { store }: Machinery,
  service: ServiceRecord,
  mine: readonly TaskRecord[],
  iteration: number,
): void {
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } =
    service.Spec.Mode?.ReplicatedJob ?? {}
  const slots = Map.groupBy(mine, ({ Slot }) => Slot ?? 0)
  const done = [...slots.values()].filter((tasks) =>
    tasks.some(({ Status }) => Status.State === 'complete'),
  ).length
  // A slot whose policy wants no other task is given up, and keeps its place all the same.
  const missing = Math.min(MaxConcurrent, TotalCompletions - done) - (slots.size - done)
  const taken = new Set(slots.keys())
  let slot = 0
  for (let made = 0; made < missing; made++) {
    while (taken.has(slot)) slot++
    taken.add(slot)
    newTask(store, service, { slot, desired: 'complete', iteration })
  }
}

function everywhere(
  { store }: Machinery,
  service: ServiceRecord,
  mine: readonly TaskRecord[],
  iteration: number,
): void {
  const served = new Set(mine.map(({ NodeID }) => NodeID))
  for (const node of store.nodes.values()) {
    if (served.has(node.ID) || !isUsable(node) || !isEligible(service, node)) continue
    if (node.Spec.Availability !== 'active') continue
    newTask(store, service, { node: node.ID, desired: 'complete', iteration })
  }
}
