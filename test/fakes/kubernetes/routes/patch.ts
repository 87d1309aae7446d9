import { badRequest, failure, invalid, invalidValue } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { flag, mediaType, parsed } from '../http/request.ts'
import { isList, isObject, type Json, type JsonObject } from '../json.ts'
import { apiVersionOf } from '../kinds.ts'
import { Mismatch } from '../schema/decode.ts'
import { jsonPatch, mergePatch } from '../write/patches.ts'
import { strategicPatch } from '../write/strategic.ts'
import { type Call, checkType, found, one, stored, writeOptions } from './resources.ts'

/** Each of the four ways to say what is to change, by the content type. */
export function patched(call: Call): Answer {
  const { request } = call
  switch (mediaType(request)) {
    case 'application/apply-patch+yaml':
      return applied(call)
    case 'application/merge-patch+json':
      return changed(call, (object) => mergePatch(object, patchOf(call)) as JsonObject)
    case 'application/json-patch+json':
      return changed(call, (object) => jsonPatch(object, patchOf(call)))
    case 'application/strategic-merge-patch+json': {
      const { schemas } = call.cluster
      const schema = { type: 'struct', name: call.target.kind.type } as const
      const patch = patchOf(call)
      const change = (object: JsonObject) =>
        strategicPatch(schemas, object, patch, schema) as JsonObject
      return strategically(patch, () => changed(call, change))
    }
    default:
      throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  }
}

/** Of a strategic patch all of it is to blame for a value of the wrong type. */
function strategically(patch: Json, change: () => Answer): Answer {
  try {
    return change()
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    throw invalid({ group: '', kind: '', plural: '' }, '', [
      invalidValue('patch', goText(patch), error.plain),
    ])
  }
}

/** As Go prints a value: `map[spec:map[replicas:x]]`. */
function goText(value: Json | undefined): string {
  if (isList(value)) return `[${value.map(goText).join(' ')}]`
  if (!isObject(value)) return value === null ? '<nil>' : String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`
}

function patchOf({ request }: Call): Json {
  try {
    return JSON.parse(request.body.toString('utf8')) as Json
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`)
  }
}

function changed(call: Call, change: (object: JsonObject) => JsonObject): Answer {
  const { cluster, target } = call
  const current = found(call)
  const next = change(current as unknown as JsonObject)
  const { name } = current.metadata
  const metadata = isObject(next.metadata) ? next.metadata : {}
  if (metadata.name !== name)
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`,
    )
  const written = cluster.writer.update(
    stored(target),
    target.namespace,
    name,
    next,
    writeOptions(call),
  )
  return one(call, written)
}

function applied(call: Call): Answer {
  const { cluster, request, target } = call
  const { kind } = target
  const force = flag(request, 'force')
  if (!request.query.get('fieldManager'))
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions', plural: '' }, '', [
      {
        field: 'fieldManager',
        reason: 'Required',
        detail: 'Required value: is required for apply patch',
      },
    ])
  const body = parsed(request.body.toString('utf8'), kind.kind)
  if (body.apiVersion === undefined || body.kind === undefined)
    throw badRequest(
      `error decoding YAML: Object 'Kind' is missing in '${JSON.stringify(body).slice(0, 200)}'`,
    )
  checkType(kind, body)
  const name = target.name ?? ''
  const metadata = isObject(body.metadata) ? body.metadata : {}
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`,
    )
  const unknown = cluster.unknownIn(kind, body)
  if (unknown !== undefined)
    throw failure(
      500,
      undefined,
      `failed to create typed patch object (${String(metadata.namespace ?? '')}/${name}; ${apiVersionOf(kind)}, Kind=${kind.kind}): .${unknown}: field not declared in schema`,
    )
  const { object, created } = cluster.writer.apply(stored(target), target.namespace, name, body, {
    ...writeOptions(call),
    force,
  })
  return one(call, object, created ? 201 : 200)
}
