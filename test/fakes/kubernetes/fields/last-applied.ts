import { canonical, isObject, type Json, type JsonObject } from '../json.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { Schemas } from '../schema/schema.ts'
import { difference, type FieldSet } from './field-set.ts'
import { compare, fieldsOf, ownable } from './walk.ts'

/** Of this manager the server knows that it applied on its own side before, and kept what in an annotation. */
export const KUBECTL = 'kubectl'
const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

/** What kubectl applied on its side and is still so: that is its own, whoever it is booked under. */
export function stillApplied(schemas: Schemas, kind: Kind, live: KubeObject): FieldSet | undefined {
  const before = parsed(live.metadata.annotations?.[ANNOTATION])
  if (before?.apiVersion !== apiVersionOf(kind)) return undefined
  const schema = { type: 'struct', name: kind.type } as const
  const applied = ownable(before)
  const now = ownable(live as unknown as JsonObject)
  const { changed, removed } = compare(schemas, now, applied, schema)
  return difference(difference(fieldsOf(schemas, applied, schema), changed), removed)
}

function parsed(text: string | undefined): JsonObject | undefined {
  if (!text) return undefined
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined // Anybody may write an annotation: one that says nothing gives nobody anything.
  }
}

/** The annotation is kept up to date where there is one. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const metadata = isObject(object.metadata) ? object.metadata : {}
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {}
  if (!annotations[ANNOTATION]) return object
  const text = `${canonical(withoutAnnotation(applied))}\n`
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [ANNOTATION]: text } },
  }
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const metadata = isObject(applied.metadata) ? applied.metadata : {}
  if (!isObject(metadata.annotations)) return applied
  const { [ANNOTATION]: _, ...annotations } = metadata.annotations
  return { ...applied, metadata: { ...metadata, annotations } }
}
