import { failure } from '../errors.ts'
import { type Answer, answerOf } from './answer.ts'
import type { Target } from './path.ts'
import { flag, header, type Request } from './request.ts'

/** Who is let in, and to what. */
export interface AuthOptions {
  /** Bearer tokens that are good. Absent: nobody is asked for one. */
  readonly tokens?: readonly string[] | undefined
  /** What nobody may do: a verb, a resource, or both. */
  readonly forbidden?: readonly Rule[] | undefined
}

export interface Rule {
  readonly verb?: string | undefined
  /** `pods`, `pods/log`. */
  readonly resource?: string | undefined
}

/** Whoever it is that asks. */
export const USER = 'intermodal'

/** Why the request is not let in, if so. */
export function refusal(
  auth: AuthOptions | undefined,
  request: Request,
  target: Target | undefined,
): Answer | undefined {
  if (!auth) return undefined
  const token = /^Bearer (.+)$/.exec(header(request, 'authorization'))?.[1] ?? ''
  if (auth.tokens && !auth.tokens.includes(token))
    return answerOf(failure(401, 'Unauthorized', 'Unauthorized').status)
  if (!target) return undefined
  const { kind, name, namespace, subresource } = target
  const verb = verbOf(request, name)
  const resource = subresource ? `${kind.plural}/${subresource}` : kind.plural
  if (!isForbidden(auth, verb, resource)) return undefined
  const what = kind.group ? `${kind.plural}.${kind.group}` : kind.plural
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const about = name === undefined ? what : `${what} "${name}"`
  const { status } = failure(
    403,
    'Forbidden',
    `${about} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${place}`,
    {
      ...(name === undefined ? {} : { name }),
      ...(kind.group ? { group: kind.group } : {}),
      kind: kind.plural,
    },
  )
  return answerOf(status)
}

export function isForbidden(auth: AuthOptions, verb: string, resource: string): boolean {
  return (auth.forbidden ?? []).some(
    (one) =>
      (one.verb === undefined || one.verb === verb) &&
      (one.resource === undefined || one.resource === resource),
  )
}

export function verbOf(request: Request, name: string | undefined): string {
  switch (request.method) {
    case 'GET':
      return flag(request, 'watch') ? 'watch' : name === undefined ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    default:
      return name === undefined ? 'deletecollection' : 'delete'
  }
}
