import { type Command, Option } from 'commander'
import type { ApplyOptions, Group } from 'intermodal'
import { applyGroup } from '../apply-group.ts'
import { type Context, fileOption, onOption, type Toolkit } from '../command.ts'
import { EXIT } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { followAll, orUncertain, type WaitFlags, waitOptions } from '../following.ts'
import { note, outputOption } from '../output.ts'
import { openOne, type Session, type TargetFlags } from '../session.ts'
import { renderLoss } from '../view/plan-view.ts'
import { printPlans } from './plan.ts'
import { isRefused } from './render.ts'

interface Flags extends TargetFlags, WaitFlags {
  readonly file?: readonly string[]
  readonly lenient?: boolean
  readonly force?: boolean
  readonly replace?: boolean
  readonly dryRun?: boolean
  readonly onFailure: 'stop' | 'rollback'
}

export function applyCommand({ command, run }: Toolkit): Command {
  return waitOptions(
    command('apply', 'create apps or change them to what the files say, and wait for them', [
      'intermodal apply -f shop.yaml',
      'intermodal apply -f shop.yaml --on prod --on-failure rollback',
      'intermodal apply -f apps/ --dry-run',
      'generate-app | intermodal apply -f - --timeout 5m -o json',
    ]),
    '1h',
  )
    .addOption(fileOption())
    .addOption(onOption())
    .option('--lenient', 'accept that the engine drops what it does not know')
    .option('--force', 'take over apps someone else made, or go over a lock')
    .option('--replace', 'consent to remove and make anew what cannot be changed in place')
    .option('--dry-run', 'show the plan and change nothing')
    .addOption(
      new Option('--on-failure <what>', 'when an app fails, what becomes of those before it')
        .choices(['stop', 'rollback'])
        .default('stop'),
    )
    .addOption(outputOption())
    .action(
      run(async (context, flags: Flags) => {
        const group = await loadApps(context.io, flags.file)
        await using session = await openOne(context, flags, flags.dryRun ? 'look' : 'change')
        if (flags.dryRun) return await printPlans(context, session, group.apps, flags.output)
        if (!flags.wait) return await applyAll(context, session, group, flags)
        const options = { ...optionsOf(context, flags), onFailure: flags.onFailure }
        return await applyGroup(context, session, group, options, flags)
      }),
    )
}

function optionsOf({ io }: Context, flags: Flags): ApplyOptions {
  return {
    losses: flags.lenient ? 'lenient' : 'strict',
    force: flags.force,
    replace: flags.replace,
    failFast: flags.failFast,
    signal: io.signal,
  }
}

/** Sends every app without waiting for those it depends on; each is checked before the first is sent. */
async function applyAll(
  context: Context,
  session: Session,
  group: Group,
  flags: Flags,
): Promise<number> {
  const { client } = session
  const options = optionsOf(context, flags)
  const plans = await client.planGroup(group.apps, options)
  const refused = plans.flatMap(({ app, losses }) =>
    losses.filter((loss) => isRefused(loss, flags.lenient)).map((loss) => ({ app, loss })),
  )
  for (const { app, loss } of refused)
    note(context, `${app} ${renderLoss(loss, context.paintError)}`)
  if (refused.length > 0) return EXIT.losses
  for (const secret of group.secrets) await client.putSecret(secret, options)
  for (const config of group.configs) await client.putConfig(config, options)
  const started = []
  for (const app of group.apps)
    started.push({
      app: app.id,
      rollout: await orUncertain(context, session, app.id, client.apply(app, options)),
    })
  return followAll(context, session, started, flags)
}
