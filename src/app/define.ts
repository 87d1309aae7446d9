import { z } from 'zod'
import { IntermodalError } from '../errors.ts'
import { hostileIssues } from './hostile.ts'
import { isAppId } from './id.ts'
import { explainIssue, type Issue, toIssues } from './issues.ts'
import { type App, type AppInput, appSchema } from './schema.ts'

/** What is wrong with an app or a group, place by place. `code` is `APP_INVALID`. */
export class InvalidAppError extends IntermodalError {
  readonly issues: readonly Issue[]

  constructor(what: string, issues: readonly Issue[], app?: string) {
    const lines = issues.map(({ path, message }) => `\n  ${path || '/'} ${message}`)
    super('APP_INVALID', `${what} is invalid:${lines.join('')}`, { app })
    this.issues = issues
  }
}

// An App is recognised by identity, so that passing one through `defineApp` again costs nothing and changes nothing.
const defined = new WeakSet<object>()

/**
 * Checks an app and fills in every documented default.
 *
 * Throws `APP_INVALID` (an `InvalidAppError`) naming each wrong place by its JSON pointer, with the value found and,
 * for an unknown key, the nearest one that exists. An `App` is returned as it is.
 */
export function defineApp(input: AppInput | App): App {
  if (isApp(input)) return input
  const result = safeDefine(input)
  if ('app' in result) return result.app
  const id = writtenId(input)
  throw new InvalidAppError(id ? `app ${id}` : 'the app', result.issues, id)
}

/** The id of an app that may be wrong in every other way, if it has one. */
export function writtenId(input: unknown): string | undefined {
  const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined
  return typeof id === 'string' && isAppId(id) ? id : undefined
}

/** Whether `defineApp` or `safeDefine` of this copy of the package made the value: it needs no check. */
export function isApp(value: unknown): value is App {
  return typeof value === 'object' && value !== null && defined.has(value)
}

/** `defineApp` for input of unknown shape, without the throw. */
export function safeDefine(
  input: unknown,
): { readonly app: App } | { readonly issues: readonly Issue[] } {
  if (isApp(input)) return { app: input }
  const hostile = hostileIssues(input)
  if (hostile.length > 0) return { issues: hostile }
  const result = z.safeParse(appSchema(), input, { error: explainIssue, reportInput: true })
  if (!result.success) return { issues: result.error.issues.flatMap(toIssues) }
  const app = deepFreeze(result.data)
  defined.add(app)
  return { app }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
