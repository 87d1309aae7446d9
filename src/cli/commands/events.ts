import type { Command } from 'commander'
import { type AppId, EVENT_TYPES, type Event, type EventType } from 'intermodal'
import {
  type Context,
  gather,
  onOption,
  parseAppId,
  type SelectorFlags,
  selectorOf,
  selectorOptions,
  type Toolkit,
} from '../command.ts'
import { UsageError } from '../exit.ts'
import { type Format, isData, outputOption, print, printItem } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'
import { renderEvent } from '../view/event-view.ts'

interface Flags extends TargetFlags, SelectorFlags {
  readonly since?: string
  readonly types?: readonly string[]
  readonly once?: boolean
  readonly output: Format
}

export function eventsCommand({ command, run }: Toolkit): Command {
  return selectorOptions(
    command('events', 'what is there, then what happens, until Ctrl-C', [
      'intermodal events',
      'intermodal events /shop/web --types rollout.started,rollout.ended',
      'intermodal events -o json | jq -c "{type, app, cursor}"',
      'intermodal events --since CURSOR   # goes on where an earlier stream of this client ended',
    ]),
  )
    .argument('[app...]', 'only these apps', (text: string, before: readonly AppId[] = []) => [
      ...before,
      parseAppId(text),
    ])
    .addOption(onOption())
    .option(
      '--since <cursor>',
      'first what happened after this cursor; a gap is told where it is forgotten',
    )
    .option(
      '--types <type>',
      `only these types; may be repeated (${EVENT_TYPES.join(', ')})`,
      gather,
    )
    .option('--once', 'end when everything that is there has been told')
    .addOption(outputOption())
    .action(
      run(async (context, apps: readonly AppId[] | undefined, flags: Flags) => {
        const selector = { ...selectorOf(flags), ...(apps && apps.length > 0 ? { ids: apps } : {}) }
        const types = flags.types?.map(eventType)
        await using session = await openOne(context, flags, 'look')
        const { signal } = context.io
        const events = session.client.events({ selector, since: flags.since, types, signal })
        for await (const event of events) {
          printEvent(context, event, flags.output)
          if (flags.once && event.type === 'stream.synced') return
        }
      }),
    )
}

function eventType(text: string): EventType {
  const type = EVENT_TYPES.find((one) => one === text)
  if (!type)
    throw new UsageError(`--types "${text}" is unknown`, `it is one of ${EVENT_TYPES.join(', ')}`)
  return type
}

function printEvent(context: Context, event: Event, output: Format): void {
  if (isData(output)) {
    printItem(context, output, event)
    return
  }
  // A person sees that the stream is alive by the prompt that does not come back.
  if (event.type === 'stream.heartbeat') return
  const time = new Date(event.time).toISOString().slice(11, 23)
  print(context, `${context.paint('dim', time)} ${renderEvent(event, context.paint)}`)
}
