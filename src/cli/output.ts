import { Option } from 'commander'
import { stringify } from 'yaml'
import type { Context } from './command.ts'

export type Format = 'table' | 'wide' | 'json' | 'yaml'

export function outputOption(formats: readonly Format[] = ['table', 'json', 'yaml']): Option {
  return new Option('-o, --output <format>', 'what to print').choices(formats).default(formats[0])
}

export function isData(format: Format): format is 'json' | 'yaml' {
  return format === 'json' || format === 'yaml'
}

/** The result of the command: the only thing on standard output. */
export function print({ io }: Context, text: string): void {
  io.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
}

/** What a person should know beside the result. */
export function note({ io }: Context, text: string): void {
  io.stderr.write(`${text}\n`)
}

export function printData(context: Context, format: 'json' | 'yaml', value: unknown): void {
  print(context, format === 'json' ? JSON.stringify(value, null, 2) : toYaml(value))
}

/** One value, one line: for streams. YAML documents are told apart by their `---`. */
export function printItem(context: Context, format: 'json' | 'yaml', value: unknown): void {
  print(context, format === 'json' ? JSON.stringify(value) : `---\n${toYaml(value)}`)
}

export function toYaml(value: unknown): string {
  // Through JSON, so that `undefined` and methods are left out as there, and nothing becomes an alias.
  return stringify(JSON.parse(JSON.stringify(value)), {
    lineWidth: 100,
    aliasDuplicateObjects: false,
  })
}
