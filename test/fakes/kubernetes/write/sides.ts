import type { Author } from '../fields/managers.ts'
import { isObject, type JsonObject, sameJson } from '../json.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { KubeObject, Metadata } from '../objects.ts'

/** What the server adds to these by itself belongs to nobody. */
export const BOOKED_BARE: ReadonlySet<string> = new Set(['Pod', 'Service', 'Job'])

export function hasSpecFinalizers({ spec }: KubeObject): boolean {
  return Array.isArray(spec?.finalizers) && spec.finalizers.length > 0
}

/** Nobody owns the status that comes with the creation. */
export function withoutStatus(kind: Kind, object: KubeObject, { manager }: Author): KubeObject {
  if (!kind.subresources.includes('status') || (kind.kind === 'Node' && manager === 'kubelet'))
    return object
  const { status: _, ...rest } = object
  return rest as KubeObject
}

export function withFields(object: KubeObject, managedFields: readonly unknown[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return {
    ...object,
    metadata: (managedFields.length > 0
      ? { ...metadata, managedFields }
      : metadata) as unknown as Metadata,
  }
}

/** What of a write counts: a status or the rest, and nothing the server keeps itself. */
export function sides(
  kind: Kind,
  current: KubeObject,
  object: JsonObject,
  subresource: string | undefined,
): KubeObject {
  const old = current.metadata
  const given = (object.metadata ?? {}) as unknown as Metadata
  const kept = {
    name: old.name,
    ...(old.generateName === undefined ? {} : { generateName: old.generateName }),
    ...(old.namespace === undefined ? {} : { namespace: old.namespace }),
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    ...(old.generation === undefined ? {} : { generation: old.generation }),
    creationTimestamp: old.creationTimestamp,
    ...(old.deletionTimestamp === undefined
      ? {}
      : {
          deletionTimestamp: old.deletionTimestamp,
          deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
        }),
  }
  if (subresource === 'status') {
    const { annotations = old.annotations } = given
    const metadata = {
      ...old,
      ...present({ annotations }),
      managedFields: given.managedFields ?? old.managedFields,
    }
    return { ...current, metadata, status: object.status } as unknown as KubeObject
  }
  const { labels, annotations, ownerReferences, finalizers } = given
  // An empty list clears the books; whoever says nothing of them leaves them alone.
  const managedFields = given.managedFields ?? old.managedFields
  const metadata = {
    ...kept,
    ...present({ labels, annotations, ownerReferences, finalizers, managedFields }),
  }
  const stays = kind.subresources.includes('status')
  const { status: given_, ...body } = object
  const status = stays ? current.status : given_
  const made = {
    ...body,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata,
    ...(status === undefined ? {} : { status }),
  } as unknown as KubeObject
  if (kind.counted && isNews(kind, current, made))
    return { ...made, metadata: { ...made.metadata, generation: (old.generation ?? 0) + 1 } }
  return made
}

function isNews({ kind }: Kind, before: KubeObject, after: KubeObject): boolean {
  if (!sameJson(before.spec, after.spec)) return true
  // A peculiarity of Deployments.
  return (
    kind === 'Deployment' &&
    !sameJson(before.metadata.annotations ?? {}, after.metadata.annotations ?? {})
  )
}

function present(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) =>
        value !== undefined &&
        !(isObject(value) && Object.keys(value).length === 0) &&
        !(Array.isArray(value) && value.length === 0),
    ),
  )
}
