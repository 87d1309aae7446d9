import type { App } from '../app/schema.ts'
import type { PlanChange } from '../plan.ts'
import type { Effect } from './effect.ts'

export interface Summarized {
  readonly action: 'create' | 'update' | 'none'
  readonly wanted: App
  readonly effect?: Effect | undefined
  readonly restarts?: number | undefined
  readonly downtime?: boolean | undefined
  readonly dataLoss?: readonly string[] | undefined
  readonly changes?: readonly PlanChange[] | undefined
}

/** The plan in one sentence: `rolling restart of 3 instances, replicas 3 → 5`. */
export function summarize(plan: Summarized): string {
  if (plan.action === 'none') return 'no change'
  if (plan.action === 'create') return `create${creation(plan.wanted)}`
  return `${head(plan)}${scaling(plan)}${damage(plan)}`
}

function creation(app: App): string {
  switch (app.kind) {
    case 'job':
      return ' and run to completion'
    case 'cron':
      return ` and run at "${app.schedule?.cron}"`
    case 'daemon':
      return ' with one instance on every node'
    default:
      if (app.autoscale) return ` with ${app.autoscale.min} to ${app.autoscale.max} replicas`
      return ` with ${app.replicas ?? 1} ${app.replicas === undefined || app.replicas === 1 ? 'replica' : 'replicas'}`
  }
}

function head({ effect, restarts = 0, wanted, changes = [] }: Summarized): string {
  const instances = `${restarts} instance${restarts === 1 ? '' : 's'}`
  switch (effect) {
    case 'rollingRestart':
      return restarts === 0
        ? 'change what instances are made from; none runs now'
        : `rolling restart of ${instances}`
    case 'recreate':
      if (wanted.kind === 'job') return 'run the job again'
      return restarts === 0
        ? 'change what instances are made from; none runs now'
        : `recreate ${instances}`
    case 'replace':
      return 'replace'
    default: {
      const fields = new Set(
        changes.map(({ path }) => path.split('/')[1]).filter((field) => field !== 'replicas'),
      )
      return fields.size > 0 ? `in place: ${[...fields].join(', ')}` : 'in place'
    }
  }
}

function scaling({ changes = [], effect }: Summarized): string {
  const scale = changes.find(({ path }) => path === '/replicas')
  if (!scale) return ''
  const alone = effect === 'inPlace' && changes.length === 1
  return `${alone ? ': ' : ', '}replicas ${scale.before ?? 'absent'} → ${scale.after}`
}

function damage({ downtime, dataLoss = [] }: Summarized): string {
  const parts = [
    ...(downtime ? ['downtime'] : []),
    ...(dataLoss.length > 0
      ? [`data of claim${dataLoss.length === 1 ? '' : 's'} ${dataLoss.join(', ')} is lost`]
      : []),
  ]
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}
