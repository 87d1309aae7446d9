import { Argument, type Command } from 'commander'
import type { Context, Toolkit } from '../command.ts'
import { complete, FILES, type Live } from '../complete.ts'
import { loadConfig } from '../config.ts'
import { print } from '../output.ts'
import { closeSessions, openSessions } from '../session.ts'
import { SCRIPTS, SHELLS, type Shell } from './completion-scripts.ts'

export function completionCommand({ command, run }: Toolkit): Command {
  return command(
    'completion',
    'print a script that completes commands, options, targets and apps',
    [
      'source <(intermodal completion bash)                 # in ~/.bashrc',
      'source <(intermodal completion zsh)                  # in ~/.zshrc, after compinit',
      'intermodal completion fish > ~/.config/fish/completions/intermodal.fish',
    ],
  )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(run(async (context, shell: Shell) => print(context, SCRIPTS[shell])))
}

/** What the scripts ask: one suggestion a line, a tab before what it is about. Never fails, never prints an error. */
export function completeCommand({ command, run }: Toolkit, program: Command): Command {
  return command('complete', 'answer the completion scripts', ['intermodal complete -- ps --st'])
    .argument('[words...]')
    .action(
      run(async (context, words: readonly string[] = []) => {
        const suggestions = await complete(program, words, liveOf(context))
        for (const { value, about } of suggestions)
          print(context, value === FILES.value || !about ? `${value}\n` : `${value}\t${about}\n`)
      }),
    )
}

function liveOf(context: Context): Live {
  return {
    async targets() {
      const config = await quietly(() => loadConfig(context.io), { targets: {} })
      return [...Object.keys(config.targets), 'simulated:', 'swarm:']
    },
    apps: (on) =>
      quietly(async () => {
        const sessions = await openSessions(context, { on }, 'look')
        try {
          const { signal } = context.io
          const lists = sessions.map(({ client }) =>
            Array.fromAsync(client.list({}, { timeout: '2s', signal }), ({ id }) => id),
          )
          return (await Promise.all(lists)).flat().sort()
        } finally {
          await closeSessions(sessions)
        }
      }, []),
  }
}

/** Somebody is typing: a cluster that does not answer suggests nothing. */
async function quietly<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch {
    return otherwise
  }
}
