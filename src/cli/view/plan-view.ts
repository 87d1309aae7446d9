import type { Loss, Plan, PlanChange } from 'intermodal'
import type { Paint } from '../style.ts'
import { plural, safe } from './text.ts'
import { colourOf } from './words.ts'

const MARK = { create: '+', update: '~', none: '=' } as const
const COLOUR = { create: 'green', update: 'yellow', none: 'gray' } as const

/** What would change, app by app, and what that means. */
export function renderPlans(plans: readonly Plan[], paint: Paint): string {
  const blocks = plans.map((plan) => renderPlan(plan, paint))
  const count = (action: Plan['action']) => plans.filter((plan) => plan.action === action).length
  const total = `${plural(plans.length, 'app')}: ${count('create')} to create, ${count('update')} to update, ${count('none')} unchanged`
  return [...blocks, '', paint('bold', total)].join('\n')
}

export function renderPlan(plan: Plan, paint: Paint): string {
  const mark = paint(COLOUR[plan.action], MARK[plan.action])
  const lines = [`${mark} ${paint('bold', plan.app)}  ${safe(plan.summary)}`]
  // A new app is all changes; the summary says it.
  if (plan.action === 'update')
    lines.push(...plan.changes.map((change) => renderChange(change, paint)))
  if (plan.downtime) lines.push(`    ${paint('red', 'downtime: at some moment nothing serves')}`)
  for (const volume of plan.dataLoss)
    lines.push(`    ${paint('red', `data loss: volume "${volume}"`)}`)
  for (const warning of plan.warnings)
    lines.push(`    ${paint('yellow', `warning: ${safe(warning)}`)}`)
  lines.push(...plan.losses.map((loss) => `    ${renderLoss(loss, paint)}`))
  return lines.join('\n')
}

export function renderLoss(loss: Loss, paint: Paint): string {
  const colour = loss.kind === 'approximated' ? 'cyan' : loss.kind === 'dropped' ? 'yellow' : 'red'
  const remedy = loss.remedy ? ` (${safe(loss.remedy)})` : ''
  return `${paint(colour, loss.kind)} ${loss.path}: ${safe(loss.detail)}${remedy}`
}

function renderChange({ path, before, after, effect }: PlanChange, paint: Paint): string {
  const value =
    before === undefined
      ? paint('green', show(after))
      : after === undefined
        ? `${paint('red', show(before))} → removed`
        : `${paint('red', show(before))} → ${paint('green', show(after))}`
  return `    ${path}: ${value}  ${paint(colourOf.effect(effect), `[${effect}]`)}`
}

function show(value: unknown): string {
  return safe(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
}
