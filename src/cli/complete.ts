import type { Argument, Command, Option } from 'commander'

export interface Suggestion {
  readonly value: string
  readonly about: string
}

/** What is known only at the moment of asking. */
export interface Live {
  /** Targets by name. */
  readonly targets: () => Promise<readonly string[]>
  /** Ids of apps on the target that the words name. */
  readonly apps: (on: string | undefined) => Promise<readonly string[]>
}

/** Options that name a cluster. */
const TARGETS: readonly string[] = ['--on', '--from', '--to']

/** Files are the shell's own business. */
export const FILES: Suggestion = { value: ':files', about: '' }

/** What the last word could become, by commander's own tree of commands. */
export async function complete(
  program: Command,
  words: readonly string[],
  live: Live,
): Promise<readonly Suggestion[]> {
  const before = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const at = before.findIndex((word) => !word.startsWith('-'))
  const command = at < 0 ? undefined : program.commands.find((one) => one.name() === before[at])
  if (!command) return at < 0 ? starting(last, [...commandsOf(program), ...optionsOf(program)]) : []
  const own = before.slice(at + 1)
  if (own.includes('--')) return [FILES]
  const option = optionBefore(command, own.at(-1))
  const target = own.findLastIndex((word) => word === '--on' || word === '--from')
  if (option) return starting(last, await valuesOf(option, live))
  if (last.startsWith('-')) return starting(last, [...optionsOf(command), ...optionsOf(program)])
  const argument = argumentAt(command, own)
  if (!argument) return []
  if (argument.argChoices) return starting(last, plainly(argument.argChoices))
  if (argument.name() !== 'app') return []
  const apps = await live.apps(target < 0 ? undefined : own[target + 1])
  const slashed = last === '' || last.startsWith('/')
  return starting(last, plainly(slashed ? apps : apps.map((app) => app.slice(1))))
}

function starting(start: string, all: readonly Suggestion[]): readonly Suggestion[] {
  return all.filter(({ value }) => value === FILES.value || value.startsWith(start))
}

function plainly(values: readonly string[]): Suggestion[] {
  return values.map((value) => ({ value, about: '' }))
}

function commandsOf(program: Command): Suggestion[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), about: command.summary() }))
}

function optionsOf(command: Command): Suggestion[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []))
}

/** The option whose value the last word is. */
function optionBefore(command: Command, word: string | undefined): Option | undefined {
  if (!word?.startsWith('-')) return undefined
  const option = command.options.find(({ long, short }) => word === long || word === short)
  return option && (option.required || option.optional) ? option : undefined
}

async function valuesOf(option: Option, live: Live): Promise<readonly Suggestion[]> {
  if (option.argChoices) return plainly(option.argChoices)
  if (TARGETS.includes(option.long ?? '')) return plainly(await live.targets())
  if (option.long === '--file') return [FILES]
  const [, listed] = /\(([\w., ]+)\)$/.exec(option.description) ?? []
  return listed === undefined ? [] : plainly(listed.split(', '))
}

/** The positional argument that comes next after these words. */
function argumentAt(command: Command, words: readonly string[]): Argument | undefined {
  const given = words.filter(
    (word, index) => !word.startsWith('-') && !optionBefore(command, words[index - 1]),
  ).length
  const { registeredArguments } = command
  const last = registeredArguments.at(-1)
  return registeredArguments[given] ?? (last?.variadic ? last : undefined)
}
