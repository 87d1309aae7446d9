import { type AppId, IntermodalError } from 'intermodal'
import { idOfObject, isManaged } from './labels.ts'
import { APP, OWNER } from './marks.ts'
import type { KubernetesObject } from './wire.ts'

/**
 * Annotation on the workload: the revision before this one. Not translated from the app, so not with the other marks.
 */
export const PREVIOUS = 'intermodal.dev/previous'
/** Annotation on the workload: kinds of further objects of the app, so that they are found again: `v1/ServiceAccount`. */
export const KINDS = 'intermodal.dev/kinds'
/** What Kubernetes' own conventions call the tool that made an object; on Secrets and ConfigMaps that were put. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** Whether an object was made for this app, and not for another one or by somebody else. */
export function isOwn(object: KubernetesObject, app: AppId): boolean {
  return isManaged(object) && object.metadata.annotations?.[APP] === app
}

/** Selects everything made for the app with that name. */
export function ownSelector(name: string): string {
  return `${OWNER}=${name}`
}

export function foreignError(app: AppId, object: KubernetesObject): IntermodalError {
  const { kind, metadata } = object
  const owner = isManaged(object) ? idOfObject(object) : undefined
  const maker = owner === undefined ? madeBy(object) : `belongs to ${owner}`
  return new IntermodalError('CONFLICT', `the ${kind} ${metadata.name} exists and ${maker}`, {
    app,
    remedy: 'give the app another id, remove that object, or take it over with force',
  })
}

/** Whoever wrote its fields says so in the object. */
function madeBy({ metadata }: KubernetesObject): string {
  const managers = (metadata.managedFields ?? []) as readonly {
    readonly manager?: string
    readonly subresource?: string
  }[]
  const manager = managers.find(({ subresource }) => !subresource)?.manager
  return manager ? `was not made by intermodal but by ${manager}` : 'was not made by intermodal'
}
