import type { Command } from 'commander'
import { type AppId, type AppStatus, IntermodalError } from 'intermodal'
import { onOption, parseAppId, type Toolkit } from '../command.ts'
import { type Format, isData, outputOption, print, printData } from '../output.ts'
import { openOne, type Session, type TargetFlags } from '../session.ts'
import { renderStatus } from '../view/status-detail.ts'
import { watchStatus } from '../watch.ts'

interface Flags extends TargetFlags {
  readonly watch?: boolean
  readonly output: Format
}

export function statusCommand({ command, run }: Toolkit): Command {
  return command('status', 'show one app with its instances, its rollout and its reasons', [
    'intermodal status /shop/web',
    'intermodal status /shop/web --watch',
    'intermodal status /shop/web -o json',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .addOption(onOption())
    .option('-w, --watch', 'go on and show what changes')
    .addOption(outputOption())
    .action(
      run(async (context, app: AppId, flags: Flags) => {
        await using session = await openOne(context, flags, 'look')
        const { client, clock } = session
        const { output } = flags
        const status = await found(session, app, context.io.signal)
        if (flags.watch) return await watchStatus(context, session, app, output)
        if (isData(output)) printData(context, output, { cluster: client.cluster, ...status })
        else
          print(
            context,
            renderStatus(client.cluster, status, { paint: context.paint, now: clock.now() }),
          )
        return 0
      }),
    )
}

async function found({ client }: Session, app: AppId, signal: AbortSignal): Promise<AppStatus> {
  const status = await client.status(app, { signal })
  if (status) return status
  throw new IntermodalError('APP_NOT_FOUND', `there is no app ${app} on ${client.cluster}`, {
    app,
    cluster: client.cluster,
    remedy: 'see `intermodal ps` for those there are',
  })
}
