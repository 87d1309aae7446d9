import type {
  AppId,
  AppMigrationPlan,
  ByHand,
  MigratedApp,
  MigrationPlan,
  MigrationResult,
  MigrationSide,
  MigrationStep,
} from 'intermodal'
import type { Paint } from '../style.ts'
import { renderLoss } from './plan-view.ts'
import { renderTable } from './table.ts'
import { cut, elapsed, plural, safe } from './text.ts'

const STAGE_MARK = { start: '+', shift: '~', finish: '~', done: '=', skip: '-' } as const
const STAGE_COLOUR = {
  start: 'green',
  shift: 'yellow',
  finish: 'yellow',
  done: 'gray',
  skip: 'gray',
} as const

/** What would be moved, app by app, what is lost on the way, and what is left to do by hand. */
export function renderMigrationPlan(plan: MigrationPlan, paint: Paint): string {
  const blocks = plan.apps.map((app) => renderApp(app, paint))
  const losses = plan.apps.flatMap((app) => app.losses)
  const count = (kind: string) => losses.filter((loss) => loss.kind === kind).length
  const byHand = plan.apps.flatMap((app) => app.byHand).length
  const total = [
    plural(plan.apps.length, 'app'),
    `${count('approximated')} approximated`,
    `${count('dropped')} dropped`,
    ...(count('refused') > 0 ? [`${count('refused')} refused`] : []),
    `${byHand} to do by hand`,
  ].join(', ')
  return [
    paint('bold', `${plan.from} → ${plan.to}`),
    ...blocks,
    '',
    paint('bold', total),
    ...(plan.refused.length > 0 ? ['refused as it is: something would be lost'] : []),
  ].join('\n')
}

function renderApp(plan: AppMigrationPlan, paint: Paint): string {
  const { stage, app, summary, carried, losses, byHand, warnings } = plan
  const mark = paint(STAGE_COLOUR[stage], STAGE_MARK[stage])
  return [
    `${mark} ${paint('bold', app)}  ${safe(summary)}`,
    ...(carried.length > 0 ? [`    ${paint('dim', `carried ${carried.join(' ')}`)}`] : []),
    ...losses.map((loss) => `    ${renderLoss(loss, paint)}`),
    ...warnings.map((warning) => `    ${paint('yellow', `warning: ${safe(warning)}`)}`),
    ...byHand.map((each) => `    ${renderByHand(each, paint)}`),
  ].join('\n')
}

function renderByHand({ topic, path, detail, remedy }: ByHand, paint: Paint): string {
  return `${paint('magenta', `by hand ${topic}`)} ${path}: ${safe(detail)} (${safe(remedy)})`
}

const MARK: Readonly<Record<MigrationStep['type'], string>> = {
  waiting: '·',
  starting: '›',
  progress: '›',
  started: '›',
  shifting: '⇢',
  shifted: '⇢',
  finished: '✔',
  skipped: '-',
  failed: '✖',
  returning: '↩',
  returned: '↩',
}

const COLOUR: Readonly<Record<MigrationStep['type'], Parameters<Paint>[0]>> = {
  waiting: 'gray',
  starting: 'cyan',
  progress: 'cyan',
  started: 'cyan',
  shifting: 'cyan',
  shifted: 'cyan',
  finished: 'green',
  skipped: 'gray',
  failed: 'red',
  returning: 'yellow',
  returned: 'yellow',
}

/** One line for whoever reads a log. */
export function migrationLine(step: MigrationStep, paint: Paint, began: number): string {
  const time = elapsed(step.time - began).padStart(5)
  const mark = paint(COLOUR[step.type], MARK[step.type])
  return `${paint('dim', time)} ${mark} ${step.app}  ${safe(step.message)}`
}

/** The display of a terminal: one line an app, redrawn in place. */
export function renderMigration(
  steps: ReadonlyMap<AppId, MigrationStep | undefined>,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const name = Math.max(...[...steps.keys()].map((app) => app.length))
  return [...steps]
    .map(([app, step]) => {
      const mark = step ? paint(COLOUR[step.type], MARK[step.type]) : paint('gray', '·')
      const left = `${app.padEnd(name)}  ${readiness(step?.old).padStart(5)} → ${readiness(step?.new).padEnd(5)}`
      return `${mark} ${left}  ${cut(safe(step?.message ?? 'queued'), Math.max(10, width - left.length - 5))}`
    })
    .join('\n')
}

function readiness(side: MigrationSide | undefined): string {
  return side ? `${side.ready}/${side.desired}` : '-'
}

/** How every app stands, side by side. */
export function renderStanding({ apps, from, to }: MigrationResult, paint: Paint): string {
  return renderTable(
    ['APP', 'SERVES ON', from, to],
    Object.entries(apps).map(([app, { on, old, new: now }]) => [
      app,
      on === 'old' ? from : on === 'new' ? to : on,
      side(old),
      side(now),
    ]),
    paint,
  )
}

function side(side: MigratedApp['old']): string {
  if (side === undefined) return '-'
  return side === 'unreachable' ? side : `${side.state} ${readiness(side)}`
}
