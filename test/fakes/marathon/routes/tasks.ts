import { z } from 'zod'
import { type Answer, appNotFound, badRequest, taskNotFound, wrongMethod } from '../errors.ts'
import { flag, jsonBody, type Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import { isWithin, type PathId } from '../normal/paths.ts'
import { read } from '../schema/read.ts'
import { type AppSpec, instancesOf, type Spec, withInstances } from '../store/root.ts'
import { phase } from '../world/tasks.ts'
import { type TaskView, taskJson, tasksOf } from '../write/task.ts'
import { deployed, findApp, forced, ok, type Route } from './parts.ts'

interface Found {
  readonly spec: Spec
  readonly view: TaskView
}

/** `/v2/tasks` and `/v2/tasks/delete`. */
export const tasksRoute: Route = (marathon, request) => {
  const { path, method } = request
  if (path === '/v2/tasks') {
    if (method !== 'GET') throw wrongMethod()
    return ok({ tasks: listed(marathon, request) })
  }
  if (path !== '/v2/tasks/delete') return undefined
  if (method !== 'POST') throw wrongMethod()
  const { ids } = read(z.object({ ids: z.array(z.string()) }), jsonBody(request))
  for (const id of ids) if (!/^.+\.[^.]+/.test(id)) throw badRequest(`Invalid task id '${id}'`)
  const all = [...marathon.root.specs.values()].flatMap((spec) => found(marathon, spec))
  // What is not there is not missed.
  const wanted = all.filter(({ view }) => view.described.tasks.some((id) => ids.includes(id)))
  return killed(marathon, request, wanted) ?? ok({ tasks: jsonOf(marathon, wanted) })
}

function listed(marathon: Marathon, { query }: Request): readonly object[] {
  const statuses = [...query.getAll('status'), ...query.getAll('status[]')]
  const states = new Set<string>(
    statuses.map((status) => (status === 'running' ? 'TASK_RUNNING' : 'TASK_STAGING')),
  )
  return [...marathon.root.specs.values()].flatMap((spec) =>
    spec.kind === 'pod'
      ? []
      : tasksOf(marathon, spec)
          .filter((view) => states.size === 0 || states.has(phase(view.phase).state))
          .map((view) => taskJson(marathon, spec, view, true)),
  )
}

function found(marathon: Marathon, spec: Spec): readonly Found[] {
  return tasksOf(marathon, spec).map((view) => ({ spec, view }))
}

function jsonOf(marathon: Marathon, some: readonly Found[]): readonly object[] {
  return some.flatMap(({ spec, view }) =>
    spec.kind === 'app' ? [taskJson(marathon, spec, view)] : [],
  )
}

/** `/v2/apps/{id}/tasks[/{task}]`; for `{group}/*` all below it. */
export function appTasks(
  marathon: Marathon,
  request: Request,
  id: PathId,
  task: string | undefined,
): Answer {
  const { method, query } = request
  const apps = owners(marathon, id)
  const all = apps.flatMap((spec) => found(marathon, spec))
  if (task === undefined && method === 'GET') return ok({ tasks: jsonOf(marathon, all) })
  if (method !== 'DELETE') throw wrongMethod()
  if (task === undefined) {
    const host = query.get('host') ?? '*'
    const there = all.filter(({ view }) => host === '*' || view.described.host === host)
    return killed(marathon, request, there) ?? ok({ tasks: jsonOf(marathon, there) })
  }
  const one = all.filter(({ view }) => view.described.tasks.includes(task))
  if (one.length === 0) throw taskNotFound(task)
  const [json] = jsonOf(marathon, one)
  return killed(marathon, request, one) ?? ok({ task: json })
}

function owners(marathon: Marathon, id: PathId): readonly AppSpec[] {
  if (!id.endsWith('/*')) return [findApp(marathon.root, id)]
  const group = id.slice(0, -2) as PathId
  const apps = [...marathon.root.specs.values()].flatMap((spec) =>
    spec.kind === 'app' && isWithin(spec.id, group) ? [spec] : [],
  )
  if (apps.length === 0) throw appNotFound(group)
  return apps
}

/** Kills them. With `scale` as many fewer are wanted afterwards, which is a deployment: its answer is given back. */
function killed(marathon: Marathon, request: Request, some: readonly Found[]): Answer | undefined {
  const [scale, wipe] = [flag(request, 'scale'), flag(request, 'wipe')]
  if (scale && wipe) throw badRequest('You cannot use scale and wipe at the same time.')
  if (!scale) {
    for (const { view } of some) marathon.kill(view.record, view.instance)
    return undefined
  }
  const fewer = new Map<Spec, number>()
  for (const { spec } of some) fewer.set(spec, (fewer.get(spec) ?? 0) + 1)
  const deployment = marathon.update((draft) => {
    for (const [spec, count] of fewer)
      draft.specs.set(spec.id, withInstances(spec, Math.max(0, instancesOf(spec) - count)))
  }, forced(request))
  // Those that are meant go, not whichever the scheduler would choose.
  for (const { view } of some) marathon.cluster.kill(view.record, view.instance)
  return deployed(deployment)
}
