import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Command, Option } from 'commander'
import type { App, AppId, Loss } from 'intermodal'
import { ADAPTER_KINDS, type AdapterKind, documentsOf, offlineAdapter } from '../adapters.ts'
import { fileOption, type Toolkit } from '../command.ts'
import { EXIT, UsageError } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { note, outputOption, print, toYaml } from '../output.ts'
import { renderLoss } from '../view/plan-view.ts'

interface Flags {
  readonly file?: readonly string[]
  readonly to: AdapterKind | 'compose'
  readonly marathonVersion?: string
  readonly directory?: string
  readonly lenient?: boolean
  readonly output: 'yaml' | 'json'
}

export function renderCommand({ command, run }: Toolkit): Command {
  return command('render', "print what apps become in an engine's own terms; needs no cluster", [
    'intermodal render -f shop.yaml --to swarm',
    'intermodal render -f shop.yaml --to swarm -o json --lenient',
    'intermodal render -f shop.yaml --to compose | docker stack deploy -c - shop',
    'intermodal render -f shop.yaml --to compose --directory stack',
    'intermodal render -f shop.yaml --to marathon --marathon-version 1.4',
  ])
    .addOption(fileOption())
    .addOption(
      new Option('--to <engine>', 'the engine, or compose for a Compose file')
        .choices([...ADAPTER_KINDS, 'compose'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--marathon-version <version>',
        'the Marathon that shall take it: before 1.5 in the older form (default: "1.5")',
      ).argParser(parseVersion),
    )
    .option(
      '--directory <folder>',
      'write the Compose file there as compose.yaml, with the files it needs beside it',
    )
    .option('--lenient', 'print although the engine drops what it does not know')
    .addOption(outputOption(['yaml', 'json']))
    .action(
      run(async (context, { file, to, marathonVersion, directory, lenient, output }: Flags) => {
        if (marathonVersion !== undefined && to !== 'marathon')
          throw new UsageError(`--marathon-version says nothing of ${to}`, 'write --to marathon')
        if (directory !== undefined && to !== 'compose')
          throw new UsageError(`--directory says nothing of ${to}`, 'write --to compose')
        const { apps } = await loadApps(context.io, file)
        const { losses, text, files } =
          to === 'compose'
            ? await renderCompose(apps, output, directory !== undefined)
            : await renderNative(apps, to, marathonVersion, output)
        for (const { app, loss } of losses)
          note(context, `${app} ${renderLoss(loss, context.paintError)}`)
        if (losses.some(({ loss }) => isRefused(loss, lenient))) {
          note(context, lenient ? REFUSED : `${REFUSED}; --lenient accepts what is dropped`)
          return EXIT.losses
        }
        if (directory === undefined) print(context, text)
        else await writeFolder(path.resolve(context.io.cwd, directory), { ...files, [NAME]: text })
        return EXIT.done
      }),
    )
}

function parseVersion(text: string): string {
  if (!/^\d+\.\d+(?:\.\d+)?$/.test(text))
    throw new UsageError(`--marathon-version "${text}" is no version`, 'write 1.4 or 1.10.26')
  return text
}

interface Rendered {
  readonly text: string
  /** What has to lie beside it, by path. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly losses: readonly { readonly app: AppId; readonly loss: Loss }[]
}

async function renderNative(
  apps: readonly App[],
  to: AdapterKind,
  version: string | undefined,
  output: Flags['output'],
): Promise<Rendered> {
  await using adapter = await offlineAdapter(to, version)
  const rendered = apps.map((app) => ({ app: app.id, ...adapter.translate(app) }))
  const natives = rendered.map(({ app, native }) => ({ app, native }))
  return {
    losses: rendered.flatMap(({ app, losses }) => losses.map((loss) => ({ app, loss }))),
    text:
      output === 'json'
        ? JSON.stringify(natives, null, 2)
        : natives
            .flatMap(({ app, native }) =>
              documentsOf(to, native).map((one) => `--- # ${app}\n${toYaml(one)}`),
            )
            .join(''),
  }
}

/** One file for all apps. */
async function renderCompose(
  apps: readonly App[],
  output: Flags['output'],
  writes: boolean,
): Promise<Rendered> {
  const { writeCompose } = await import('intermodal/import')
  const { document, files, losses } = await writeCompose(apps)
  return {
    files,
    // The contents of files are named as a loss where nobody writes them.
    losses: writes
      ? losses.filter(({ loss }) => !/^\/files\/.*\/content$/.test(loss.path))
      : losses,
    text: output === 'json' ? JSON.stringify(document, null, 2) : toYaml(document),
  }
}

const NAME = 'compose.yaml'

async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const target = path.resolve(folder, name)
    if (!target.startsWith(`${folder}${path.sep}`))
      throw new UsageError(`${name} would lie outside ${folder}`, 'mount the file at another path')
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, content)
  }
}

const REFUSED = 'refused: the engine cannot carry it as it is written'

/** `strict` refuses what would be dropped, `lenient` only what cannot run at all. */
export function isRefused({ kind }: Loss, lenient: boolean | undefined): boolean {
  return kind === 'refused' || (kind === 'dropped' && !lenient)
}
