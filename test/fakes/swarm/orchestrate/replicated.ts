import { replicasOf } from '../spec/policy.ts'
import type { ServiceRecord, TaskRecord } from '../store/objects.ts'
import type { Machinery } from './machinery.ts'
import { newTask } from './new-task.ts'
import { byWorth, slotsOf } from './slots.ts'

/** As many slots as there are to be, each with a task that is what the service says. */
export function reconcileReplicated(machinery: Machinery, service: ServiceRecord): void {
  const { store, updater } = machinery
  const { wanted, dead } = slotsOf(store, service.ID)
  const replicas = replicasOf(service.Spec)
  const slots = [...wanted.values()]
  if (replicas >= slots.length) {
    updater.update(service, slots)
    let slot = 0
    for (let missing = replicas - slots.length; missing > 0; missing--) {
      do slot++
      while (wanted.has(slot))
      dead.delete(slot)
      newTask(store, service, { slot, desired: 'running' })
    }
  } else {
    const sorted = byWorth(slots)
    updater.update(service, sorted.slice(0, replicas))
    for (const slot of sorted.slice(replicas)) for (const task of slot) removeTask(machinery, task)
  }
  // A slot nobody wants goes with all its history.
  for (const tasks of dead.values()) for (const task of tasks) removeTask(machinery, task)
}

export function removeTask({ store, restarts }: Machinery, task: TaskRecord): void {
  if (task.DesiredState === 'remove') return
  restarts.cancel(task)
  store.setTask(task, { DesiredState: 'remove' })
}
