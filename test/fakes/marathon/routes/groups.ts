import { stepJson } from '../deployments.ts'
import {
  type Answer,
  conflict,
  groupNotFound,
  notValid,
  unprocessable,
  wrongMethod,
} from '../errors.ts'
import { flag, jsonBody, type Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import { absolute, isWithin, type PathId, parentOf } from '../normal/paths.ts'
import { type GroupBody, groupSchema } from '../schema/group.ts'
import { read } from '../schema/read.ts'
import type { Root } from '../store/root.ts'
import { embedsOf } from '../write/app-info.ts'
import { type GroupEmbeds, groupJson } from '../write/group.ts'
import { applyGroup } from './group-body.ts'
import { deployed, deploymentHeader, forced, idAfter, ok, type Route } from './parts.ts'

const PREFIX = '/v2/groups'

/** `/v2/groups` and all below it. */
export const groupsRoute: Route = (marathon, request) => {
  const { path, method } = request
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return undefined
  const rest = idAfter(path, PREFIX)
  const [, owner = '/', kind, version] = /^(.*?)\/(versions|apps)(?:\/([^/]+))?$/.exec(rest) ?? []
  if (kind && method === 'GET') {
    const id = absolute(owner === '' ? '/' : owner)
    if (kind === 'versions') return versions(marathon, id, version)
    if (version === undefined && exists(marathon.root, id)) return appsIn(marathon, request, id)
  }
  switch (method) {
    case 'GET':
    case 'HEAD':
      return show(marathon, request, rest)
    case 'POST':
    case 'PUT':
      return write(marathon, request, rest)
    case 'PATCH':
      return patch(marathon, request, rest)
    case 'DELETE':
      return remove(marathon, request, rest)
    default:
      throw wrongMethod()
  }
}

function exists(root: Root, id: PathId): boolean {
  return id === '/' || root.groups.has(id)
}

/** Naming any embed takes the place of the default. */
function embedsIn({ query }: Request): GroupEmbeds {
  const values = query.getAll('embed')
  if (values.length === 0) return { groups: true, apps: true, pods: true, app: new Set() }
  const names = (what: string) =>
    values.some((value) => value.replace(/^group\./, '') === what) ||
    values.some((value) => value.startsWith(`group.${what}.`))
  return {
    groups: names('groups'),
    apps: names('apps'),
    pods: names('pods'),
    app: embedsOf(values, []),
  }
}

function show(marathon: Marathon, request: Request, id: PathId): Answer {
  if (!exists(marathon.root, id)) throw groupNotFound(id)
  return ok(groupJson(marathon, marathon.root, id, embedsIn(request)))
}

function appsIn(marathon: Marathon, request: Request, id: PathId): Answer {
  const embeds = embedsOf(request.query.getAll('embed'), [])
  const group = groupJson(marathon, marathon.root, id, {
    groups: true,
    apps: true,
    pods: false,
    app: embeds,
  })
  return ok({ apps: flatten(group as Tree) })
}

interface Tree {
  readonly apps?: readonly object[]
  readonly groups?: readonly Tree[]
}

function flatten({ apps = [], groups = [] }: Tree): readonly object[] {
  return [...apps, ...groups.flatMap(flatten)]
}

function versions(marathon: Marathon, id: PathId, version: string | undefined): Answer {
  if (!exists(marathon.root, id)) throw groupNotFound(id)
  const roots = marathon.store.roots.filter((root) => exists(root, id))
  if (version === undefined) return ok(roots.map((root) => root.version))
  const root = roots.find((one) => Date.parse(one.version) === timeOf(version))
  if (!root) throw groupNotFound(id, version)
  return ok(groupJson(marathon, root, id, { groups: true, apps: true, pods: false }))
}

function timeOf(version: string): number {
  const time = Date.parse(version)
  if (Number.isNaN(time)) throw unprocessable(`Invalid format: "${version}"`)
  return time
}

/** POST creates, PUT changes or creates: a rollback, a multiplication, or the group as it is written. */
function write(marathon: Marathon, request: Request, path: PathId): Answer {
  const body = read(groupSchema, jsonBody(request))
  const id = absolute(body.id ?? '', path)
  const target = request.method === 'PUT' && path !== '/' ? path : id
  if (request.method === 'POST') {
    if (target === '/') throw conflict('Group / is already created. Use PUT to change this group.')
    if (marathon.root.groups.has(target))
      throw conflict(`Group ${target} is already created. Use PUT to change this group.`)
    if (marathon.root.specs.has(target))
      throw conflict(`Another service with path ${target} already exists.`)
  }
  const known = exists(marathon.root, target)
  const change = changeOf(marathon, target, body)
  if (flag(request, 'dryRun') && marathon.dialect.since('1.6'))
    return ok({ steps: marathon.dryRun(change).steps.map(stepJson) })
  const deployment = marathon.update(change, { ...forced(request), group: target })
  const answer = deployed(deployment, request.method === 'POST' || !known ? 201 : 200)
  return { ...answer, headers: { ...deploymentHeader(deployment), location: target } }
}

function changeOf(
  marathon: Marathon,
  id: PathId,
  body: GroupBody,
): Parameters<Marathon['update']>[0] {
  const named = Object.entries(body).flatMap(([key, value]) =>
    value === undefined || key === 'id' ? [] : [key],
  )
  for (const only of ['version', 'scaleBy'] as const) {
    if (body[only] !== undefined && named.length > 1)
      throw notValid('/', `The '${only}' field may only be combined with the 'id' field.`)
  }
  return (draft) => applyGroup(marathon, draft, id, body)
}

function patch(marathon: Marathon, request: Request, id: PathId): Answer {
  const body = read(groupSchema, jsonBody(request))
  if (id === '/' || parentOf(id) !== '/')
    throw notValid('/enforceRole', 'can only be set for top-level groups')
  if (!exists(marathon.root, id)) throw groupNotFound(id)
  const deployment = marathon.update(
    (draft) => {
      const before = draft.groups.get(id) ?? { dependencies: [] }
      draft.groups.set(id, { ...before, enforceRole: body.enforceRole })
    },
    { ...forced(request), group: id },
  )
  return deployed(deployment)
}

/** With everything in it; of the root group everything there is. */
function remove(marathon: Marathon, request: Request, id: PathId): Answer {
  if (!exists(marathon.root, id)) throw groupNotFound(id)
  const deployment = marathon.update(
    (draft) => {
      for (const path of [...draft.specs.keys()]) if (isWithin(path, id)) draft.specs.delete(path)
      for (const path of [...draft.groups.keys()]) if (isWithin(path, id)) draft.groups.delete(path)
    },
    { ...forced(request), group: id },
  )
  return deployed(deployment)
}
