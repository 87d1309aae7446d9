import type { Command } from 'commander'
import { Option } from 'commander'
import {
  type AppId,
  type Duration,
  type Outcome,
  type Rollout,
  RolloutError,
  type RolloutResult,
} from 'intermodal'
import { type Context, parseWait } from './command.ts'
import { openDisplay } from './display.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { type Format, isData, note, printData } from './output.ts'
import type { Session } from './session.ts'
import { safe } from './view/text.ts'
import { colourOf } from './view/words.ts'

export interface WaitFlags {
  readonly wait: boolean
  readonly timeout: Duration
  readonly failFast?: boolean | undefined
  readonly allowRollback?: boolean | undefined
  readonly output: Format
}

/** The options of every command that starts or follows a change. */
export function waitOptions(command: Command, timeout: Duration = '15m'): Command {
  return command
    .option('--no-wait', 'return when the cluster has accepted it')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait; the rollout goes on after it')
        .argParser(parseWait)
        .default(timeout),
    )
    .option('--fail-fast', 'end the wait at the first reason that does not pass by waiting')
    .option('--allow-rollback', 'exit with 0 when the cluster rolled the change back')
}

/** One change under way. */
export interface Started {
  readonly app: AppId
  readonly rollout: Rollout
}

/** Follows changes to their ends, shows how they go, and returns the exit code. */
export async function followAll(
  context: Context,
  session: Session,
  started: readonly Started[],
  flags: WaitFlags,
): Promise<number> {
  if (!flags.wait) return accepted(context, session, started, flags)
  const { io, paintError: paint } = context
  const apps = started.map(({ app }) => app)
  const display = openDisplay(io, io.stderr, { apps, clock: session.clock, paint })
  const leave = new AbortController()
  const signal = AbortSignal.any([io.signal, leave.signal])
  try {
    const results = await Promise.all(
      started.map(async ({ app, rollout }) => {
        display.step({ type: 'applied', app, rollout })
        let isHeld = false
        const shown = show(rollout, (step) => {
          display.step({ type: 'step', app, step })
          if (step.type === 'paused' && !isHeld)
            display.note(`${app} is held; let it go on with: ${commandOn(session, 'resume', app)}`)
          isHeld = step.type === 'paused'
        })
        const result = await rollout.result({ timeout: flags.timeout, signal })
        // The steps of one that ended are all there; of one that goes on, no more are wanted.
        if (result.outcome !== 'timedOut') await shown.done
        else shown.stop()
        return result
      }),
    )
    display.close()
    return report(context, session, results, flags)
  } catch (error) {
    leave.abort(error)
    display.close()
    if (io.signal.aborted) goesOn(context, session, apps)
    throw error
  }
}

/** Tells each step to `tell` until the rollout has ended or `stop` is called. */
export function show<Step extends RolloutStepLike>(
  rollout: AsyncIterable<Step>,
  tell: (step: Step) => void,
): { readonly done: Promise<void>; stop(): void } {
  const steps = rollout[Symbol.asyncIterator]()
  let stopped = false
  const done = (async () => {
    for (;;) {
      const next = await steps.next()
      if (next.done || stopped) return
      tell(next.value)
    }
  })()
  // Whoever waits for the result is told the failure; this only draws.
  done.catch(() => {})
  return {
    done,
    stop() {
      stopped = true
      steps.return?.().catch(() => {})
    },
  }
}

type RolloutStepLike = { readonly type: string }

function accepted(
  context: Context,
  session: Session,
  started: readonly Started[],
  { output }: WaitFlags,
): number {
  if (isData(output))
    printData(
      context,
      output,
      started.map(({ rollout }) => ({ cluster: session.client.cluster, ...rollout.revision })),
    )
  else
    for (const { app, rollout } of started)
      note(
        context,
        `${app}: ${rollout.revision.changed ? `accepted as ${rollout.revision.id}` : 'nothing to change'}`,
      )
  return EXIT.done
}

export function report(
  context: Context,
  session: Session,
  results: readonly RolloutResult[],
  flags: Pick<WaitFlags, 'output' | 'allowRollback'>,
): number {
  if (isData(flags.output)) printData(context, flags.output, results)
  const failed = results.filter(({ outcome }) => outcome !== 'succeeded')
  for (const result of failed)
    note(context, renderFailure(context, result, nextCommand(session, result)))
  const first = failed.find(({ outcome }) => outcome !== 'rolledBack' || !flags.allowRollback)
  if (failed.some(({ outcome }) => outcome === 'timedOut'))
    goesOn(
      context,
      session,
      failed.map(({ app }) => app),
    )
  return first ? exitCodeOf(errorOf(first)) : EXIT.done
}

function errorOf(result: RolloutResult): RolloutError {
  return new RolloutError(
    result as RolloutResult & { readonly outcome: Exclude<Outcome, 'succeeded'> },
  )
}

/** Why it did not succeed: the sentence, what to do, and the last words of the instances that failed. */
export function renderFailure(
  { paintError: paint }: Context,
  result: RolloutResult,
  next = errorOf(result).remedy,
): string {
  const error = errorOf(result)
  const lines = [
    `${paint(colourOf.outcome(result.outcome), result.outcome)} ${safe(error.message)}`,
    ...result.reasons.map(
      ({ code, message, count }) =>
        `  ${paint('yellow', code)} ${safe(message)}${count > 1 ? ` (${count} times)` : ''}`,
    ),
  ]
  for (const { instance, logs } of result.failures) {
    const why = instance.reason
      ? `${instance.reason.code}: ${safe(instance.reason.message)}`
      : instance.state
    lines.push(`  ${safe(instance.id)} ${paint('dim', why)}`)
    lines.push(...logs.map((line) => paint('dim', `    | ${safe(line)}`)))
  }
  if (next) lines.push(`  ${paint('green', '→')} ${next}`)
  return lines.join('\n')
}

function commandOn({ target }: Session, name: string, app: AppId): string {
  return `intermodal ${name} ${app} --on ${target.flag}`
}

/** The remedy of the library names methods; whoever sits at a shell wants commands. Where it names none, it stays. */
function nextCommand(
  session: Session,
  { app, outcome, revision }: RolloutResult,
): string | undefined {
  const command = (name: string) => commandOn(session, name, app)
  if (outcome === 'failed')
    return `what to try: ${command('explain')}${revision.previous === undefined ? '' : `; the revision before: ${command('rollback')}`}`
  if (outcome === 'timedOut') return `why it takes so long: ${command('explain')}`
  return undefined
}

/**
 * A change whose call was interrupted: it may have arrived or not, and only a look at the cluster can tell. Says so,
 * and throws on.
 */
export async function orUncertain<T>(
  context: Context,
  session: Session,
  app: AppId,
  call: Promise<T>,
): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (context.io.signal.aborted) {
      const look = `intermodal status ${app} --on ${session.target.flag}`
      note(context, `${app}: interrupted before the cluster answered; look with: ${look}`)
    }
    throw error
  }
}

/** Leaving stops nothing on the cluster; this says how to come back. */
export function goesOn(context: Context, session: Session, apps: readonly AppId[]): void {
  const on = session.target.flag
  note(
    context,
    `the rollout goes on; follow it with: intermodal follow ${apps.join(' ')} --on ${on}`,
  )
}
