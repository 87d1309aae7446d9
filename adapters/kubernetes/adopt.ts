import { type Api, MANAGER } from './api.ts'
import type { Resource } from './kinds.ts'
import { isObject, type Json } from './patch.ts'
import type { KubernetesObject } from './wire.ts'

interface Entry {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly subresource?: string
  readonly fieldsV1?: Json
}

/**
 * Makes every field of an object ours, so that the apply that follows removes what the app does not say: left alone,
 * containers of the one before would run on beside ours. kubectl does the same where it takes over from its older self.
 */
export async function adopt(
  api: Api,
  resource: Resource,
  live: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const { name = '', resourceVersion } = live.metadata
  const managedFields = adopted((live.metadata.managedFields ?? []) as readonly Entry[])
  if (managedFields === undefined) return live
  const taken = await api.merge(
    resource,
    name,
    { metadata: { resourceVersion, managedFields } },
    signal,
  )
  return { ...taken, apiVersion: resource.apiVersion, kind: resource.kind }
}

/** Undefined when nobody else has a field. Controllers write status through a subresource, and keep it. */
export function adopted(entries: readonly Entry[]): readonly Entry[] | undefined {
  const own = (entry: Entry) => entry.manager === MANAGER && entry.operation === 'Apply'
  const wishes = entries.filter(
    ({ subresource, manager }) => !subresource && manager !== CONTROLLER,
  )
  if (wishes.length === 0 || wishes.every(own)) return undefined
  const fieldsV1 = wishes.reduce<Json>((all, entry) => union(all, withoutStatus(entry)), {})
  const apiVersion = wishes.find(own)?.apiVersion ?? wishes[0]?.apiVersion
  return [
    { manager: MANAGER, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1 } as Entry,
    ...entries.filter((entry) => !wishes.includes(entry)),
  ]
}

const CONTROLLER = 'kube-controller-manager'

function withoutStatus({ fieldsV1 = {} }: Entry): Json {
  const { 'f:status': _, ...rest } = fieldsV1
  return rest
}

function union(a: Json, b: Json): Json {
  const merged: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const other = merged[key]
    merged[key] = isObject(other) && isObject(value) ? union(other, value) : (other ?? value)
  }
  return merged
}
