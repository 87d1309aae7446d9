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
  readonly lenient?: boolean
  readonly output: 'yaml' | 'json'
}

export function renderCommand({ command, run }: Toolkit): Command {
  return command('render', "print what apps become in an engine's own terms; needs no cluster", [
    'intermodal render -f shop.yaml --to swarm',
    'intermodal render -f shop.yaml --to swarm -o json --lenient',
    'intermodal render -f shop.yaml --to compose | docker stack deploy -c - shop',
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
    .option('--lenient', 'print although the engine drops what it does not know')
    .addOption(outputOption(['yaml', 'json']))
    .action(
      run(async (context, { file, to, marathonVersion, lenient, output }: Flags) => {
        if (marathonVersion !== undefined && to !== 'marathon')
          throw new UsageError(`--marathon-version says nothing of ${to}`, 'write --to marathon')
        const { apps } = await loadApps(context.io, file)
        const { losses, text } =
          to === 'compose'
            ? await renderCompose(apps, output)
            : await renderNative(apps, to, marathonVersion, output)
        for (const { app, loss } of losses)
          note(context, `${app} ${renderLoss(loss, context.paintError)}`)
        if (losses.some(({ loss }) => isRefused(loss, lenient))) {
          note(context, lenient ? REFUSED : `${REFUSED}; --lenient accepts what is dropped`)
          return EXIT.losses
        }
        print(context, text)
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
async function renderCompose(apps: readonly App[], output: Flags['output']): Promise<Rendered> {
  const { writeCompose } = await import('intermodal/import')
  const { document, losses } = await writeCompose(apps)
  return { losses, text: output === 'json' ? JSON.stringify(document, null, 2) : toYaml(document) }
}

const REFUSED = 'refused: the engine cannot carry it as it is written'

/** `strict` refuses what would be dropped, `lenient` only what cannot run at all. */
export function isRefused({ kind }: Loss, lenient: boolean | undefined): boolean {
  return kind === 'refused' || (kind === 'dropped' && !lenient)
}
