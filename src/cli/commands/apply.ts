import { type Command, Option } from 'commander'
import type { ApplyOptions, Group, GroupResult, RolloutResult } from 'intermodal'
import { type Context, onOption, type Toolkit } from '../command.ts'
import { openDisplay } from '../display.ts'
import { EXIT, exitCodeOf } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { followAll, goesOn, report, show, type WaitFlags, waitOptions } from '../following.ts'
import { isData, note, outputOption, printData } from '../output.ts'
import { describeError } from '../report.ts'
import { openOne, type Session, type TargetFlags } from '../session.ts'
import { renderLoss } from '../view/plan-view.ts'
import { printPlans } from './plan.ts'
import { isRefused } from './render.ts'

interface Flags extends TargetFlags, WaitFlags {
  readonly file: readonly string[]
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
        const send = flags.wait ? applyGroup : applyAll
        return await send(context, session, group, flags)
      }),
    )
}

/** Required: there is no file that is taken for granted. */
export function fileOption(): Option {
  return new Option(
    '-f, --file <path...>',
    'app files, directories or modules; - is standard input',
  ).default([])
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

async function applyGroup(
  context: Context,
  session: Session,
  group: Group,
  flags: Flags,
): Promise<number> {
  const { io, paintError: paint } = context
  const options = { ...optionsOf(context, flags), onFailure: flags.onFailure }
  const rollout = await session.client.applyGroup(group, options)
  const display = openDisplay(io, io.stderr, { apps: rollout.apps, clock: session.clock, paint })
  const begun = new Set<string>()
  const notBegun = () => rollout.apps.filter((app) => !begun.has(app))
  const shown = show(rollout, (step) => {
    if (step.type === 'applied') {
      begun.add(step.app)
      session.save()
    }
    display.step(step)
  })
  let result: GroupResult
  try {
    result = await rollout.result({ timeout: flags.timeout, signal: io.signal })
  } catch (error) {
    shown.stop()
    display.close()
    if (io.signal.aborted) {
      if (begun.size > 0)
        goesOn(
          context,
          session,
          rollout.apps.filter((app) => begun.has(app)),
        )
      const rest = notBegun()
      if (rest.length > 0) note(context, `not applied: ${rest.join(', ')}`)
    }
    throw error
  }
  // What goes on has no last step to wait for.
  if (result.outcome === 'timedOut') shown.stop()
  else await shown.done
  display.close()
  const rest = notBegun()
  if (result.outcome === 'timedOut' && rest.length > 0)
    note(context, `not applied: ${rest.join(', ')}`)
  return groupReport(context, session, result, flags)
}

function groupReport(
  context: Context,
  session: Session,
  result: GroupResult,
  flags: Flags,
): number {
  const results = Object.values(result.apps).filter(
    (one): one is RolloutResult => one !== undefined,
  )
  if (isData(flags.output))
    printData(context, flags.output, { cluster: session.client.cluster, ...result })
  for (const error of Object.values(result.errors))
    note(context, describeError(error, context.paintError))
  const code = report(context, session, results, { ...flags, output: 'table' })
  note(context, result.message)
  const [error] = Object.values(result.errors)
  switch (result.outcome) {
    case 'succeeded':
      return EXIT.done
    case 'rolledBack':
      return flags.allowRollback ? EXIT.done : EXIT.rolledBack
    case 'timedOut':
      return EXIT.timedOut
    case 'failed':
      // With --allow-rollback the apps that were rolled back count for nothing; those never applied still do.
      return error ? exitCodeOf(error) : code
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
  const plans = await Promise.all(group.apps.map((app) => client.plan(app, options)))
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
    started.push({ app: app.id, rollout: await client.apply(app, options) })
  return followAll(context, session, started, flags)
}
