import { type Answer, badRequest, conflict, Refused, wrongMethod } from '../errors.ts'
import { jsonBody, type Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import { absolute, type PathId } from '../normal/paths.ts'
import { completePod } from '../normal/pod.ts'
import { podRules } from '../rules/pod.ts'
import { type PodBody, podSchema } from '../schema/pod.ts'
import { read } from '../schema/read.ts'
import type { PodSpec } from '../store/root.ts'
import { podJson } from '../write/pod.ts'
import { podStatus } from '../write/pod-status.ts'
import { deploymentHeader, findPod, forced, idAfter, ok, type Route } from './parts.ts'
import { podInstances } from './pod-instances.ts'

const PREFIX = '/v2/pods'

/** `/v2/pods` and all below it. */
export const podsRoute: Route = (marathon, request) => {
  const { path } = request
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return undefined
  const [base = '', what, rest] = path.slice(PREFIX.length).split(/::(\w+)\/?/)
  const id = idAfter(base, '')
  if (what === undefined && id === '/') return collection(marathon, request)
  if (what === undefined) return single(marathon, request, id)
  if (what === 'instances') return podInstances(marathon, request, id, rest || undefined)
  if (request.method !== 'GET') throw wrongMethod()
  if (what === 'status' && id === '/')
    return ok(podsOf(marathon).map((spec) => podStatus(marathon, spec)))
  if (what === 'status') return ok(podStatus(marathon, findPod(marathon.root, id)))
  return what === 'versions' ? versions(marathon, id, rest || undefined) : undefined
}

function podsOf({ root }: Marathon): readonly PodSpec[] {
  return [...root.specs.values()].flatMap((spec) => (spec.kind === 'pod' ? [spec] : []))
}

function collection(marathon: Marathon, request: Request): Answer {
  switch (request.method) {
    case 'HEAD':
      return { status: 200 }
    case 'GET':
      return ok(podsOf(marathon).map((spec) => podJson(spec, marathon.dialect)))
    case 'POST':
      return create(marathon, request)
    default:
      throw wrongMethod()
  }
}

function specOf(marathon: Marathon, body: PodBody): PodSpec {
  const id = absolute(body.id)
  const definition = completePod(body, id, marathon.setup)
  podRules(definition, marathon)
  return { kind: 'pod', id, definition, version: '', lastScalingAt: '', lastConfigChangeAt: '' }
}

function create(marathon: Marathon, request: Request): Answer {
  const spec = specOf(marathon, read(podSchema, jsonBody(request)))
  const deployment = marathon.update(
    (draft) => {
      if (draft.specs.has(spec.id)) throw conflict(`A pod with id [${spec.id}] already exists.`)
      draft.specs.set(spec.id, spec)
    },
    {
      ...forced(request),
      group: absolute('..', spec.id),
      announce: () => tell(marathon, request, 'pod_created_event'),
    },
  )
  return {
    status: 201,
    json: podJson(findPod(marathon.root, spec.id), marathon.dialect),
    headers: { ...deploymentHeader(deployment), location: `${PREFIX}${spec.id}` },
  }
}

function tell({ bus }: Marathon, { clientIp, path }: Request, type: string): void {
  bus.publish(type, { clientIp, uri: path })
}

function single(marathon: Marathon, request: Request, id: PathId): Answer {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return ok(podJson(findPod(marathon.root, id), marathon.dialect))
    case 'PUT':
      return update(marathon, request, id)
    case 'DELETE':
      return remove(marathon, request, id)
    default:
      throw wrongMethod()
  }
}

function update(marathon: Marathon, request: Request, id: PathId): Answer {
  const body = read(podSchema, jsonBody(request))
  if (absolute(body.id) !== id)
    throw badRequest(`'${id}' does not match definition's id ('${absolute(body.id)}')`)
  findPod(marathon.root, id)
  const next = specOf(marathon, body)
  const deployment = marathon.update((draft) => draft.specs.set(id, next), {
    ...forced(request),
    group: absolute('..', id),
    announce: () => tell(marathon, request, 'pod_updated_event'),
  })
  const stored = findPod(marathon.root, id)
  return {
    status: 200,
    json: podJson(stored, marathon.dialect),
    headers: deploymentHeader(deployment),
  }
}

function remove(marathon: Marathon, request: Request, id: PathId): Answer {
  findPod(marathon.root, id)
  const deployment = marathon.update((draft) => draft.specs.delete(id), {
    ...forced(request),
    group: absolute('..', id),
    announce: () => tell(marathon, request, 'pod_deleted_event'),
  })
  return {
    status: 202,
    headers: { ...deploymentHeader(deployment), location: `/v2/deployments/${deployment.id}` },
  }
}

function versions(marathon: Marathon, id: PathId, version: string | undefined): Answer {
  findPod(marathon.root, id)
  const stored = marathon.store.versions(id)
  if (version === undefined) return ok(stored.map((spec) => spec.version))
  const found = stored.find((spec) => Date.parse(spec.version) === Date.parse(version))
  if (found?.kind !== 'pod')
    throw new Refused({
      status: 404,
      json: {
        message: JSON.stringify({ message: `Pod '${id}' does not exist in version ${version}` }),
      },
    })
  return ok(podJson(found, marathon.dialect))
}
