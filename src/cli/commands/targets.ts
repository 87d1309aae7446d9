import type { Command } from 'commander'
import { IntermodalError } from 'intermodal'
import type { Context, Toolkit } from '../command.ts'
import { loadConfig } from '../config.ts'
import { type Format, isData, outputOption, print, printData } from '../output.ts'
import { closeSessions, openSessions } from '../session.ts'
import { chooseTargets, DEFAULT_TARGET, resolveTarget } from '../target.ts'
import { renderTable } from '../view/table.ts'
import { safe } from '../view/text.ts'

interface Flags {
  readonly check: boolean
  readonly output: Format
}

interface Row {
  readonly name: string
  readonly target: string
  readonly engine: string
  readonly default: boolean
  readonly answers: boolean | undefined
  readonly error?: string
}

export function targetsCommand({ command, run }: Toolkit): Command {
  return command('targets', 'the clusters of intermodal.config, and whether they answer', [
    'intermodal targets',
    'intermodal targets --no-check -o json',
  ])
    .option('--no-check', 'do not ask the clusters')
    .addOption(outputOption())
    .action(
      run(async (context, { check, output }: Flags) => {
        const config = await loadConfig(context.io)
        const [chosen] = chooseTargets([], context.io, config)
        const names = Object.keys(config.targets)
        const flags = chosen && !names.includes(chosen.flag) ? [...names, chosen.flag] : names
        const rows = await Promise.all(
          [...new Set([...flags, ...(names.length === 0 ? [DEFAULT_TARGET] : [])])].map(
            async (flag) => {
              const target = resolveTarget(flag, config)
              const row = {
                name: flag,
                target: target.shown,
                engine: target.kind,
                default: flag === chosen?.flag,
              }
              return { ...row, ...(check ? await ask(context, flag) : { answers: undefined }) }
            },
          ),
        )
        if (isData(output)) printData(context, output, rows)
        else print(context, renderTargets(context, rows))
      }),
    )
}

/** One small question with little time: this is about whether it answers, not about what. */
async function ask(context: Context, flag: string): Promise<{ answers: boolean; error?: string }> {
  try {
    const sessions = await openSessions(context, { on: flag }, 'look')
    try {
      await sessions[0]?.client.status('/intermodal', { timeout: '5s', signal: context.io.signal })
      return { answers: true }
    } finally {
      await closeSessions(sessions)
    }
  } catch (error) {
    context.io.signal.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    return {
      answers: false,
      error: IntermodalError.is(error) ? `${error.code}: ${message}` : message,
    }
  }
}

function renderTargets({ paint }: Context, rows: readonly Row[]): string {
  return renderTable(
    ['NAME', 'TARGET', 'ENGINE', 'DEFAULT', 'ANSWERS'],
    rows.map((row) => [
      row.name,
      row.target,
      row.engine,
      row.default ? 'yes' : '',
      row.answers === undefined
        ? '-'
        : row.answers
          ? paint('green', 'yes')
          : `${paint('red', 'no')}  ${safe(row.error ?? '')}`,
    ]),
    paint,
  )
}
