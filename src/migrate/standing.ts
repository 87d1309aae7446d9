import type { AppId } from '../app/schema.ts'
import type { Client } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { Move } from './moves.ts'
import {
  type MigratedApp,
  type MigrationOutcome,
  type MigrationResult,
  sideOf,
  standingOf,
} from './result.ts'
import type { RunOptions } from './run.ts'

interface Conclusion {
  readonly outcome: MigrationOutcome
  readonly cause?: IntermodalError | undefined
  readonly problems: readonly IntermodalError[]
  readonly began: number
}

/** Looks at both sides once more: a call that was cut off may have taken effect or not, and only the clusters know. */
export async function conclude(
  { from, to, moves, settings, signal }: RunOptions,
  { outcome, cause, problems, began }: Conclusion,
): Promise<MigrationResult> {
  const look = async (client: Client, id: AppId): Promise<MigratedApp['old']> => {
    try {
      return sideOf(await client.status(id, { signal, timeout: settings.timeout }))
    } catch (error) {
      if (signal.aborted || !IntermodalError.is(error)) throw error
      return 'unreachable'
    }
  }
  const apps = await Promise.all(
    moves.map(async ({ id }) => {
      const [old, now] = await Promise.all([look(from, id), look(to, id)])
      return [id, standingOf(old, now)] as const
    }),
  )
  return {
    outcome,
    from: from.cluster,
    to: to.cluster,
    apps: Object.fromEntries(apps),
    message: sentence(
      { outcome, cause, problems },
      { from: from.cluster, to: to.cluster, total: moves.length, over: moves.some(isOver) },
    ),
    ...(cause ? { cause } : {}),
    problems,
    duration: settings.clock.now() - began,
  }
}

function isOver({ over }: Move): boolean {
  return over !== undefined
}

function sentence(
  { outcome, cause, problems }: Omit<Conclusion, 'began'>,
  { from, to, total, over }: { from: string; to: string; total: number; over: boolean },
): string {
  const apps = `${total} app${total === 1 ? '' : 's'}`
  const why = cause ? `: ${cause.message}` : ''
  switch (outcome) {
    case 'moved':
      return `${apps} moved from ${from} to ${to}`
    case 'back':
      return `${apps} back on ${from} as before${over ? '' : `, and not on ${to}`}${why}`
    case 'stopped':
      return `stopped on the way from ${from} to ${to}${why}`
    case 'failed': {
      const rest =
        problems.length > 0
          ? `; not everything could be taken back: ${problems.map(({ message }) => message).join('; ')}`
          : ''
      return `not moved from ${from} to ${to}${why}${rest}`
    }
  }
}
