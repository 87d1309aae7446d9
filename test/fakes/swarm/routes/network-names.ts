import { refuse } from '../errors.ts'
import type { ServiceSpec } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

/** Networks by their ids, whatever they were called by. */
export function resolveNetworks(store: Store, spec: ServiceSpec): ServiceSpec {
  const { Networks } = spec.TaskTemplate
  if (!Networks) return spec
  const resolved = Networks.map((attachment) => {
    const { Target } = attachment
    const all = [...store.networks.values()]
    const found =
      all.find(({ ID }) => ID === Target) ??
      all.find(({ name }) => name === Target) ??
      all.find(({ ID }) => ID.startsWith(Target))
    if (!found) {
      if (['host', 'none', 'bridge'].includes(Target)) return attachment
      throw refuse(500, `network ${Target} not found`)
    }
    return { ...attachment, Target: found.ID }
  })
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, Networks: resolved } }
}
