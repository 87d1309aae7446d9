import { forbidden } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { PODS, PRIORITY_CLASSES } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { Store } from '../store/store.ts'

/** What the class of a pod makes of it. Throws when there is no such class. */
export function priorityOf(store: Store, { spec = {}, metadata }: KubeObject): JsonObject {
  const wanted = spec.priorityClassName
  const found = wanted
    ? store.get(PRIORITY_CLASSES, undefined, String(wanted))
    : store.list(PRIORITY_CLASSES).find(({ globalDefault }) => globalDefault === true)
  if (wanted && !found)
    throw forbidden(PODS, metadata.name, `no PriorityClass with name ${wanted} was found`)
  const { value = 0, preemptionPolicy = 'PreemptLowerPriority' } = (found ?? {}) as JsonObject
  if (spec.priority !== undefined && spec.priority !== value)
    throw forbidden(
      PODS,
      metadata.name,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  return {
    ...(found ? { priorityClassName: found.metadata.name } : {}),
    priority: value,
    preemptionPolicy,
  }
}
