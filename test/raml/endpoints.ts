import type { ApiTypes } from './library.ts'
import type { ValidateOptions } from './validate.ts'

export interface Expected extends ValidateOptions {
  /** `app.App`, as in the file and type of the description. */
  readonly type: string
  /** Where in the body it is. */
  readonly at?: string
}

type Body = Expected | 'empty' | 'text'

interface Endpoint {
  readonly method: string
  readonly path: RegExp
  readonly request?: Body
  /** By status; all errors are alike. */
  readonly answers: Readonly<Record<number, Body | readonly Body[]>>
}

const APP: Expected = { type: 'app.App' }
const UPDATE: Expected = { type: 'app.App', partial: true }
const INFO: Expected = { type: 'app.AppInfo' }
const DEPLOYED: Expected = { type: 'deploymentResult.DeploymentResult' }
const TASKS: Expected = { type: 'task.TaskList' }
const POD: Expected = { type: 'pod.Pod' }
const GROUP: Expected = { type: 'group.GroupUpdate', partial: true }
/** In the code since 1.4; the description has no pods for it. */
const GROUP_INFO: Expected = { type: 'group.GroupInfo', forgotten: new Set(['pods']) }
const KILLED = [TASKS, DEPLOYED]

/** Each endpoint with what goes in and what comes out, most special first. */
const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: /^\/v2\/apps$/, answers: { 200: { type: 'app.AppList' } } },
  { method: 'POST', path: /^\/v2\/apps$/, request: APP, answers: { 201: INFO } },
  {
    method: 'PUT',
    path: /^\/v2\/apps$/,
    request: { type: 'app.App[]' },
    answers: { 200: DEPLOYED },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/apps$/,
    request: { type: 'app.App[]' },
    answers: { 200: DEPLOYED },
  },
  { method: 'POST', path: /^\/v2\/apps\/.+\/restart$/, answers: { 200: DEPLOYED } },
  { method: 'GET', path: /^\/v2\/apps\/.+\/tasks$/, answers: { 200: TASKS } },
  { method: 'DELETE', path: /^\/v2\/apps\/.+\/tasks$/, answers: { 200: KILLED } },
  {
    method: 'DELETE',
    path: /^\/v2\/apps\/.+\/tasks\/.+$/,
    answers: { 200: [{ type: 'task.TaskSingle' }, DEPLOYED] },
  },
  {
    method: 'GET',
    path: /^\/v2\/apps\/.+\/versions$/,
    answers: { 200: { type: 'app.VersionList' } },
  },
  { method: 'GET', path: /^\/v2\/apps\/.+\/versions\/.+$/, answers: { 200: APP } },
  {
    method: 'GET',
    path: /^\/v2\/apps\/(?:.+\/)?\*$/,
    answers: { 200: { type: 'app.AppInfo[]', at: '*' } },
  },
  { method: 'GET', path: /^\/v2\/apps\/.+$/, answers: { 200: { ...INFO, at: 'app' } } },
  {
    method: 'PUT',
    path: /^\/v2\/apps\/.+$/,
    request: UPDATE,
    answers: { 200: DEPLOYED, 201: DEPLOYED },
  },
  { method: 'PATCH', path: /^\/v2\/apps\/.+$/, request: UPDATE, answers: { 200: DEPLOYED } },
  { method: 'DELETE', path: /^\/v2\/apps\/.+$/, answers: { 200: DEPLOYED } },
  { method: 'GET', path: /^\/v2\/tasks$/, answers: { 200: TASKS } },
  {
    method: 'POST',
    path: /^\/v2\/tasks\/delete$/,
    request: { type: 'deleteTasks.DeleteTasks' },
    answers: { 200: KILLED },
  },
  {
    method: 'GET',
    path: /^\/v2\/deployments$/,
    answers: { 200: { type: 'deploymentEventsInfo.DeploymentStepInfo[]' } },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/deployments\/.+$/,
    answers: { 200: DEPLOYED, 202: 'empty' },
  },
  { method: 'GET', path: /^\/v2\/queue$/, answers: { 200: { type: 'queue.Queue' } } },
  { method: 'DELETE', path: /^\/v2\/queue\/.+\/delay$/, answers: { 204: 'empty' } },
  {
    method: 'GET',
    path: /^\/v2\/groups(?:\/.+)?\/versions$/,
    answers: { 200: 'text' },
  },
  {
    method: 'GET',
    path: /^\/v2\/groups(?:\/.+)?\/apps$/,
    answers: { 200: { type: 'app.AppList' } },
  },
  { method: 'GET', path: /^\/v2\/groups(?:\/.+)?$/, answers: { 200: GROUP_INFO } },
  {
    method: 'PUT',
    path: /^\/v2\/groups(?:\/.+)?$/,
    request: GROUP,
    answers: { 200: [DEPLOYED, { type: 'deploymentSteps.DeploymentSteps' }], 201: DEPLOYED },
  },
  {
    method: 'POST',
    path: /^\/v2\/groups(?:\/.+)?$/,
    request: GROUP,
    answers: { 201: DEPLOYED },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/groups(?:\/.+)?$/,
    request: { type: 'group.GroupPartialUpdate' },
    answers: { 200: DEPLOYED },
  },
  { method: 'DELETE', path: /^\/v2\/groups(?:\/.+)?$/, answers: { 200: DEPLOYED } },
  { method: 'HEAD', path: /^\/v2\/pods$/, answers: { 200: 'empty' } },
  { method: 'GET', path: /^\/v2\/pods$/, answers: { 200: { type: 'pod.Pod[]' } } },
  { method: 'POST', path: /^\/v2\/pods$/, request: POD, answers: { 201: POD } },
  {
    method: 'GET',
    path: /^\/v2\/pods\/::status$/,
    answers: { 200: { type: 'podStatus.PodStatus[]' } },
  },
  {
    method: 'GET',
    path: /^\/v2\/pods\/.+::status$/,
    answers: { 200: { type: 'podStatus.PodStatus' } },
  },
  { method: 'GET', path: /^\/v2\/pods\/.+::versions$/, answers: { 200: 'text' } },
  { method: 'GET', path: /^\/v2\/pods\/.+::versions\/.+$/, answers: { 200: POD } },
  {
    method: 'DELETE',
    path: /^\/v2\/pods\/.+::instances$/,
    request: 'text',
    answers: { 200: { type: 'instance.Instance[]' } },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/pods\/.+::instances\/.+$/,
    answers: { 200: { type: 'instance.Instance' } },
  },
  { method: 'GET', path: /^\/v2\/pods\/.+$/, answers: { 200: POD } },
  { method: 'PUT', path: /^\/v2\/pods\/.+$/, request: POD, answers: { 200: POD } },
  { method: 'DELETE', path: /^\/v2\/pods\/.+$/, answers: { 202: 'empty' } },
  { method: 'GET', path: /^\/v2\/info$/, answers: { 200: { type: 'info.MarathonInfo' } } },
  { method: 'GET', path: /^\/v2\/leader$/, answers: { 200: { type: 'info.LeaderInfo' } } },
  { method: 'DELETE', path: /^\/v2\/leader$/, answers: { 200: { type: 'stringTypes.Message' } } },
  { method: 'GET', path: /^\/v2\/events$/, answers: { 200: 'empty', 302: 'empty' } },
  { method: 'GET', path: /^\/ping$/, answers: { 200: 'text' } },
  { method: 'GET', path: /^\/v2\/plugins$/, answers: { 200: 'text' } },
]

/** `deployments` and string details are in the code, not in the description. */
const ERROR: Expected = {
  type: 'error.Error',
  forgotten: new Set(['deployments', 'path']),
}

export function requestOf(method: string, path: string): Body | undefined {
  return endpointOf(method, path)?.request
}

/** What may come back; `undefined`: nothing is said of it. */
export function answersOf(
  method: string,
  path: string,
  status: number,
): readonly Body[] | undefined {
  const answers = endpointOf(method, path)?.answers[status]
  if (answers !== undefined) return Array.isArray(answers) ? answers : [answers as Body]
  return status >= 400 ? [ERROR] : undefined
}

function endpointOf(method: string, path: string): Endpoint | undefined {
  return ENDPOINTS.find((one) => one.method === method && one.path.test(path))
}

/** Older descriptions lack types that later ones have; then the nearest one they do have is taken. */
const NEAREST: Readonly<Record<string, string>> = {
  'app.AppInfo': 'app.App',
  'app.AppInfo[]': 'app.App[]',
  'group.GroupInfo': 'group.Group',
}

/** The type to check against in this version; `undefined`: it describes nothing of the kind. */
export function inVersion(types: ApiTypes, type: string): string | undefined {
  const name = type.replace(/\[\]$/, '')
  if (types.find(name)) return type
  const nearest = NEAREST[type]
  return nearest !== undefined && types.find(nearest.replace(/\[\]$/, '')) ? nearest : undefined
}
