import type { Deployment } from '../deployments.ts'
import { type Answer, appNotFound, podNotFound } from '../errors.ts'
import { flag, type Request } from '../http/request.ts'
import type { Marathon } from '../marathon.ts'
import { absolute, type PathId } from '../normal/paths.ts'
import type { AppSpec, PodSpec, Root } from '../store/root.ts'
import { resultJson } from '../write/deployment.ts'

/** `undefined`: this is no route of ours. */
export type Route = (marathon: Marathon, request: Request) => Answer | undefined

export function ok(json: unknown): Answer {
  return { status: 200, json }
}

export function deploymentHeader({ id }: Deployment): Readonly<Record<string, string>> {
  return { 'marathon-deployment-id': id }
}

/** The answer to an accepted change. */
export function deployed(deployment: Deployment, status = 200): Answer {
  return { status, json: resultJson(deployment), headers: deploymentHeader(deployment) }
}

export function forced(request: Request, fallback = false): { readonly force: boolean } {
  return { force: flag(request, 'force', fallback) }
}

export function findApp(root: Root, id: PathId): AppSpec {
  const spec = root.specs.get(id)
  if (spec?.kind !== 'app') throw appNotFound(id)
  return spec
}

export function findPod(root: Root, id: PathId): PodSpec {
  const spec = root.specs.get(id)
  if (spec?.kind !== 'pod') throw podNotFound(id)
  return spec
}

/** What comes after the prefix, as an absolute id. */
export function idAfter(path: string, prefix: string): PathId {
  return absolute(path.slice(prefix.length).replace(/^\/+/, '/'))
}
