import type { Command } from 'commander'
import type { AppId, Duration } from 'intermodal'
import {
  type Context,
  fileOption,
  forceOption,
  onOption,
  parseAppId,
  parseWait,
  type Toolkit,
} from '../command.ts'
import { EXIT, exitCodeOf, UsageError } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { type Format, isData, note, outputOption, printData } from '../output.ts'
import { describeError } from '../report.ts'
import { openOne, type Session, type TargetFlags } from '../session.ts'
import { plural } from '../view/text.ts'

interface Flags extends TargetFlags {
  readonly group?: string
  readonly file?: readonly string[]
  readonly yes?: boolean
  readonly ignoreMissing?: boolean
  readonly force?: boolean
  readonly timeout?: Duration
  readonly output: Format
}

export function rmCommand({ command, run }: Toolkit): Command {
  return command('rm', 'remove apps, and wait until nothing of them is left', [
    'intermodal rm /shop/web',
    'intermodal rm --group /shop --yes',
    'intermodal rm -f shop.yaml',
  ])
    .argument(
      '[app...]',
      'ids of apps: /shop/web',
      (text: string, before: readonly AppId[] = []) => [...before, parseAppId(text)],
    )
    .option('--group <path>', 'every app of this group and below: /shop')
    .addOption(fileOption())
    .addOption(onOption())
    .option('-y, --yes', 'do not ask; without a terminal nobody is asked')
    .option('--ignore-missing', 'an app that is not there is no failure')
    .addOption(forceOption())
    .option('--timeout <duration>', 'how long one removal may take', parseWait)
    .addOption(outputOption())
    .action(
      run(async (context, given: readonly AppId[] | undefined, flags: Flags) => {
        if (!given?.length && !flags.group && !flags.file)
          throw new UsageError('nothing to remove was named', 'name apps, --group or -f')
        const files = flags.file ? (await loadApps(context.io, flags.file)).apps : []
        await using session = await openOne(context, flags, 'change')
        // Files are in the order of dependencies: who depends on others goes before them.
        const ids = new Set([...(given ?? []), ...files.map(({ id }) => id).reverse()])
        if (flags.group) for (const id of await inGroup(context, session, flags.group)) ids.add(id)
        if (!flags.yes && !(await agreed(context, session, [...ids]))) {
          note(context, 'nothing was removed')
          return EXIT.failed
        }
        return await removeAll(context, session, [...ids], flags)
      }),
    )
}

async function inGroup({ io }: Context, { client }: Session, path: string): Promise<AppId[]> {
  const group = path === '/' ? '/' : parseAppId(path)
  const statuses = await Array.fromAsync(client.list({ group }, { signal: io.signal }))
  // What someone else made is only removed by its own name.
  return statuses.filter(({ managed }) => managed).map(({ id }) => id)
}

async function agreed(context: Context, session: Session, ids: readonly AppId[]): Promise<boolean> {
  const { stdin, stderr } = context.io
  if (!stdin.isTTY || !stderr.isTTY || ids.length === 0) return true
  stderr.write(`Remove ${ids.join(', ')} from ${session.client.cluster}? [y/N] `)
  for await (const chunk of stdin) return /^y(es)?\s*$/i.test(Buffer.from(chunk).toString())
  return false
}

async function removeAll(
  context: Context,
  session: Session,
  ids: readonly AppId[],
  flags: Flags,
): Promise<number> {
  const { client } = session
  const { signal } = context.io
  const removed: AppId[] = []
  let code: number = EXIT.done
  await Promise.all(
    ids.map(async (id) => {
      try {
        const { timeout, force } = flags
        const existed = await client.remove(id, { signal, timeout, force })
        if (existed) removed.push(id)
        else if (!flags.ignoreMissing) code = EXIT.failed
        note(context, `${id}: ${existed ? 'removed' : 'there was none'}`)
      } catch (error) {
        signal.throwIfAborted()
        code = exitCodeOf(error)
        note(context, describeError(error, context.paintError))
      }
    }),
  )
  if (isData(flags.output))
    printData(context, flags.output, { cluster: client.cluster, removed: removed.sort() })
  else if (ids.length > 1) note(context, `${plural(removed.length, 'app')} removed`)
  return code
}
