import type { Command } from 'commander'
import type { AppId, ChangeOptions, Client, Rollout } from 'intermodal'
import type { Access } from '../adapters.ts'
import {
  type Context,
  forceOption,
  onOption,
  parseAppId,
  parseCount,
  type Toolkit,
} from '../command.ts'
import { followAll, orUncertain, type WaitFlags, waitOptions } from '../following.ts'
import { isData, note, outputOption, printData } from '../output.ts'
import { openOne, type TargetFlags } from '../session.ts'

interface Flags extends TargetFlags, WaitFlags {
  readonly force?: boolean
}

type Change = (client: Client, app: AppId, options: ChangeOptions) => Promise<Rollout>

export function scaleCommand({ command, run }: Toolkit): Command {
  return changing(
    command('scale', 'change how many instances an app has', [
      'intermodal scale /shop/web 5',
      'intermodal scale /shop/web 0 --on prod',
    ])
      .argument('<app>', 'id of the app: /shop/web', parseAppId)
      .argument('<replicas>', 'how many instances', parseCount),
  ).action(
    run((context, app: AppId, replicas: number, flags: Flags) =>
      changeAll(context, [app], flags, (client, id, options) =>
        client.scale(id, replicas, options),
      ),
    ),
  )
}

export function suspendCommand(kit: Toolkit): Command {
  return several(
    kit,
    'suspend',
    'stop every instance; resume brings back as many as there were',
    (client, app, options) => client.suspend(app, options),
  )
}

export function resumeCommand(kit: Toolkit): Command {
  return several(kit, 'resume', 'go on after suspend or pause', (client, app, options) =>
    client.resume(app, options),
  )
}

export function restartCommand(kit: Toolkit): Command {
  return several(
    kit,
    'restart',
    "replace every instance by the app's own update settings",
    (client, app, options) => client.restart(app, options),
  )
}

export function followCommand(kit: Toolkit): Command {
  return several(
    kit,
    'follow',
    'wait for the newest change of apps, whoever started it',
    (client, app, options) => client.follow(app, options),
    'look',
  )
}

export function rollbackCommand({ command, run }: Toolkit): Command {
  return changing(
    command('rollback', 'go back to the revision before, or to a given one', [
      'intermodal rollback /shop/web',
      'intermodal rollback /shop/web --to 3f2a9c01d4',
    ])
      .argument('<app>', 'id of the app: /shop/web', parseAppId)
      .option('--to <revision>', 'the revision to go back to'),
  ).action(
    run((context, app: AppId, flags: Flags & { readonly to?: string }) =>
      changeAll(context, [app], flags, (client, id, options) =>
        client.rollback(id, { ...options, to: flags.to }),
      ),
    ),
  )
}

export function pauseCommand({ command, run }: Toolkit): Command {
  return command('pause', 'hold the rollout in progress where it is; resume goes on', [
    'intermodal pause /shop/web',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .addOption(forceOption())
    .addOption(onOption())
    .addOption(outputOption())
    .action(
      run(async (context, app: AppId, flags: Flags) => {
        await using session = await openOne(context, flags, 'change')
        const { force } = flags
        const revision = await session.client.pause(app, { force, signal: context.io.signal })
        if (isData(flags.output)) printData(context, flags.output, revision)
        else
          note(
            context,
            `${app}: held; go on with: intermodal resume ${app} --on ${session.target.flag}`,
          )
        return 0
      }),
    )
}

function several(
  { command, run }: Toolkit,
  name: string,
  summary: string,
  change: Change,
  access: Access = 'change',
): Command {
  const made = access === 'look' ? common : changing
  return made(
    command(name, summary, [
      `intermodal ${name} /shop/web`,
      `intermodal ${name} /shop/web /shop/api --on prod`,
    ]).argument(
      '<app...>',
      'ids of apps: /shop/web',
      (text: string, before: readonly AppId[] = []) => [...before, parseAppId(text)],
    ),
  ).action(
    run((context, apps: readonly AppId[], flags: Flags) =>
      changeAll(context, apps, flags, change, access),
    ),
  )
}

function changing(command: Command): Command {
  return common(command).addOption(forceOption())
}

function common(command: Command): Command {
  return waitOptions(command).addOption(onOption()).addOption(outputOption())
}

async function changeAll(
  context: Context,
  apps: readonly AppId[],
  flags: Flags,
  change: Change,
  access: Access = 'change',
): Promise<number> {
  await using session = await openOne(context, flags, access)
  const { failFast, force } = flags
  const options = { signal: context.io.signal, failFast, force }
  const started = []
  for (const app of new Set(apps))
    started.push({
      app,
      rollout: await orUncertain(context, session, app, change(session.client, app, options)),
    })
  return await followAll(context, session, started, flags)
}
