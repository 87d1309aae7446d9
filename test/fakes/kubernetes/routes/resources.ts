import type { Cluster } from '../cluster.ts'
import { badRequest, methodNotAllowed } from '../errors.ts'
import { type Answer, ok } from '../http/answer.ts'
import { listOf } from '../http/lists.ts'
import type { Target } from '../http/path.ts'
import { bodyOf, header, managerOf, type Request } from '../http/request.ts'
import { oldEvent, shownAs, shownInList } from '../http/views.ts'
import { isObject, type JsonObject } from '../json.ts'
import { apiVersionOf, type Kind, NEW_EVENTS } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { tableOf } from '../tables/table.ts'
import type { WriteOptions } from '../write/writer.ts'
import { deleteOne, deleteSome } from './delete.ts'
import { patched } from './patch.ts'
import { scaleRoute } from './scale.ts'
import { bindPod, evictPod, finalizeNamespace, issueToken } from './subresources.ts'

export interface Call {
  readonly cluster: Cluster
  readonly request: Request
  readonly target: Target
  readonly warnings: string[]
}

/** All that is not a stream: reads and writes of objects. */
export function answerObjects(call: Call): Answer {
  const { request, target } = call
  if (target.subresource !== undefined && target.subresource !== 'status') return subresource(call)
  const { method } = request
  if (target.name === undefined) {
    if (method === 'GET') return listed(call)
    if (method === 'DELETE') return deleteSome(call)
    if (method === 'POST' && (target.namespace !== undefined || !target.kind.namespaced))
      return created(call)
    throw methodNotAllowed()
  }
  if (method === 'GET') return one(call, found(call))
  if (method === 'PUT') return updated(call)
  if (method === 'PATCH') return patched(call)
  if (method === 'DELETE' && target.subresource === undefined) return deleteOne(call)
  throw methodNotAllowed()
}

function subresource(call: Call): Answer {
  const { target, request } = call
  if (target.subresource === 'scale') return scaleRoute(call)
  if (target.subresource === 'eviction' && request.method === 'POST') return evictPod(call)
  if (target.subresource === 'binding' && request.method === 'POST') return bindPod(call)
  if (target.subresource === 'token' && request.method === 'POST') return issueToken(call)
  if (target.subresource === 'finalize' && request.method === 'PUT') return finalizeNamespace(call)
  throw methodNotAllowed()
}

/** The kind as it is kept. */
export function stored({ kind }: Target): Kind {
  return kind.storedAs ?? kind
}

export function found({ cluster, target }: Call): KubeObject {
  return cluster.writer.mustGet(stored(target), target.namespace, target.name ?? '')
}

export function writeOptions({ request, target, warnings }: Call): WriteOptions {
  const validation = request.query.get('fieldValidation')
  return {
    author: {
      manager: managerOf(request),
      ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
    },
    dryRun: request.query.get('dryRun') === 'All',
    validation: validation === 'Ignore' || validation === 'Strict' ? validation : 'Warn',
    warn: (text) => warnings.push(text),
  }
}

/** One object, or a table of one row. */
export function one(
  { cluster, request, target, warnings }: Call,
  object: KubeObject,
  status = 200,
): Answer {
  if (wantsTable(request)) {
    const { resourceVersion } = object.metadata
    const include = request.query.get('includeObject') ?? undefined
    const json = tableOf(stored(target), [object], {
      now: cluster.now,
      metadata: { resourceVersion },
      include,
    })
    return { status, json, warnings }
  }
  return { status, json: shownAs(target.kind, object), warnings }
}

export function wantsTable(request: Request): boolean {
  return /as=Table/.test(header(request, 'accept'))
}

function listed({ cluster, request, target, warnings }: Call): Answer {
  const { kind, namespace } = target
  const page = listOf(cluster.store, stored(target), namespace, request)
  const { items, ...rest } = page
  const metadata = rest as unknown as JsonObject
  if (wantsTable(request)) {
    const include = request.query.get('includeObject') ?? undefined
    const json = tableOf(stored(target), items, { now: cluster.now, metadata, include })
    return { status: 200, json, warnings }
  }
  const list = {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata,
    items: items.map((object) => shownInList(kind, object)),
  }
  return ok(list, warnings)
}

/** What was sent, in the form it is kept in. Throws the 400 when it is another kind than the path's. */
export function givenObject({ cluster, request, target: { kind } }: Call): JsonObject {
  const body = bodyOf(cluster.schemas, request, kind.type)
  checkType(kind, body)
  return kind === NEW_EVENTS ? oldEvent(body) : body
}

export function checkType(kind: Kind, body: JsonObject): void {
  const wrong =
    (body.kind !== undefined && body.kind !== kind.kind) ||
    (body.apiVersion !== undefined && body.apiVersion !== apiVersionOf(kind))
  if (!wrong) return
  const { group, version } = kind
  const wanted = `${group ? `${group}/` : ''}${version}, Kind=${kind.kind}`
  throw badRequest(
    `the API version in the data (${body.apiVersion}) does not match the expected API version (${wanted})`,
  )
}

function created(call: Call): Answer {
  const { cluster, target } = call
  const object = givenObject(call)
  const made = cluster.writer.create(stored(target), target.namespace, object, writeOptions(call))
  return one(call, made, 201)
}

function updated(call: Call): Answer {
  const { cluster, target } = call
  const given = givenObject(call)
  const name = target.name ?? ''
  const metadata = isObject(given.metadata) ? given.metadata : {}
  if (metadata.name !== undefined && metadata.name !== name) throw wrongName(metadata.name, name)
  return one(
    call,
    cluster.writer.update(stored(target), target.namespace, name, given, writeOptions(call)),
  )
}

function wrongName(given: unknown, name: string) {
  return badRequest(
    `the name of the object (${String(given)}) does not match the name on the URL (${name})`,
  )
}
