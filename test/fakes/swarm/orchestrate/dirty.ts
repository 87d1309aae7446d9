import { isDeepStrictEqual } from 'node:util'
import type { NodeObject, ServiceRecord, TaskRecord, TaskTemplate } from '../store/objects.ts'
import { fits, parseConstraints } from './constraints.ts'

/**
 * Whether a task is not what its service says now. One that runs where changed constraints allow it to is left alone, as
 * long as nothing else has changed.
 */
export function isDirty(
  service: ServiceRecord,
  task: TaskRecord,
  node: NodeObject | undefined,
): boolean {
  if (service.specVersion === task.specVersion) return false
  const { Runtime: _, ...wanted } = service.Spec.TaskTemplate
  if (!isDeepStrictEqual(service.Spec.EndpointSpec ?? {}, task.endpoint ?? {})) return true
  if (isDeepStrictEqual(wanted, task.Spec)) return false
  if (!isDeepStrictEqual(withoutConstraints(wanted), withoutConstraints(task.Spec))) return true
  if (!node) return true
  const constraints = parseConstraints(wanted.Placement?.Constraints ?? [])
  return !constraints.every((constraint) => fits(constraint, node))
}

function withoutConstraints({ Placement, ...template }: TaskTemplate): object {
  const { Constraints: _, ...placement } = Placement ?? {}
  return { ...template, ...placement }
}
