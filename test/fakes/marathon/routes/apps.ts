import { z } from 'zod'
import {
  type Answer,
  appNotFound,
  conflict,
  notValid,
  unprocessable,
  wrongMethod,
} from '../errors.ts'
import { flag, jsonBody, type Request } from '../http/request.ts'
import { parseSelector } from '../labels.ts'
import type { Marathon } from '../marathon.ts'
import { absolute, isWithin, type PathId } from '../normal/paths.ts'
import { type AppBody, appSchema } from '../schema/app.ts'
import { read } from '../schema/read.ts'
import type { AppSpec } from '../store/root.ts'
import { appJson } from '../write/app.ts'
import { appInfo, type Embed, embedsOf } from '../write/app-info.ts'
import { newApp, putApp } from './app-body.ts'
import { deployed, deploymentHeader, findApp, forced, idAfter, ok, type Route } from './parts.ts'
import { appTasks } from './tasks.ts'

const PREFIX = '/v2/apps'
const LIST: readonly Embed[] = ['counts', 'deployments']
const SINGLE: readonly Embed[] = ['counts', 'tasks', 'lastTaskFailure', 'deployments']

/** `/v2/apps` and all below it. */
export const appsRoute: Route = (marathon, request) => {
  const { path, method } = request
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return undefined
  const id = idAfter(path, PREFIX)
  if (id === '/') return collection(marathon, request)
  if (path.endsWith('/*')) return below(marathon, request, absolute('..', id))
  const [, owner, kind, rest] =
    /^(\/.+?)\/(restart|tasks|versions)(?:\/([^/]+|\*))?$/.exec(id) ?? []
  if (kind === 'restart' && rest === undefined && method === 'POST')
    return restart(marathon, request, owner as PathId)
  if (kind === 'tasks') return appTasks(marathon, request, owner as PathId, rest)
  if (kind === 'versions' && method === 'GET') return versions(marathon, owner as PathId, rest)
  return single(marathon, request, id)
}

function collection(marathon: Marathon, request: Request): Answer {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return ok({ apps: infos(marathon, request, filtered(marathon, request), LIST) })
    case 'POST':
      return create(marathon, request)
    case 'PUT':
    case 'PATCH':
      return updateMany(marathon, request)
    default:
      throw wrongMethod()
  }
}

function appsOf({ root }: Marathon): readonly AppSpec[] {
  return [...root.specs.values()].flatMap((spec) => (spec.kind === 'app' ? [spec] : []))
}

function infos(
  marathon: Marathon,
  { query }: Request,
  apps: readonly AppSpec[],
  always: readonly Embed[],
): readonly object[] {
  const embeds = embedsOf(query.getAll('embed'), always)
  return apps.map((spec) => appInfo(marathon, spec, embeds))
}

function filtered(marathon: Marathon, { query }: Request): readonly AppSpec[] {
  const [id, cmd, label] = [query.get('id'), query.get('cmd'), query.get('label')]
  const fits = label ? parseSelector(label) : () => true
  return appsOf(marathon).filter(
    ({ definition }) =>
      (!id || definition.id.toLowerCase().includes(id.toLowerCase())) &&
      (!cmd || (definition.cmd ?? '').includes(cmd)) &&
      fits(definition.labels),
  )
}

function below(marathon: Marathon, request: Request, group: PathId): Answer {
  if (request.method !== 'GET') throw wrongMethod()
  const apps = appsOf(marathon).filter(({ id }) => isWithin(id, group) && id !== group)
  return ok({ '*': infos(marathon, request, apps, LIST) })
}

function create(marathon: Marathon, request: Request): Answer {
  const body = read(appSchema, jsonBody(request))
  if (body.id === undefined) throw notValid('/id', 'error.path.missing')
  const spec = newApp(marathon, body)
  const deployment = marathon.update(
    (draft) => {
      if (draft.specs.has(spec.id)) throw conflict(`An app with id [${spec.id}] already exists.`)
      draft.specs.set(spec.id, spec)
    },
    {
      ...forced(request),
      group: absolute('..', spec.id),
      announce: () => tellPost(marathon, request, spec.id),
    },
  )
  const stored = findApp(marathon.root, spec.id)
  const { versionInfo: _, ...definition } = appJson(stored, marathon.dialect)
  return {
    status: 201,
    json: {
      ...definition,
      tasksStaged: 0,
      tasksRunning: 0,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
      deployments: [{ id: deployment.id }],
    },
    headers: { ...deploymentHeader(deployment), location: spec.id },
  }
}

function tellPost(marathon: Marathon, { clientIp, path }: Request, id: PathId): void {
  const { bus, dialect, root } = marathon
  const appDefinition = appJson(findApp(root, id), dialect)
  bus.publish('api_post_event', { clientIp, uri: path, appDefinition })
}

function updateMany(marathon: Marathon, request: Request): Answer {
  const bodies = read(z.array(appSchema), jsonBody(request))
  const patch = request.method === 'PATCH'
  const partial = patch || flag(request, 'partialUpdate', true)
  for (const [index, { id }] of bodies.entries())
    if (id === undefined) throw notValid(`(${index})/id`, 'error.path.missing')
  const deployment = marathon.update((draft) => {
    for (const body of bodies) {
      const id = absolute(body.id ?? '')
      if (patch && draft.specs.get(id)?.kind !== 'app') throw appNotFound(id)
      putApp(marathon, draft, id, body, { partial })
    }
  }, forced(request))
  return deployed(deployment)
}

function single(marathon: Marathon, request: Request, id: PathId): Answer {
  switch (request.method) {
    case 'GET':
    case 'HEAD': {
      const spec = findApp(marathon.root, id)
      const embeds = embedsOf(request.query.getAll('embed'), SINGLE)
      return ok({ app: appInfo(marathon, spec, embeds) })
    }
    case 'PUT':
    case 'PATCH':
      return update(marathon, request, id)
    case 'DELETE':
      return remove(marathon, request, id)
    default:
      throw wrongMethod()
  }
}

function update(marathon: Marathon, request: Request, id: PathId): Answer {
  const body: AppBody = read(appSchema, jsonBody(request))
  const known = marathon.root.specs.get(id)?.kind === 'app'
  const patch = request.method === 'PATCH'
  if (patch && !known) throw appNotFound(id)
  const partial = patch || flag(request, 'partialUpdate', true)
  const deployment = marathon.update((draft) => putApp(marathon, draft, id, body, { partial }), {
    ...forced(request),
    group: absolute('..', id),
    announce: () => tellPost(marathon, request, id),
  })
  return { ...deployed(deployment, known ? 200 : 201), ...locationOf(deployment, known, id) }
}

function locationOf(
  deployment: Parameters<typeof deploymentHeader>[0],
  known: boolean,
  id: PathId,
): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { ...deploymentHeader(deployment), ...(known ? {} : { location: id }) } }
}

/** Whatever is in the way is forced aside, unless told otherwise: the opposite of what the documentation says. */
function remove(marathon: Marathon, request: Request, id: PathId): Answer {
  findApp(marathon.root, id)
  const deployment = marathon.update((draft) => draft.specs.delete(id), {
    ...forced(request, true),
    group: absolute('..', id),
  })
  return deployed(deployment)
}

function restart(marathon: Marathon, request: Request, id: PathId): Answer {
  findApp(marathon.root, id)
  const deployment = marathon.update((draft) => draft.restarted.add(id), {
    ...forced(request),
    group: absolute('..', id),
  })
  return deployed(deployment)
}

function versions(marathon: Marathon, id: PathId, version: string | undefined): Answer {
  findApp(marathon.root, id)
  const stored = marathon.store.versions(id)
  if (version === undefined) return ok({ versions: stored.map((spec) => spec.version) })
  const time = Date.parse(version)
  if (Number.isNaN(time)) throw unprocessable(`Invalid format: "${version}"`)
  const found = stored.find((spec) => Date.parse(spec.version) === time)
  if (found?.kind !== 'app') throw appNotFound(id, version)
  return ok(appJson(found, marathon.dialect))
}
