import type { Command } from 'commander'
import type { AppId } from 'intermodal'
import { onOption, parseAppId, type Toolkit } from '../command.ts'
import { type Format, isData, outputOption, print, printData } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'
import { renderExplanation } from '../view/explain-view.ts'

interface Flags extends TargetFlags {
  readonly output: Format
}

export function explainCommand({ command, run }: Toolkit): Command {
  return command('explain', 'why an app is not as it should be, and what to try', [
    'intermodal explain /shop/web',
    'intermodal explain /shop/web --on prod -o json',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .addOption(onOption())
    .addOption(outputOption())
    .action(
      run(async (context, app: AppId, { output, ...flags }: Flags) => {
        await using session = await openOne(context, flags, 'look')
        const explanation = await session.client.explain(app, { signal: context.io.signal })
        const { paint } = context
        if (isData(output)) printData(context, output, explanation)
        else print(context, renderExplanation(explanation, { paint, now: session.clock.now() }))
      }),
    )
}
