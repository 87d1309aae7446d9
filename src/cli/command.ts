import { Command, Option } from 'commander'
import { type AppId, type Duration, isAppId, parseDuration, type Selector } from 'intermodal'
import { UsageError } from './exit.ts'
import type { Io, Sink } from './io.ts'
import { withNearest } from './not-found.ts'
import type { TargetFlags } from './session.ts'
import { type Paint, painter } from './style.ts'

/** What a running command has at hand. */
export interface Context {
  readonly io: Io
  /** Colours for standard output and for standard error: either may be a terminal without the other. */
  readonly paint: Paint
  readonly paintError: Paint
}

/** The end of a command: its exit code, 0 when it says nothing. */
export type Ending = Promise<number | undefined> | Promise<void>

/** Makes commands that all look and end alike. */
export interface Toolkit {
  command(name: string, summary: string, examples: readonly string[]): Command
  run<Args extends readonly unknown[]>(
    handler: (context: Context, ...args: Args) => Ending,
  ): (...args: Args) => Promise<void>
}

export function toolkit(io: Io, finish: (code: number) => void): Toolkit {
  return {
    command(name, summary, examples) {
      const width = 2
      return new Command(name)
        .summary(summary)
        .description(summary)
        .addHelpText(
          'after',
          `\nExamples:\n${examples.map((line) => `${' '.repeat(width)}$ ${line}`).join('\n')}`,
        )
    },
    run(handler) {
      return async (...args) => {
        // commander's last two arguments are the options and the command.
        const command = args.at(-1) as unknown as Command
        const flags = command.optsWithGlobals<{ color?: boolean } & TargetFlags>()
        const context = contextOf(io, flags.color)
        try {
          finish((await handler(context, ...args)) ?? 0)
        } catch (error) {
          const goesSomewhere = command.options.some(({ long }) => long === '--on')
          throw goesSomewhere ? await withNearest(context, flags, error) : error
        }
      }
    },
  }
}

export function contextOf(io: Io, colour: boolean | undefined): Context {
  const of = (sink: Sink) => painter(io, sink.isTTY, colour)
  return { io, paint: of(io.stdout), paintError: of(io.stderr) }
}

/** `/shop/web`; the slash in front may be left out. */
export function parseAppId(text: string): AppId {
  const id = text.startsWith('/') ? text : `/${text}`
  if (!isAppId(id))
    throw new UsageError(`"${text}" is no app id`, 'write a path of lower-case names: /shop/web')
  return id
}

export function parseCount(text: string): number {
  if (!/^\d{1,7}$/.test(text))
    throw new UsageError(`"${text}" is no count`, 'write a whole number from 0')
  return Number(text)
}

export function parseWait(text: string): Duration {
  if (parseDuration(text) === undefined)
    throw new UsageError(`"${text}" is no duration`, 'write it with a unit: 30s, 5m, 1h30m')
  return text as Duration
}

/** For options that may be given several times, and hold several with commas between. */
export function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').filter((part) => part !== '')]
}

export function onOption(several = false): Option {
  return several
    ? new Option(
        '--on <target>',
        'where: a name of intermodal.config or a URL; may be repeated',
      ).argParser((value: string, before: readonly string[] = []) => [...before, value])
    : new Option('--on <target>', 'where: a name of intermodal.config or a URL')
}

/** Required: there is no file that is taken for granted. */
export function fileOption(): Option {
  return new Option(
    '-f, --file <path...>',
    'app files, directories or modules; - is standard input',
  )
}

/** Never implied. */
export function forceOption(): Option {
  return new Option('--force', 'go over a lock: what the cluster is doing with the app ends there')
}

export interface SelectorFlags {
  readonly group?: string | undefined
  readonly label?: readonly string[] | undefined
}

export function selectorOptions(command: Command): Command {
  return command
    .option('--group <path>', 'only apps in this group and below: /shop')
    .option('--label <key=value>', 'only apps with this label; may be repeated', gather)
}

export function selectorOf({ group, label = [] }: SelectorFlags): Selector {
  const labels = label.map((pair) => {
    const [key, ...value] = pair.split('=')
    if (!key || value.length === 0)
      throw new UsageError(`--label "${pair}" is no key=value`, 'write --label tier=front')
    return [key, value.join('=')] as const
  })
  return {
    ...(group === undefined ? {} : { group: group === '/' ? '/' : parseAppId(group) }),
    ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
  }
}
