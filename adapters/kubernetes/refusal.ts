import { type App, IntermodalError } from 'intermodal'
import { CHANGER, MANAGER } from './api.ts'
import { ApiError, type StatusCause } from './api-error.ts'
import { explainError, withoutValue } from './errors.ts'
import { appPath } from './field-paths.ts'
import { isObject, type Json, same } from './patch.ts'
import type { Wanted } from './survey.ts'
import type { KubernetesObject } from './wire.ts'

/** Under the error for fields that cannot change: which of the app they are, as JSON pointers. */
export class ImmutableFields extends Error {
  readonly pointers: readonly string[]

  constructor(pointers: readonly string[], cause?: unknown) {
    super(`${pointers.join(', ')} cannot change`, { cause })
    this.name = 'ImmutableFields'
    this.pointers = pointers
  }
}

const OURS: ReadonlySet<string> = new Set([MANAGER, CHANGER])

/** Whether the fields are held by nobody but ourselves, by another of our calls. */
export function isOwnConflict(error: unknown): boolean {
  const causes = conflictsOf(error)
  return causes.length > 0 && causes.every((cause) => OURS.has(managerOf(cause) ?? ''))
}

function conflictsOf(error: unknown): readonly StatusCause[] {
  if (!(error instanceof ApiError) || error.status !== 409) return []
  return (error.refusal?.causes ?? []).filter(({ reason }) => reason === 'FieldManagerConflict')
}

/** `conflict with "kubectl-edit" using apps/v1` */
function managerOf({ message = '' }: StatusCause): string | undefined {
  return /^conflict with "([^"]+)"/.exec(message)?.[1]
}

/** What the server has against an object, said by the app's own paths. */
export function explainRefusal(error: unknown, app: App, wanted: Wanted): unknown {
  const { object, resource } = wanted
  const what = `the ${resource.kind} ${object.metadata.name}`
  const conflicts = conflictsOf(error)
  if (conflicts.length > 0) return conflict(error, app, object, what, conflicts)
  if (!(error instanceof ApiError) || error.status !== 422) return error
  const causes = error.refusal?.causes ?? []
  if (isImmutable(error)) return immutable(error, app, wanted, what, causes)
  if (causes.length === 0) return error
  const each = causes.map(
    (cause) => `${named(object, cause.field ?? '', app)} ${withoutValue(cause)}`,
  )
  return new IntermodalError('APP_INVALID', `${app.id} is refused: ${unique(each).join('; ')}`, {
    app: app.id,
    cause: error,
    remedy: 'change the app, or its native.kubernetes patch',
  })
}

function conflict(
  error: unknown,
  app: App,
  object: KubernetesObject,
  what: string,
  causes: readonly StatusCause[],
): IntermodalError {
  const foreign = causes.filter((cause) => !OURS.has(managerOf(cause) ?? ''))
  const byManager = Map.groupBy(foreign, (cause) => managerOf(cause) ?? 'somebody else')
  const parts = [...byManager].map(([manager, fields]) => {
    const paths = fields.map(({ field }) => named(object, field ?? '', app))
    return `${unique(paths).join(', ')} by ${manager}`
  })
  return new IntermodalError(
    'CONFLICT',
    `${app.id}: parts of ${what} are managed by others: ${parts.join('; ')}`,
    {
      app: app.id,
      cause: error,
      remedy: 'leave these fields out of the app, or take them over with force',
    },
  )
}

function isImmutable({ refusal }: ApiError): boolean {
  const said = [
    refusal?.message ?? '',
    ...(refusal?.causes ?? []).map(({ message = '' }) => message),
  ]
  return said.some((text) => /immutable|may not change|for fields other than/i.test(text))
}

function immutable(
  error: ApiError,
  app: App,
  { object, live }: Wanted,
  what: string,
  causes: readonly StatusCause[],
): IntermodalError {
  const paths = causes.flatMap(({ field = '' }) =>
    // A StatefulSet names the whole spec: what differs is looked for.
    field === 'spec' && live ? changedClaims(object, live) : [named(object, field, app)],
  )
  const which = paths.length > 0 ? unique(paths).join(', ') : 'a part'
  return new IntermodalError(
    'UNSUPPORTED',
    `${app.id}: ${which} cannot be changed on a live app (${what})`,
    {
      app: app.id,
      cause: paths.some(isPointer) ? new ImmutableFields(paths.filter(isPointer), error) : error,
      remedy: 'remove the app and make it anew (replace)',
    },
  )
}

function isPointer(path: string): boolean {
  return path.startsWith('/')
}

function changedClaims(object: KubernetesObject, live: KubernetesObject): readonly string[] {
  const claims = ({ spec }: KubernetesObject) =>
    new Map(
      (((spec as Json | undefined)?.volumeClaimTemplates ?? []) as readonly KubernetesObject[]).map(
        (claim) => [claim.metadata.name ?? '', claim.spec],
      ),
    )
  const [before, after] = [claims(live), claims(object)]
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].filter((name) => !isPartOf(after.get(name), before.get(name)))
  return changed.length > 0 ? changed.map((name) => `/volumes/${name}`) : ['its spec']
}

/** The live one has the server's defaults too. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (!isObject(part) || !isObject(whole)) return part !== undefined && same(part, whole)
  return Object.entries(part).every(([key, value]) => isPartOf(value, whole[key]))
}

function named(object: KubernetesObject, field: string, app: App): string {
  return appPath(object, field, app) ?? `${object.kind} ${field}`
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** An error that says what has been written already: half of an app is never left without a word. */
export function partlyWritten(error: unknown, app: App, written: readonly Wanted[]): unknown {
  if (written.length === 0) return error
  const { code, message, remedy, retryable, retryAfter, cause } = explainError(
    error,
    `apply ${app.id}`,
    app.id,
  )
  const done = written.map(({ resource, object }) => `${resource.kind} ${object.metadata.name}`)
  return new IntermodalError(code, `${message}; written before that: ${done.join(', ')}`, {
    app: app.id,
    cause,
    retryable,
    retryAfter,
    remedy: `${remedy ? `${remedy}; then ` : ''}apply the app again`,
  })
}
