import type { Loss, Selector } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import { IntermodalError } from '../errors.ts'
import { byHand } from './by-hand.ts'
import { type Move, movesOf } from './moves.ts'
import { type MigrateOptions, type Settings, settingsOf } from './options.ts'
import {
  type AppMigrationPlan,
  carriedOf,
  isRefused,
  type MigrationLoss,
  type MigrationPlan,
  nativeLosses,
  shiftSteps,
  summaryOf,
} from './plan.ts'
import { type Sides, survey } from './survey.ts'

export interface Prepared {
  readonly moves: readonly Move[]
  readonly plan: MigrationPlan
  readonly settings: Settings
}

/** Looks at both sides and decides what is to be done. Changes nothing. */
export async function prepare(
  sides: Sides,
  which: readonly AppId[] | Selector,
  options: MigrateOptions,
): Promise<Prepared> {
  const settings = settingsOf(options, sides.to)
  const seen = await survey(sides, which, options)
  const moves = await movesOf(sides, seen, options, settings)
  const { signal, timeout } = options
  const written = await sides.to.planGroup(
    moves.map(({ app }) => app),
    { signal, timeout },
  )
  const apps = moves.map((move, index) => {
    const { losses = [], warnings = [] } = isMoving(move) ? (written[index] ?? {}) : {}
    return planOf(move, { sides, settings, losses, warnings, options })
  })
  const refused = apps.flatMap(({ app, losses }) =>
    losses.filter((loss) => isRefused(loss, settings.losses)).map((loss) => ({ app, ...loss })),
  )
  return {
    moves,
    plan: { from: sides.from.cluster, to: sides.to.cluster, apps, refused },
    settings,
  }
}

function isMoving({ stage }: Move): boolean {
  return stage === 'start' || stage === 'shift'
}

interface Context {
  readonly sides: Sides
  readonly settings: Settings
  readonly losses: readonly Loss[]
  readonly warnings: readonly string[]
  readonly options: MigrateOptions
}

function planOf(move: Move, context: Context): AppMigrationPlan {
  const { sides, settings, warnings, options } = context
  const { app, stage, seen, count, over } = move
  const { from, to } = sides
  const isGiven = options.apps?.some(({ id }) => id === app.id) ?? false
  const source = isMoving(move) && !isGiven ? seen.old : undefined
  const read = source?.losses ?? []
  const write = isMoving(move)
    ? [...kindLoss(move, sides), ...nativeLosses(app, to.kind, source?.filledIn), ...context.losses]
    : []
  const losses: readonly MigrationLoss[] = [
    ...read.map((loss) => ({ ...loss, side: 'read' as const })),
    ...write.map((loss) => ({ ...loss, side: 'write' as const })),
  ]
  const steps =
    !isMoving(move) || settings.finish === 'keep' || count === undefined
      ? []
      : shiftSteps(
          count,
          seen.old?.app.autoscale ? 1 : settings.steps,
          seen.old?.status.counts.desired,
        )
  const replicas = count === undefined ? undefined : (app.replicas ?? count)
  const shape = { kind: app.kind, stage, over, replicas, steps }
  return {
    app: app.id,
    ...shape,
    carried: isMoving(move) ? carriedOf(app, write) : [],
    losses,
    byHand:
      isMoving(move) || stage === 'skip'
        ? byHand({
            app,
            status: seen.old?.status,
            from: from.cluster,
            hostNames: from.capabilities.hostNames,
            to: to.cluster,
            given: {
              secrets: new Set(settings.secrets.map(({ name }) => name)),
              configs: new Set(settings.configs.map(({ name }) => name)),
            },
            missing: move.missing,
            keep: settings.finish === 'keep',
            rerunJobs: settings.rerunJobs,
          }).filter(({ topic }) => stage !== 'skip' || topic === 'job')
        : [],
    warnings,
    summary: summaryOf(shape, { from: from.cluster, to: to.cluster, finish: settings.finish }),
  }
}

function kindLoss({ app }: Move, { to }: Sides): readonly Loss[] {
  const { kinds } = to.capabilities
  if (kinds.includes(app.kind)) return []
  return [
    {
      path: '/kind',
      kind: 'refused',
      detail: `is a ${app.kind}, which ${to.kind} does not run`,
      remedy: `${to.kind} runs: ${kinds.join(', ')}`,
    },
  ]
}

/** Apps the new side cannot carry as they are. `code` is `UNSUPPORTED`. */
export class MigrationLossError extends IntermodalError {
  readonly losses: MigrationPlan['refused']

  constructor({ to, refused }: MigrationPlan) {
    const lines = refused.map(
      ({ app, path, kind, detail, remedy }) =>
        `\n  ${app} ${path} ${kind}: ${detail}${remedy ? ` (${remedy})` : ''}`,
    )
    super('UNSUPPORTED', `not everything can be carried to ${to}:${lines.join('')}`, {
      cluster: to,
      app: refused[0]?.app,
      remedy: refused.some(({ kind }) => kind === 'refused')
        ? 'give those apps as they shall be on the new side, or leave them out'
        : 'give those apps as they shall be on the new side, or accept the losses with { losses: "lenient" } (--lenient)',
    })
    this.losses = refused
  }
}

/** Throws what would fail for certain, before anything is changed. */
export function check({ moves, plan, settings }: Prepared, { from }: Sides): void {
  if (plan.refused.length > 0) throw new MigrationLossError(plan)
  if (settings.finish === 'keep') return
  for (const move of moves) {
    if (!isMoving(move)) continue
    const isHeld = move.app.kind === 'cron' || move.seen.old?.app.autoscale
    const needs = isHeld ? 'suspend' : move.count === undefined ? undefined : 'scale'
    if (needs === undefined || from.capabilities[needs]) continue
    throw new IntermodalError('UNSUPPORTED', `${from.kind} has no "${needs}"`, {
      cluster: from.cluster,
      app: move.id,
      remedy: 'keep the old side, and take it down by its own tools',
    })
  }
}
