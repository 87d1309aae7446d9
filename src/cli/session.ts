import { type Client, type Clock, connect, type Duration } from 'intermodal'
import { type Access, type OpenedAdapter, openAdapter } from './adapters.ts'
import type { Context } from './command.ts'
import { loadConfig } from './config.ts'
import { UsageError } from './exit.ts'
import { chooseTargets, type Target } from './target.ts'

/** One open cluster. Its name is in front of app ids and in errors. */
export interface Session extends AsyncDisposable {
  readonly target: Target
  readonly client: Client
  /** The cluster's own time: a simulated one is not ours. */
  readonly clock: Clock
  /** Keeps a simulated cluster as it is now, for a command beside this one to look at. */
  save(): void
}

export interface TargetFlags {
  readonly on?: string | readonly string[] | undefined
}

/** Opens every target the command is for. Nothing is sent yet. */
export async function openSessions(
  { io }: Context,
  flags: TargetFlags,
  access: Access,
): Promise<readonly Session[]> {
  const given = flags.on === undefined ? [] : typeof flags.on === 'string' ? [flags.on] : flags.on
  const targets = chooseTargets(given, io, await loadConfig(io))
  const sessions: Session[] = []
  try {
    for (const target of targets)
      sessions.push(openSession(target, await openAdapter(io, target, access)))
  } catch (error) {
    await closeSessions(sessions)
    throw error
  }
  return sessions
}

export async function openOne(
  context: Context,
  flags: TargetFlags,
  access: Access,
): Promise<Session> {
  const [session, ...more] = await openSessions(context, flags, access)
  if (!session || more.length > 0) throw new UsageError('this command is for one target at a time')
  return session
}

export async function closeSessions(sessions: readonly Session[]): Promise<void> {
  await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()))
}

function openSession(target: Target, opened: OpenedAdapter): Session {
  const { adapter } = opened
  const client = connect(adapter, {
    name: target.name,
    timeout: target.timeout as Duration | undefined,
    idle: target.idle as Duration | undefined,
  })
  return {
    target,
    client,
    clock: opened.clock ?? client.clock,
    save: () => opened.save?.(),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await opened.close?.()
    },
  }
}
