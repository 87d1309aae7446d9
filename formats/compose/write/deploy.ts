import { type App, formatDuration, resolveAmount } from 'intermodal'
import { swarmKey } from '../placement.ts'
import { filled } from './context.ts'

type Json = Record<string, unknown>

/** The part of a service that is for the orchestrator. */
export function writeDeploy(app: App, labels: Json | undefined): Json | undefined {
  const finite = app.kind === 'job' || app.kind === 'cron'
  return filled({
    mode: finite ? 'replicated-job' : app.kind === 'daemon' ? 'global' : undefined,
    replicas: app.replicas ?? (finite && app.job ? app.job.completions : undefined),
    labels,
    update_config: finite ? undefined : writeUpdate(app),
    restart_policy: writeRestart(app),
    placement: writePlacement(app),
    resources: writeResources(app),
  })
}

function writeUpdate({ update, replicas = 1 }: App): Json | undefined {
  const of = Math.max(1, replicas)
  const surge = update.strategy === 'recreate' ? 0 : resolveAmount(update.maxSurge, of, Math.ceil)
  const missing = resolveAmount(update.maxUnavailable, of, Math.floor)
  const budget = Math.max(1, surge > 0 ? surge : missing)
  return filled({
    parallelism: update.strategy === 'recreate' ? 0 : Math.min(budget, update.batchSize ?? budget),
    delay: update.batchDelay === undefined ? undefined : formatDuration(update.batchDelay),
    monitor: update.minReadyTime > 0 ? formatDuration(update.minReadyTime) : undefined,
    order: surge > 0 ? 'start-first' : 'stop-first',
    failure_action: update.onFailure,
    max_failure_ratio: update.maxFailureRatio,
  })
}

const CONDITIONS = { always: 'any', onFailure: 'on-failure', never: 'none' } as const

function writeRestart({ kind, restart }: App): Json | undefined {
  const { condition, delay, maxAttempts, window } = restart
  const standard = kind === 'job' || kind === 'cron' ? 'onFailure' : 'always'
  const rest = filled({
    delay: delay === undefined ? undefined : formatDuration(delay),
    max_attempts: maxAttempts,
    window: window === undefined ? undefined : formatDuration(window),
  })
  if (condition === standard && rest === undefined && condition === 'always') return undefined
  return { condition: CONDITIONS[condition], ...rest }
}

function writePlacement({ placement }: App): Json | undefined {
  const { require, spread, maxPerNode, pool } = placement
  const constraints = [
    ...(pool === undefined
      ? []
      : [
          pool === 'manager' || pool === 'worker'
            ? `node.role == ${pool}`
            : `node.labels.pool == ${pool}`,
        ]),
    ...require.flatMap(({ attribute, op, values }) => {
      if (op !== 'notIn' && !(op === 'in' && values.length === 1)) return []
      const sign = op === 'in' ? '==' : '!='
      return values.map((value) => `${swarmKey(attribute)} ${sign} ${value}`)
    }),
  ]
  return filled({
    constraints: constraints.length > 0 ? constraints : undefined,
    preferences: spread.length > 0 ? spread.map(({ by }) => ({ spread: swarmKey(by) })) : undefined,
    max_replicas_per_node: maxPerNode,
  })
}

function writeResources({ resources }: App): Json | undefined {
  const { requests, limits, gpus } = resources
  const amounts = (of: typeof limits) => ({
    cpus: of?.cpu === undefined ? undefined : String(of.cpu / 1000),
    memory: of?.memory === undefined ? undefined : String(of.memory),
  })
  return filled({
    limits: filled(amounts(limits)),
    reservations: filled({
      ...amounts(requests),
      generic_resources: gpus
        ? [{ discrete_resource_spec: { kind: 'gpu', value: gpus } }]
        : undefined,
    }),
  })
}
