import type { Labels } from './wire.ts'

/** On services, on their tasks, and on networks, configs and secrets made for one app: its id. */
export const APP = 'intermodal.app'
/** On a service and its tasks: what they are made from, as `revisionOf(app)` names it. */
export const REVISION = 'intermodal.revision'

/** The labels that are not ours. */
export function foreignLabels(labels: Labels | undefined): Labels {
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(([key]) => !key.startsWith('intermodal.')),
  )
}
