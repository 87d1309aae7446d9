import { IntermodalError } from 'intermodal'
import { exitCodeOf, lossesOf, UsageError } from './exit.ts'
import { InvalidInputError } from './files/problem.ts'
import { Interrupted } from './io.ts'
import { redact } from './redact.ts'
import type { Paint } from './style.ts'

/** What went wrong and what to do next, for a person. */
export function describeError(error: unknown, paint: Paint): string {
  const message = redact(error instanceof Error ? error.message : String(error))
  const remedy = remedyOf(error)
  const code = IntermodalError.is(error) ? `${error.code} ` : ''
  return `${paint('red', 'error:')} ${paint('bold', code)}${message}${remedy ? `\n  ${paint('green', '→')} ${redact(remedy)}` : ''}`
}

/** The same for a program, with `-o json`. Holds no stack and no cause: either may tell too much. */
export function errorData(error: unknown): Record<string, unknown> {
  const message = redact(error instanceof Error ? error.message : String(error))
  const exitCode = exitCodeOf(error)
  if (error instanceof InvalidInputError)
    return { code: 'APP_INVALID', message, problems: error.problems, exitCode }
  if (error instanceof UsageError) return { code: 'USAGE', message, remedy: error.remedy, exitCode }
  if (error instanceof Interrupted) return { code: 'INTERRUPTED', message, exitCode }
  if (!IntermodalError.is(error)) return { code: 'INTERNAL', message, exitCode }
  const losses = lossesOf(error)
  return { ...error.toJSON(), message, ...(losses.length > 0 ? { losses } : {}), exitCode }
}

function remedyOf(error: unknown): string | undefined {
  return error instanceof UsageError || IntermodalError.is(error) ? error.remedy : undefined
}
