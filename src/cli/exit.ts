import { IntermodalError, type Outcome, RolloutError } from 'intermodal'
import { Interrupted } from './io.ts'

/** What the command ends with. Scripts branch on these; `--help` lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  rolledBack: 3,
  timedOut: 4,
  unreachable: 5,
  losses: 6,
  interrupted: 130,
} as const

export const EXIT_HELP = `Exit codes:
  0    done
  1    failed (also: superseded, cancelled, not found, refused by the cluster)
  2    wrong usage or invalid app; nothing was changed
  3    rolled back: the previous revision serves again
  4    timed out waiting; the rollout goes on
  5    the cluster cannot be reached, or does not answer
  6    refused because of losses: the engine cannot carry the app as written
  130  interrupted with Ctrl-C; what was started goes on`

/** What the person who typed the command can mend: exit code 2. */
export class UsageError extends Error {
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.name = 'UsageError'
    this.remedy = remedy
  }
}

const BY_OUTCOME: Readonly<Record<Outcome, number>> = {
  succeeded: EXIT.done,
  failed: EXIT.failed,
  rolledBack: EXIT.rolledBack,
  superseded: EXIT.failed,
  cancelled: EXIT.failed,
  timedOut: EXIT.timedOut,
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof Interrupted) return error.exitCode
  if (!IntermodalError.is(error)) return EXIT.failed
  if (isRolloutError(error)) return BY_OUTCOME[error.outcome]
  switch (error.code) {
    case 'APP_INVALID':
      return EXIT.usage
    case 'UNAVAILABLE':
    case 'TIMEOUT':
      return EXIT.unreachable
    case 'UNSUPPORTED':
      return lossesOf(error).length > 0 ? EXIT.losses : EXIT.failed
    default:
      return EXIT.failed
  }
}

export function isRolloutError(error: unknown): error is RolloutError {
  return error instanceof RolloutError
}

/** The losses an `UNSUPPORTED` error was refused for. */
export function lossesOf(error: unknown): readonly { path: string; detail: string }[] {
  const losses = (error as { losses?: unknown } | undefined)?.losses
  return Array.isArray(losses) ? losses : []
}
