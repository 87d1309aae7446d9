import { badRequest, expired, forbiddenField, invalid, Refused } from '../errors.ts'
import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { fieldSelector, labelSelector, type Predicate } from '../store/selectors.ts'
import type { Store } from '../store/store.ts'
import type { Request } from './request.ts'

export interface Page {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  readonly continue?: string | undefined
  readonly remainingItemCount?: number | undefined
}

/** What `labelSelector` and `fieldSelector` choose. */
export function selection(kind: Kind, { query }: Request, name?: string): Predicate {
  const labels = labelSelector(query.get('labelSelector') ?? '')
  const fields = fieldSelector(kind, query.get('fieldSelector') ?? '')
  return (object) =>
    (name === undefined || object.metadata.name === name) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object)
}

interface Token {
  readonly v: string
  /** -1: of whatever there is now. */
  readonly rv: number
  readonly start: string
}

/** A list, or a page of it. Throws the 410 for a place in a list that is remembered no more. */
export function listOf(
  store: Store,
  kind: Kind,
  namespace: string | undefined,
  request: Request,
): Page {
  const { query } = request
  const fits = selection(kind, request)
  const limit = Number(query.get('limit') ?? 0)
  const token = query.get('continue')
  const asked = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch')
  checkMatch(match, asked, token)
  if (token) return paged(store, kind, namespace, readToken(token), limit, fits, query)
  const revision = match === 'Exact' ? Number(asked) : store.revision
  if (asked && Number(asked) > store.revision) throw tooLarge(asked, store.revision)
  // Answered from memory, where everything is: a limit is not kept.
  const whole = asked === '0' && match === null
  const from = { v: 'meta.k8s.io/v1', rv: revision, start: '' }
  return paged(store, kind, namespace, from, whole ? 0 : limit, fits, query)
}

function checkMatch(match: string | null, asked: string, token: string | null): void {
  if (match === null) return
  const forbidden = (why: string) =>
    invalid({ group: 'meta.k8s.io', kind: 'ListOptions', plural: '' }, '', [
      forbiddenField('resourceVersionMatch', `resourceVersionMatch is forbidden ${why}`),
    ])
  if (token) throw forbidden('when continue is provided')
  if (asked === '') throw forbidden('unless resourceVersion is provided')
  if (match === 'Exact' && asked === '0') throw forbidden('"Exact" for resourceVersion "0"')
}

function paged(
  store: Store,
  kind: Kind,
  namespace: string | undefined,
  { rv, start }: Token,
  limit: number,
  fits: Predicate,
  query: URLSearchParams,
): Page {
  const inconsistent = rv < 0
  const all = inconsistent ? store.list(kind, namespace) : store.at(kind, namespace, rv)
  if (!all) throw tooOld(start)
  const revision = inconsistent ? store.revision : rv
  const rest = all.filter((object) => start === '' || keyOf(object) >= start)
  const items: KubeObject[] = []
  for (const [index, object] of rest.entries()) {
    if (limit > 0 && items.length === limit) {
      const next = tokenOf({ v: 'meta.k8s.io/v1', rv: revision, start: keyOf(object) })
      const chosen = query.has('labelSelector') || query.has('fieldSelector')
      return {
        items,
        resourceVersion: String(revision),
        continue: next,
        ...(chosen ? {} : { remainingItemCount: rest.length - index }),
      }
    }
    if (fits(object)) items.push(object)
  }
  return { items, resourceVersion: String(revision) }
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function tokenOf(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function readToken(text: string): Token {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Token
  } catch {
    throw badRequest(
      "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
    )
  }
}

function tooOld(start: string): Refused {
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  const next = tokenOf({ v: 'meta.k8s.io/v1', rv: -1, start })
  return new Refused({ ...status, metadata: start === '' ? {} : { continue: next } })
}

export function tooLarge(asked: string, current: number): Refused {
  return new Refused({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    code: 504,
  })
}
