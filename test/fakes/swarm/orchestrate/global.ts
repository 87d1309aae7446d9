import { type NodeObject, RUNNING, rank, type ServiceRecord } from '../store/objects.ts'
import { fits, parseConstraints } from './constraints.ts'
import type { Machinery } from './machinery.ts'
import { newTask } from './new-task.ts'

/** One task on each node that is there and fits. */
export function reconcileGlobal(machinery: Machinery, service: ServiceRecord): void {
  const { store, restarts, updater } = machinery
  const live = Map.groupBy(
    store.tasksOf(service.ID).filter(({ DesiredState }) => rank(DesiredState) <= RUNNING),
    ({ NodeID }) => NodeID ?? '',
  )
  const slots = []
  for (const node of store.nodes.values()) {
    const tasks = live.get(node.ID) ?? []
    if (!isUsable(node) || !isEligible(service, node)) {
      for (const task of tasks) {
        restarts.cancel(task)
        store.setTask(task, { DesiredState: 'shutdown' })
      }
    } else if (tasks.length > 0) slots.push(tasks)
    else if (node.Spec.Availability === 'active')
      newTask(store, service, { node: node.ID, desired: 'running' })
  }
  updater.update(service, slots)
}

export function isUsable({ Status, Spec }: NodeObject): boolean {
  return Status.State === 'ready' && Spec.Availability !== 'drain'
}

export function isEligible({ Spec }: ServiceRecord, node: NodeObject): boolean {
  const constraints = parseConstraints(Spec.TaskTemplate.Placement?.Constraints ?? [])
  return constraints.every((constraint) => fits(constraint, node))
}
