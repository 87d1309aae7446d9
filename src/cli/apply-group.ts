import type {
  AppId,
  Group,
  GroupOptions,
  GroupResult,
  GroupRollout,
  RolloutResult,
} from 'intermodal'
import type { Context } from './command.ts'
import { openDisplay } from './display.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { goesOn, report, show, type WaitFlags } from './following.ts'
import { isData, note, printData } from './output.ts'
import { describeError } from './report.ts'
import type { Session } from './session.ts'

/** Applies apps in the order of their dependencies, shows how that goes, and returns the exit code. */
export async function applyGroup(
  context: Context,
  session: Session,
  group: Group,
  options: GroupOptions,
  flags: WaitFlags,
): Promise<number> {
  const { io, paintError: paint } = context
  const rollout = await session.client.applyGroup(group, options)
  const display = openDisplay(io, io.stderr, { apps: rollout.apps, clock: session.clock, paint })
  const begun = new Set<AppId>()
  const ended = new Set<AppId>()
  const shown = show(rollout, (step) => {
    if (step.type === 'applied') {
      begun.add(step.app)
      session.save()
    }
    if (step.type === 'step' && step.step.type === 'ended') ended.add(step.app)
    display.step(step)
  })
  const leave = () => {
    shown.stop()
    display.close()
    const open = rollout.apps.filter((app) => begun.has(app) && !ended.has(app))
    if (open.length > 0) goesOn(context, session, open)
    const rest = rollout.apps.filter((app) => !begun.has(app))
    if (rest.length > 0) note(context, `not applied: ${rest.join(', ')}`)
  }
  const result = await resultOf(rollout, context, flags, leave)
  if (isData(flags.output))
    printData(context, flags.output, { cluster: session.client.cluster, ...result })
  if (result.outcome === 'timedOut') {
    note(context, `timed out after ${flags.timeout}`)
    leave()
    return EXIT.timedOut
  }
  await shown.done
  display.close()
  const code = groupReport(context, session, result, flags)
  const complete = rollout.apps.every((app) => begun.has(app))
  return code === EXIT.done && !complete ? EXIT.failed : code
}

async function resultOf(
  rollout: GroupRollout,
  { io }: Context,
  flags: WaitFlags,
  leave: () => void,
): Promise<GroupResult> {
  try {
    return await rollout.result({ timeout: flags.timeout, signal: io.signal })
  } catch (error) {
    leave()
    throw error
  }
}

function groupReport(
  context: Context,
  session: Session,
  { apps, errors, outcome, message }: GroupResult,
  flags: WaitFlags,
): number {
  for (const error of Object.values(errors)) note(context, describeError(error, context.paintError))
  const results = Object.values(apps).filter((one): one is RolloutResult => one !== undefined)
  const code = report(context, session, results, { ...flags, output: 'table' })
  note(context, message)
  if (outcome === 'succeeded') return EXIT.done
  if (outcome === 'rolledBack') return flags.allowRollback ? EXIT.done : EXIT.rolledBack
  const [error] = Object.values(errors)
  return error ? exitCodeOf(error) : code
}
