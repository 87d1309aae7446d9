import type { Command } from 'commander'
import { type AppId, printApp } from 'intermodal'
import { onOption, parseAppId, type Toolkit } from '../command.ts'
import { note, outputOption, printData } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'
import { renderLoss } from '../view/plan-view.ts'

interface Flags extends TargetFlags {
  readonly native?: boolean
  readonly output: 'yaml' | 'json'
}

export function exportCommand({ command, run }: Toolkit): Command {
  return command('export', 'print a live app as an app file, whoever made it', [
    'intermodal export /shop/web > web.yaml',
    'intermodal export /shop/web --native -o json',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .addOption(onOption())
    .option('--native', "the engine's own objects instead")
    .addOption(outputOption(['yaml', 'json']))
    .action(
      run(async (context, app: AppId, flags: Flags) => {
        await using session = await openOne(context, flags, 'look')
        const { client } = session
        const { signal } = context.io
        if (flags.native) {
          printData(context, flags.output, await client.native(app, { signal }))
          return
        }
        const { app: found, losses } = await client.export(app, { signal })
        for (const loss of losses) note(context, renderLoss(loss, context.paintError))
        printData(context, flags.output, printApp(found))
      }),
    )
}
