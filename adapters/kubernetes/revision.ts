import type { AppId, Revision } from 'intermodal'
import { PREVIOUS } from './ownership.ts'
import type { Json } from './patch.ts'
import { revisionOfWorkload } from './template-revision.ts'
import type { KubernetesObject } from './wire.ts'
import type { Job } from './workload.ts'

/** What a workload says about itself as a revision. */
export function revisionFrom(app: AppId, workload: KubernetesObject, changed: boolean): Revision {
  const { metadata } = workload
  return {
    app,
    id: revisionOfWorkload(workload),
    generation: metadata.generation ?? 0,
    changed,
    replicas: countOf(workload),
    previous: metadata.annotations?.[PREVIOUS],
  }
}

/** How many instances are wanted; undefined for kinds that have no count of their own. */
export function countOf(workload: KubernetesObject): number | undefined {
  switch (workload.kind) {
    case 'Deployment':
    case 'StatefulSet':
      return ((workload.spec as Json | undefined)?.replicas as number | undefined) ?? 1
    case 'Job':
      return (workload as Job).spec?.completions ?? 1
    default:
      return undefined
  }
}
