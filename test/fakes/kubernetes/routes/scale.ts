import {
  badRequest,
  conflict,
  failure,
  invalid,
  invalidValue,
  MODIFIED,
  methodNotAllowed,
} from '../errors.ts'
import { type Answer, ok } from '../http/answer.ts'
import { bodyOf, mediaType } from '../http/request.ts'
import type { Json, JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { selectorText } from '../store/selectors.ts'
import { jsonPatch, mergePatch } from '../write/patches.ts'
import { type Call, found, one, stored, wantsTable, writeOptions } from './resources.ts'

/** Any workload seen as nothing but a count. */
export function scaleRoute(call: Call): Answer {
  const { request } = call
  const current = found(call)
  if (request.method === 'GET')
    return wantsTable(request)
      ? one(call, scaleOf(current) as unknown as KubeObject)
      : ok(scaleOf(current))
  if (request.method === 'PUT')
    return written(call, current, bodyOf(call.cluster.schemas, request, 'Scale'))
  if (request.method !== 'PATCH') throw methodNotAllowed()
  const scale = scaleOf(current) as unknown as JsonObject
  const patch = JSON.parse(request.body.toString('utf8')) as Json
  switch (mediaType(request)) {
    case 'application/json-patch+json':
      return written(call, current, jsonPatch(scale, patch))
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json':
      return written(call, current, mergePatch(scale, patch) as JsonObject)
    default:
      throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  }
}

function scaleOf(object: KubeObject) {
  const { metadata, spec = {}, status = {} } = object
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const replicas = Number(spec.replicas ?? 0)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas > 0 ? { replicas } : {},
    status: {
      replicas: Number(status.replicas ?? 0),
      selector: selectorText(spec.selector as JsonObject),
    },
  }
}

function written(call: Call, current: KubeObject, scale: JsonObject): Answer {
  const { cluster, target } = call
  const kind = stored(target)
  const { name } = current.metadata
  const { metadata, spec } = scale as {
    readonly metadata?: { readonly resourceVersion?: string }
    readonly spec?: { readonly replicas?: unknown }
  }
  const replicas = spec?.replicas ?? 0
  if (typeof replicas !== 'number')
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32',
    )
  if (replicas < 0)
    throw invalid({ group: 'autoscaling', kind: 'Scale', plural: 'scales' }, name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ])
  const version = metadata?.resourceVersion
  if (version !== undefined && version !== current.metadata.resourceVersion)
    throw conflict(kind, name, MODIFIED)
  const given = { ...current, spec: { ...current.spec, replicas } } as unknown as JsonObject
  const options = writeOptions(call)
  const author = { manager: options.author.manager }
  const made = cluster.writer.update(kind, target.namespace, name, given, { ...options, author })
  return ok(scaleOf(made))
}
