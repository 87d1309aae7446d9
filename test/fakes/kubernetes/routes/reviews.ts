import type { Answer } from '../http/answer.ts'
import { type AuthOptions, isForbidden, USER } from '../http/auth.ts'
import { shownAs } from '../http/views.ts'
import { isObject, type JsonObject } from '../json.ts'
import { ACCESS_REVIEWS, RULES_REVIEWS, SELF_REVIEWS } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { type Call, givenObject } from './resources.ts'

/** What `kubectl auth` asks about whoever asks: it is what the options say, and not what roles do. */
export function review(call: Call, auth: AuthOptions | undefined): Answer {
  const { kind } = call.target
  const given = givenObject(call)
  const spec = isObject(given.spec) ? given.spec : {}
  const status =
    kind === ACCESS_REVIEWS
      ? access(spec, auth)
      : kind === RULES_REVIEWS
        ? rules(auth)
        : { userInfo: { username: USER, groups: ['system:authenticated'] } }
  const answered = {
    metadata: {},
    ...(kind === SELF_REVIEWS ? {} : { spec }),
    status,
  } as unknown as KubeObject
  return { status: 201, json: shownAs(kind, answered) }
}

function access({ resourceAttributes }: JsonObject, auth: AuthOptions = {}): JsonObject {
  if (!isObject(resourceAttributes)) return { allowed: true }
  const { verb, resource, subresource } = resourceAttributes
  const about = subresource ? `${resource}/${subresource}` : String(resource)
  return { allowed: !isForbidden(auth, String(verb), about) }
}

/** Everything; that something is not allowed cannot be said in this form. */
function rules(auth: AuthOptions = {}): JsonObject {
  return {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: (auth.forbidden ?? []).length > 0,
  }
}
