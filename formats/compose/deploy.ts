import type { AppInput } from 'intermodal'
import type { Report } from '../report.ts'
import { Fields, textOf } from '../text/fields.ts'
import type { ServiceContext } from './context.ts'
import { readPlacement } from './placement.ts'
import { durationAt, nanosecondsAt } from './quantities.ts'
import { readResources } from './resources.ts'
import { unknownKey } from './top.ts'

const KEYS = [
  'mode',
  'endpoint_mode',
  'replicas',
  'labels',
  'rollback_config',
  'update_config',
  'resources',
  'restart_policy',
  'placement',
]

/** How many, of what size, where, and how they are replaced. `deploy` counts over what older files say beside it. */
export function readDeploy(service: ServiceContext, deploy: Fields): Partial<AppInput> {
  const { report, swarm } = service
  const mode = deploy.text('mode') || 'replicated'
  if (!/^(?:replicated|global)(?:-job)?$/.test(mode) && deploy.node)
    report.problem(
      deploy.node.at,
      'needs the mode replicated, global, replicated-job or global-job',
    )
  const daemon = mode === 'global'
  const endpoint = deploy.take('endpoint_mode')
  if (endpoint) swarm.keep(endpoint.at, ['EndpointSpec', 'Mode'], textOf(endpoint, report))
  const update = readUpdate(deploy.fields('update_config'), report)
  const rollback = deploy.take('rollback_config')
  if (rollback) {
    const config = wireUpdate(new Fields(rollback, report), report)
    swarm.keep(rollback.at, ['RollbackConfig'], config)
  }
  const counted = readReplicas(service, deploy, daemon)
  const restart = readRestart(service, deploy.fields('restart_policy'))
  const placement = readPlacement(service, deploy.fields('placement'))
  const resources = readResources(service, deploy.fields('resources'))
  for (const [key, { at }] of deploy.rest()) {
    if (key === 'labels') continue
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, unknownKey(key, KEYS, 'of deploy'))
  }
  return {
    ...(daemon && !service.job ? { kind: 'daemon' as const } : {}),
    ...(service.job ? { kind: 'job' as const } : {}),
    ...counted,
    ...(Object.keys(update).length > 0 ? { update } : {}),
    ...(Object.keys(restart).length > 0 ? { restart } : {}),
    ...placement,
    ...resources,
  }
}

function readReplicas(
  { fields, report, job }: ServiceContext,
  deploy: Fields,
  daemon: boolean,
): Partial<AppInput> {
  const node = deploy.take('replicas') ?? fields.take('scale')
  const written = deploy.count('replicas')
  const scale = fields.take('scale')
  const older = fields.count('scale')
  if (scale && written !== undefined && older !== undefined)
    report.loss(scale.at, 'dropped', 'deploy.replicas counts')
  const replicas = written ?? older
  if (!node || replicas === undefined) return {}
  if (daemon) {
    report.loss(node.at, 'dropped', 'a global service runs once on every node')
    return {}
  }
  if (!job) return { replicas }
  if (replicas === 0) {
    report.loss(node.at, 'dropped', 'a job has to succeed at least once')
    return {}
  }
  return { job: { completions: replicas, parallelism: replicas } }
}

type UpdateInput = NonNullable<AppInput['update']>

/** As `docker stack deploy` fills in what is not said: one at a time, the old one first, pause at a failure. */
function readUpdate(config: Fields, report: Report): UpdateInput {
  if (!config.node) return {}
  const parallelism = config.count('parallelism') ?? 1
  const order = config.text('order') || 'stop-first'
  const batchDelay = durationAt(config, 'delay', report)
  const monitor = durationAt(config, 'monitor', report)
  const ratio = config.number('max_failure_ratio')
  const action = config.text('failure_action') || undefined
  reportRest(config, report)
  const amount = parallelism === 0 ? ('100%' as const) : parallelism
  const first = order === 'start-first'
  if ((order !== 'stop-first' && !first) || !isAction(action))
    return (
      report.problem(
        config.node.at,
        'needs the order start-first or stop-first, and the failure_action pause, continue or rollback',
      ) ?? {}
    )
  return {
    ...(first
      ? { maxSurge: amount, maxUnavailable: 0 }
      : parallelism === 0
        ? { strategy: 'recreate' as const }
        : { maxSurge: 0, maxUnavailable: amount }),
    ...(action === undefined ? {} : { onFailure: action }),
    ...(ratio ? { maxFailureRatio: ratio } : {}),
    ...(batchDelay === undefined || batchDelay === '0s' ? {} : { batchDelay }),
    ...(monitor === undefined || monitor === '0s' ? {} : { minReadyTime: monitor }),
  }
}

function isAction(text: string | undefined): text is UpdateInput['onFailure'] {
  return text === undefined || text === 'pause' || text === 'continue' || text === 'rollback'
}

/** The same as the Engine API says it. */
function wireUpdate(config: Fields, report: Report): Record<string, unknown> {
  const entries = Object.entries({
    Parallelism: config.count('parallelism') ?? 1,
    Delay: nanosecondsAt(config, 'delay', report),
    FailureAction: config.text('failure_action'),
    Monitor: nanosecondsAt(config, 'monitor', report),
    MaxFailureRatio: config.number('max_failure_ratio'),
    Order: config.text('order'),
  })
  reportRest(config, report)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function reportRest(config: Fields, report: Report): void {
  for (const [key, { at }] of config.rest()) {
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key here`)
  }
}

type RestartInput = NonNullable<AppInput['restart']>
type Condition = NonNullable<RestartInput['condition']>

const CONDITIONS: Readonly<Record<string, Condition>> = {
  any: 'always',
  'on-failure': 'onFailure',
  none: 'never',
}

function readRestart(service: ServiceContext, policy: Fields): RestartInput {
  const { fields, report, job } = service
  const older = fields.take('restart')
  const text = textOf(older, report)
  const word = policy.text('condition') || undefined
  const delay = durationAt(policy, 'delay', report)
  const maxAttempts = policy.count('max_attempts')
  const window = durationAt(policy, 'window', report)
  reportRest(policy, report)
  if (policy.node) {
    if (older) report.loss(older.at, 'dropped', 'deploy.restart_policy counts')
    const condition = word === undefined ? undefined : CONDITIONS[word]
    if (word !== undefined && !condition)
      report.problem(policy.node.at, 'needs the condition any, on-failure or none')
    return {
      ...conditionOf(condition, job),
      ...(delay === undefined ? {} : { delay }),
      // For Docker 0 attempts are as many as it takes.
      ...(maxAttempts ? { maxAttempts } : {}),
      ...(window === undefined ? {} : { window }),
    }
  }
  if (!older || !text) return {}
  const [, name, count] =
    /^(no|false|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text) ?? []
  if (name === undefined)
    return report.problem(older.at, 'needs no, always, unless-stopped or on-failure[:count]') ?? {}
  const condition =
    name === 'on-failure' ? 'onFailure' : name === 'no' || name === 'false' ? 'never' : 'always'
  if (job && condition === 'always')
    report.loss(older.at, 'approximated', 'a job that has succeeded is not started again')
  return {
    ...conditionOf(condition, job),
    ...(Number(count) > 0 ? { maxAttempts: Number(count) } : {}),
  }
}

function conditionOf(
  condition: Condition | undefined,
  job: boolean,
): Pick<RestartInput, 'condition'> {
  if (condition === undefined) return {}
  return { condition: job && condition === 'always' ? 'onFailure' : condition }
}
