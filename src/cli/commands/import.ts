import { type Command, Option } from 'commander'
import { type App, type AppId, groupOf, type Material, nameOf, printApp } from 'intermodal'
import type { Imported, ImportFormat, ImportLoss } from 'intermodal/import'
import { type Context, gather, parseAppId, type Toolkit } from '../command.ts'
import { EXIT, UsageError } from '../exit.ts'
import { openImport } from '../files/import-sources.ts'
import { InvalidInputError } from '../files/problem.ts'
import { readReference } from '../files/references.ts'
import { note, outputOption, print, toYaml } from '../output.ts'
import { importSummary, renderImportLoss } from '../view/import-view.ts'

interface Flags {
  readonly from?: ImportFormat
  readonly group?: AppId
  readonly profile?: readonly string[]
  readonly env?: readonly string[]
  readonly withSecrets?: boolean
  readonly lenient?: boolean
  readonly report: 'text' | 'json'
  readonly output: 'yaml' | 'json'
}

export function importCommand({ command, run }: Toolkit): Command {
  return command('import', 'turn definitions you have into app files, and say what was lost', [
    'intermodal import docker-compose.yml > shop.yaml',
    'intermodal import compose.yaml compose.prod.yaml --env TAG=1.4 --profile debug',
    'docker service inspect shop_web | intermodal import - --from swarm -o json',
  ])
    .argument('<file...>', 'files or folders; - is standard input')
    .addOption(
      new Option('--from <format>', 'what they are; guessed when absent').choices([
        'compose',
        'kubernetes',
        'marathon',
        'swarm',
      ]),
    )
    .option('--group <path>', 'put the apps into this group: /shop', parseAppId)
    .option('--profile <name>', 'with the services of this Compose profile; * is all', gather)
    .option('--env <name=value>', 'a variable for interpolation; may be repeated', collect)
    .option('--with-secrets', 'write the values of secrets out as well, where the files have them')
    .option('--lenient', 'accept what is dropped: exit 0 and not 6')
    .addOption(
      new Option('--report <format>', 'how losses are told on standard error')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(outputOption(['yaml', 'json']))
    .action(
      run(async (context, names: readonly string[], flags: Flags) => {
        const { importApps } = await import('intermodal/import')
        const { sources, problems } = await openImport(context.io, names)
        if (problems.length > 0) throw new InvalidInputError(problems)
        const imported = await importApps(sources, {
          from: flags.from,
          group: flags.group,
          profiles: flags.profile,
          env: { ...context.io.env, ...variables(flags.env) },
          withSecrets: flags.withSecrets,
          read: readReference,
        })
        report(context, imported, flags)
        if (imported.problems.length > 0) return EXIT.usage
        print(context, written(imported, flags.output))
        return imported.losses.some((loss) => isRefused(loss, flags.lenient))
          ? EXIT.losses
          : EXIT.done
      }),
    )
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function variables(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`--env "${pair}" is no name=value`, 'write --env TAG=1.4')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** `strict` objects to what was dropped, `lenient` only to an app that could not be made. */
function isRefused({ kind }: ImportLoss, lenient: boolean | undefined): boolean {
  return kind === 'refused' || (kind === 'dropped' && !lenient)
}

function report(context: Context, imported: Imported, flags: Flags): void {
  const { apps, losses, problems } = imported
  if (flags.report === 'json') {
    note(context, JSON.stringify({ apps: apps.map(({ id }) => id), losses, problems }, null, 2))
    return
  }
  if (problems.length > 0) throw new InvalidInputError(problems.map(withPointer))
  for (const loss of losses) note(context, renderImportLoss(loss, context.paintError))
  note(context, importSummary(imported))
  if (losses.some((loss) => isRefused(loss, flags.lenient)))
    note(context, 'exit 6: something was dropped; --lenient accepts that')
}

function withPointer({ path, ...problem }: Imported['problems'][number]) {
  return { ...problem, pointer: path }
}

/** One group is written as a group; apps of several stand one after the other. */
function written({ apps, secrets }: Imported, output: Flags['output']): string {
  const whole = asGroup(apps, secrets)
  const values: readonly unknown[] = whole ? [whole] : apps.map(printApp)
  if (output === 'json') return JSON.stringify(values.length === 1 ? values[0] : values, null, 2)
  return values
    .map((value) => (values.length > 1 ? `---\n${toYaml(value)}` : toYaml(value)))
    .join('')
}

function asGroup(apps: readonly App[], secrets: readonly Material[]): object | undefined {
  const [first] = apps
  const group = first && groupOf(first.id)
  if (group === undefined || group === '/' || apps.length + secrets.length < 2) return undefined
  if (apps.some(({ id }) => groupOf(id) !== group)) return undefined
  return {
    group,
    apps: Object.fromEntries(
      apps.map((app) => {
        const { id: _, ...rest } = printApp(app)
        return [nameOf(app.id), rest]
      }),
    ),
    ...(secrets.length > 0
      ? { secrets: Object.fromEntries(secrets.map(({ name, data }) => [name, { value: data }])) }
      : {}),
  }
}
