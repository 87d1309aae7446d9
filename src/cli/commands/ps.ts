import { type Command, Option } from 'commander'
import {
  APP_STATES,
  type AppState,
  type AppStatus,
  HEALTHS,
  type Health,
  type Selector,
} from 'intermodal'
import {
  type Context,
  gather,
  onOption,
  type SelectorFlags,
  selectorOf,
  selectorOptions,
  type Toolkit,
} from '../command.ts'
import { exitCodeOf, UsageError } from '../exit.ts'
import { type Format, isData, note, outputOption, print, printData } from '../output.ts'
import { describeError } from '../report.ts'
import { closeSessions, openSessions, type Session, type TargetFlags } from '../session.ts'
import { sortStatuses, tableOptions } from '../statuses.ts'
import { type Placed, renderStatuses } from '../view/status-table.ts'
import { watchStatuses } from '../watch.ts'

interface Flags extends TargetFlags, SelectorFlags {
  readonly state?: readonly string[]
  readonly health?: readonly string[]
  readonly watch?: boolean
  readonly output: Format
}

export function psCommand({ command, run }: Toolkit): Command {
  return selectorOptions(
    command('ps', 'list apps: state, readiness, health, restarts and why', [
      'intermodal ps',
      'intermodal ps --group /shop --state degraded,waiting',
      'intermodal ps --on prod --on legacy -o wide',
      'intermodal ps --watch',
      'intermodal ps -o json | jq ".[].state"',
    ]),
  )
    .addOption(onOption(true))
    .addOption(
      new Option(
        '--state <state>',
        `only in this state; may be repeated (${APP_STATES.join(', ')})`,
      ).argParser(gather),
    )
    .addOption(
      new Option(
        '--health <health>',
        `only with an instance of this health (${HEALTHS.join(', ')})`,
      ).argParser(gather),
    )
    .option('-w, --watch', 'go on and show what changes')
    .addOption(outputOption(['table', 'wide', 'json', 'yaml']))
    .action(
      run(async (context, flags: Flags) => {
        const selector = selectorOf(flags)
        const keep = filterOf(flags)
        const sessions = await openSessions(context, flags, 'look')
        try {
          if (flags.watch)
            return await watchStatuses(context, sessions, { selector, keep, output: flags.output })
          return await list(context, sessions, selector, keep, flags.output)
        } finally {
          await closeSessions(sessions)
        }
      }),
    )
}

export function filterOf(flags: Pick<Flags, 'state' | 'health'>): (status: AppStatus) => boolean {
  const states = known('--state', flags.state, APP_STATES)
  const healths = known('--health', flags.health, HEALTHS)
  return (status) =>
    (states.length === 0 || states.includes(status.state)) &&
    (healths.length === 0 || status.instances.some(({ health }) => healths.includes(health)))
}

function known<Word extends AppState | Health>(
  flag: string,
  given: readonly string[] = [],
  words: readonly Word[],
): readonly Word[] {
  return given.map((text) => {
    const word = words.find((one) => one.toLowerCase() === text.toLowerCase())
    if (!word)
      throw new UsageError(`${flag} "${text}" is unknown`, `it is one of ${words.join(', ')}`)
    return word
  })
}

async function list(
  context: Context,
  sessions: readonly Session[],
  selector: Selector,
  keep: (status: AppStatus) => boolean,
  output: Format,
): Promise<number> {
  const { signal } = context.io
  const answers = await Promise.allSettled(
    sessions.map(async ({ client }) => {
      const statuses = await Array.fromAsync(client.list(selector, { signal }))
      return statuses.filter(keep).map((status) => ({ cluster: client.cluster, status }))
    }),
  )
  const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  // With one cluster its error is the command's; with several the others still answer.
  if (sessions.length === 1 && errors.length > 0) throw errors[0]
  printStatuses(context, sessions, rows, output)
  for (const error of errors) note(context, describeError(error, context.paintError))
  return errors.length > 0 ? exitCodeOf(errors[0]) : 0
}

function printStatuses(
  context: Context,
  sessions: readonly Session[],
  rows: readonly Placed[],
  output: Format,
): void {
  const sorted = sortStatuses(rows)
  if (isData(output)) {
    printData(
      context,
      output,
      sorted.map(({ cluster, status }) => ({ cluster, ...status })),
    )
    return
  }
  if (sorted.length === 0) note(context, 'no apps')
  else print(context, renderStatuses(sorted, tableOptions(context, sessions, output)))
}
