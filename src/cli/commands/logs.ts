import type { Command } from 'commander'
import { type AppId, type LogLine, parseDuration } from 'intermodal'
import {
  type Context,
  onOption,
  parseAppId,
  parseCount,
  parseWait,
  type Toolkit,
} from '../command.ts'
import { type Format, isData, outputOption, print, printItem } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'

interface Flags extends TargetFlags {
  readonly follow?: boolean
  readonly tail?: number
  readonly since?: string
  readonly instance?: string
  readonly previous?: boolean
  readonly timestamps?: boolean
  readonly output: Format
}

const COLOURS = ['cyan', 'green', 'magenta', 'yellow', 'blue', 'red'] as const

export function logsCommand({ command, run }: Toolkit): Command {
  return command('logs', 'what the instances of an app print', [
    'intermodal logs /shop/web --tail 20',
    'intermodal logs /shop/web -f --since 10m',
    'intermodal logs /shop/web --instance web.2 --previous',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .addOption(onOption())
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --tail <lines>', 'only the last so many lines of each instance', parseCount)
    .option('--since <duration>', 'only lines of the last 10m, 2h', parseWait)
    .option('--instance <id>', 'only this instance')
    .option('-p, --previous', 'of the container before the last restart')
    .option('-t, --timestamps', 'with the time of each line')
    .addOption(outputOption())
    .action(
      run(async (context, app: AppId, flags: Flags) => {
        await using session = await openOne(context, flags, 'look')
        const { client, clock } = session
        const prefix = prefixer(context)
        const lines = client.logs(app, {
          instance: flags.instance,
          follow: flags.follow,
          tail: flags.tail,
          since:
            flags.since === undefined ? undefined : clock.now() - (parseDuration(flags.since) ?? 0),
          previous: flags.previous,
          signal: context.io.signal,
        })
        for await (const line of lines) {
          if (isData(flags.output)) printItem(context, flags.output, line)
          else
            print(
              context,
              `${flags.instance ? '' : prefix(line.instance)}${stamp(line, flags)}${line.text}\n`,
            )
        }
      }),
    )
}

function stamp({ time }: LogLine, { timestamps }: Flags): string {
  return timestamps && time !== undefined ? `${new Date(time).toISOString()} ` : ''
}

/** Each instance has a colour of its own, in the order in which they first speak. */
function prefixer({ paint }: Context): (instance: string) => string {
  const colours = new Map<string, (typeof COLOURS)[number]>()
  return (instance) => {
    const colour = colours.get(instance) ?? COLOURS[colours.size % COLOURS.length] ?? 'cyan'
    colours.set(instance, colour)
    return `${paint(colour, `${instance} |`)} `
  }
}
