import type { Command } from 'commander'
import type { AppId } from 'intermodal'
import { onOption, parseAppId, type Toolkit } from '../command.ts'
import { openOne, type TargetFlags } from '../session.ts'

interface Flags extends TargetFlags {
  readonly instance?: string
  readonly interactive?: boolean
}

export function execCommand({ command, run }: Toolkit): Command {
  return command('exec', 'run a command in an instance; ends with its exit code', [
    'intermodal exec /shop/web -- ls -l /etc/shop',
    'intermodal exec /shop/store --instance store.0 -- sh -c "df -h /data"',
    'intermodal exec -i /shop/store -- sh -c "cat > /data/dump" < dump',
  ])
    .argument('<app>', 'id of the app: /shop/web', parseAppId)
    .argument('<command...>', 'the command and its arguments, after --')
    .addOption(onOption())
    .option('--instance <id>', 'this instance; any ready one when absent')
    .option('-i, --interactive', 'give it our standard input')
    .action(
      run(async (context, app: AppId, line: readonly string[], flags: Flags) => {
        await using session = await openOne(context, flags, 'change')
        const { io } = context
        const running = await session.client.exec(app, line, {
          instance: flags.instance,
          stdin: flags.interactive ? io.stdin : undefined,
          signal: io.signal,
        })
        for await (const { stream, data } of running.output) io[stream].write(data)
        return await running.exitCode
      }),
    )
}
