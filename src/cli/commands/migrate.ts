import { type Command, Option } from 'commander'
import {
  type App,
  type AppId,
  type Duration,
  type Group,
  type MigrateOptions,
  type Migration,
  type MigrationResult,
  migrate,
  migrateBack,
  planMigration,
  type Selector,
} from 'intermodal'
import {
  type Context,
  fileOption,
  parseAppId,
  parseCount,
  parseWait,
  type SelectorFlags,
  selectorOf,
  selectorOptions,
  type Toolkit,
} from '../command.ts'
import { loadConfig } from '../config.ts'
import { EXIT, UsageError } from '../exit.ts'
import { loadApps } from '../files/load.ts'
import { openMigrationDisplay } from '../migrate-display.ts'
import { type Format, isData, note, outputOption, print, printData } from '../output.ts'
import { errorData } from '../report.ts'
import { closeSessions, openSessions, type Session } from '../session.ts'
import { resolveTarget, type Target } from '../target.ts'
import { renderMigrationPlan, renderStanding } from '../view/migration-view.ts'

interface Flags extends SelectorFlags {
  readonly from: string
  readonly to: string
  readonly file?: readonly string[]
  readonly dryRun?: boolean
  readonly lenient?: boolean
  readonly steps: number
  readonly hold: Duration
  readonly remove?: boolean
  readonly keep?: boolean
  readonly onFailure: 'back' | 'stop'
  readonly timeout: Duration
  readonly patience: Duration
  readonly force?: boolean
  readonly rerunJobs?: boolean
  readonly back?: boolean
  readonly output: Format
}

export function migrateCommand({ command, run }: Toolkit): Command {
  return selectorOptions(
    command('migrate', 'move apps from one cluster to another without a gap, or take that back', [
      'intermodal migrate --group /shop --from legacy --to prod --dry-run',
      'intermodal migrate /shop/web /shop/api --from legacy --to prod --steps 10 --hold 1m',
      'intermodal migrate --group /shop --from legacy --to prod --remove',
      'intermodal migrate --group /shop --from legacy --to prod --back',
    ]).argument(
      '[app...]',
      'ids of apps: /shop/web',
      (text: string, before: readonly AppId[] = []) => [...before, parseAppId(text)],
    ),
  )
    .requiredOption('--from <target>', 'where they are: a name of intermodal.config or a URL')
    .requiredOption('--to <target>', 'where they go')
    .addOption(fileOption())
    .option('--dry-run', 'show the plan and change nothing')
    .option('--lenient', 'accept that reading and writing drop what they do not know')
    .addOption(
      new Option('--steps <count>', 'in how many steps the old side is scaled down')
        .argParser(parseCount)
        .default(4),
    )
    .addOption(
      new Option('--hold <duration>', 'how long the new side has to stay ready before each step')
        .argParser(parseWait)
        .default('10s'),
    )
    .option(
      '--remove',
      'remove the apps from the old side when all is moved, not just suspend them',
    )
    .option('--keep', 'leave the old side running beside the new one')
    .addOption(
      new Option('--on-failure <what>', 'go back, or stop for a person to look')
        .choices(['back', 'stop'])
        .default('back'),
    )
    .addOption(
      new Option('--timeout <duration>', 'not moved by then has failed')
        .argParser(parseWait)
        .default('1h'),
    )
    .addOption(
      new Option(
        '--patience <duration>',
        'how long a cluster may not answer, or the new side not be ready',
      )
        .argParser(parseWait)
        .default('2m'),
    )
    .option('--force', 'take over apps of the same ids that were made on the new side by others')
    .option('--rerun-jobs', 'run completed jobs again on the new side')
    .option('--back', 'take it back: the old side as it was, the new side empty')
    .addOption(outputOption())
    .action(
      run(async (context, given: readonly AppId[] | undefined, flags: Flags) => {
        if (flags.remove && flags.keep)
          throw new UsageError('--remove and --keep say opposite things', 'choose one')
        if (flags.force && flags.back)
          throw new UsageError(
            '--force takes over, and --back takes nothing back that was not moved',
            'leave one of them out',
          )
        const group = flags.file ? await loadApps(context.io, flags.file) : undefined
        const which = whichOf(given, flags, group?.apps)
        const [from, to] = await openBoth(context, flags)
        try {
          const options = optionsOf(flags, group, to)
          if (flags.dryRun) return await showPlan(context, from, to, which, options, flags)
          return await move(context, from, to, which, options, flags)
        } finally {
          await closeSessions([from, to])
        }
      }),
    )
}

function whichOf(
  given: readonly AppId[] = [],
  flags: Flags,
  apps: readonly App[] = [],
): readonly AppId[] | Selector {
  const selects = flags.group !== undefined || flags.label !== undefined
  if (given.length > 0 && selects)
    throw new UsageError('apps are named and selected', 'name them, or give --group or --label')
  if (given.length > 0) return given
  if (selects) return selectorOf(flags)
  if (apps.length > 0) return apps.map(({ id }) => id)
  throw new UsageError('nothing to move was named', 'name apps, --group, --label or -f')
}

async function openBoth(context: Context, flags: Flags): Promise<[Session, Session]> {
  const access = flags.dryRun ? 'look' : 'change'
  const config = await loadConfig(context.io)
  const on = [flags.from, flags.to]
  const [old, now] = on.map((text) => placeOf(resolveTarget(text, config)))
  const [from, to] = old === now ? [] : await openSessions(context, { on }, access)
  if (from && to) return [from, to]
  throw new UsageError(
    `${flags.from} and ${flags.to} are one cluster`,
    'name another target to move to with --to',
  )
}

/** What two ways of writing one target have in common. */
function placeOf({ kind, transport, rest }: Target): string {
  return `${kind} ${transport ?? ''} ${rest.split('?')[0]}`
}

function optionsOf(flags: Flags, group: Group | undefined, { clock }: Session): MigrateOptions {
  const { steps, hold, onFailure, timeout, patience, force, rerunJobs } = flags
  return {
    steps,
    hold,
    onFailure,
    patience,
    force,
    rerunJobs,
    clock,
    deadline: timeout,
    losses: flags.lenient ? 'lenient' : 'strict',
    finish: flags.remove ? 'remove' : flags.keep ? 'keep' : 'suspend',
    ...(group ? { apps: group.apps, secrets: group.secrets, configs: group.configs } : {}),
  }
}

async function showPlan(
  context: Context,
  from: Session,
  to: Session,
  which: readonly AppId[] | Selector,
  options: MigrateOptions,
  { output }: Flags,
): Promise<number> {
  const { signal } = context.io
  const plan = await planMigration(from.client, to.client, which, { ...options, signal })
  if (isData(output)) printData(context, output, plan)
  else print(context, renderMigrationPlan(plan, context.paint))
  return plan.refused.length > 0 ? EXIT.losses : EXIT.done
}

async function move(
  context: Context,
  from: Session,
  to: Session,
  which: readonly AppId[] | Selector,
  options: MigrateOptions,
  flags: Flags,
): Promise<number> {
  const { io } = context
  const begin = flags.back ? migrateBack : migrate
  // Ctrl-C ends the preparations; after them it stops the migration in an orderly way.
  const preparing = new AbortController()
  let migration: Migration | undefined
  const interrupt = () => {
    if (migration) migration.cancel()
    else preparing.abort(io.signal.reason)
  }
  io.signal.addEventListener('abort', interrupt, { once: true })
  if (io.signal.aborted) interrupt()
  try {
    migration = await begin(from.client, to.client, which, {
      ...options,
      signal: preparing.signal,
    })
    const result = await follow(context, to, migration)
    report(context, result, flags)
    if (result.outcome === 'stopped' && io.signal.aborted) throw io.signal.reason
    return codeOf(result, flags)
  } finally {
    io.signal.removeEventListener('abort', interrupt)
  }
}

async function follow(
  { io, paintError: paint }: Context,
  { clock }: Session,
  migration: Migration,
): Promise<MigrationResult> {
  const { apps } = migration
  const display = openMigrationDisplay(io, io.stderr, { apps, paint, began: clock.now() })
  for await (const step of migration) display.step(step)
  display.close()
  return migration.result()
}

function report(context: Context, result: MigrationResult, flags: Flags): void {
  const { paintError: paint } = context
  const { outcome, cause, problems, message } = result
  if (isData(flags.output)) {
    printData(context, flags.output, {
      ...result,
      ...(cause ? { cause: errorData(cause) } : {}),
      problems: problems.map(errorData),
    })
  }
  if (outcome === 'stopped' || outcome === 'failed') {
    note(context, renderStanding(result, paint))
    const again = `intermodal migrate ${Object.keys(result.apps).join(' ')} --from ${flags.from} --to ${flags.to}`
    note(context, `go on with:   ${again}`)
    note(context, `take it back: ${again} --back`)
  }
  note(context, message)
  const remedy = (problems[0] ?? cause)?.remedy
  if (remedy) note(context, `  ${paint('green', '→')} ${remedy}`)
}

function codeOf({ outcome, cause, problems }: MigrationResult, { back }: Flags): number {
  if (outcome === (back ? 'back' : 'moved')) return EXIT.done
  if (outcome === 'back') return EXIT.rolledBack
  const code = (problems[0] ?? cause)?.code
  return code === 'UNAVAILABLE' || code === 'TIMEOUT' ? EXIT.unreachable : EXIT.failed
}
