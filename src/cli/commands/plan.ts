import type { Command } from 'commander'
import type { App } from 'intermodal'
import { type Context, fileOption, onOption, type Toolkit } from '../command.ts'
import { EXIT } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { type Format, isData, outputOption, print, printData } from '../output.ts'
import { openOne, type Session, type TargetFlags } from '../session.ts'
import { renderPlans } from '../view/plan-view.ts'

interface Flags extends TargetFlags {
  readonly file?: readonly string[]
  readonly output: Format
  readonly detailedExitcode?: boolean
}

export function planCommand({ command, run }: Toolkit): Command {
  return command('plan', 'show what apply would change, and what that means; changes nothing', [
    'intermodal plan -f shop.yaml --on prod',
    'intermodal plan -f shop.yaml -o json',
    'intermodal plan -f shop.yaml --detailed-exitcode || echo "there is something to do"',
  ])
    .addOption(fileOption())
    .addOption(onOption())
    .option('--detailed-exitcode', 'exit with 1 when there is something to change')
    .addOption(outputOption())
    .action(
      run(async (context, flags: Flags) => {
        const group = await loadApps(context.io, flags.file)
        await using session = await openOne(context, flags, 'look')
        const code = await printPlans(context, session, group.apps, flags.output)
        return flags.detailedExitcode ? code : EXIT.done
      }),
    )
}

/** 1 when anything would change. */
export async function printPlans(
  context: Context,
  { client }: Session,
  apps: readonly App[],
  output: Format,
): Promise<number> {
  const { signal } = context.io
  const plans = await client.planGroup(apps, { signal })
  if (isData(output)) printData(context, output, plans)
  else print(context, renderPlans(plans, context.paint))
  return plans.some(({ action }) => action !== 'none') ? EXIT.failed : EXIT.done
}
