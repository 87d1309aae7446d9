import { type App, type AppInput, formatCpu, formatDuration, formatMemory } from 'intermodal'
import type { Report } from './loss.ts'
import { milliseconds, nanoseconds } from './options.ts'
import type { ResourceRequirements, RestartPolicy } from './wire-policy.ts'

/** A millicore in billionths of a core. */
const MILLICORE = 1_000_000
/** The least the engine takes. */
const MIN_MEMORY = 4 * 1024 * 1024
/** What nodes have to announce their gpus as, in `node-generic-resources` of their `daemon.json`. */
const GPU = 'gpu'

export function writeResources(app: App, report: Report): ResourceRequirements | undefined {
  const { requests, limits, gpus } = app.resources
  for (const [name, amounts] of Object.entries({ requests, limits })) {
    if (amounts?.disk !== undefined) {
      report('dropped', `/resources/${name}/disk`, 'Swarm does not count disk', 'leave it out')
    }
    if (amounts?.memory !== undefined && amounts.memory < MIN_MEMORY) {
      report('approximated', `/resources/${name}/memory`, 'Swarm takes no less than 4Mi')
    }
  }
  if (gpus !== undefined && gpus > 0) {
    report(
      'approximated',
      '/resources/gpus',
      `means ${gpus} of the generic resource "${GPU}"; only nodes that announce it are taken`,
      `announce it in the nodes' daemon.json: "node-generic-resources": ["${GPU}=…"]`,
    )
  }
  const reservations = {
    ...writeAmounts(requests),
    ...(gpus ? { GenericResources: [{ DiscreteResourceSpec: { Kind: GPU, Value: gpus } }] } : {}),
  }
  const result = {
    ...nonEmpty('Limits', writeAmounts(limits)),
    ...nonEmpty('Reservations', reservations),
  }
  return Object.keys(result).length > 0 ? result : undefined
}

function writeAmounts(amounts: App['resources']['limits']) {
  return {
    ...(amounts?.cpu === undefined ? {} : { NanoCPUs: amounts.cpu * MILLICORE }),
    ...(amounts?.memory === undefined ? {} : { MemoryBytes: Math.max(amounts.memory, MIN_MEMORY) }),
  }
}

function nonEmpty<K extends string, T extends object>(key: K, value: T): Partial<Record<K, T>> {
  return Object.keys(value).length > 0 ? ({ [key]: value } as Record<K, T>) : {}
}

export function readResources(resources: ResourceRequirements): NonNullable<AppInput['resources']> {
  const { Limits, Reservations } = resources
  const gpus = Reservations?.GenericResources?.find(
    ({ DiscreteResourceSpec }) => DiscreteResourceSpec?.Kind === GPU,
  )?.DiscreteResourceSpec?.Value
  return {
    ...nonEmpty('requests', readAmounts(Reservations)),
    ...nonEmpty('limits', readAmounts(Limits)),
    ...(gpus ? { gpus } : {}),
  }
}

function readAmounts(amounts: { NanoCPUs?: number; MemoryBytes?: number } | undefined) {
  const cpu = Math.round((amounts?.NanoCPUs ?? 0) / MILLICORE)
  return {
    ...(cpu > 0 ? { cpu: formatCpu(cpu) } : {}),
    ...(amounts?.MemoryBytes ? { memory: formatMemory(amounts.MemoryBytes) } : {}),
  }
}

/**
 * Long-running apps restart under `any`, whatever they ask for: an unhealthy container whose process exits 0 reads
 * `complete`, and under `on-failure` it would never be replaced.
 */
export function writeRestart(app: App, report: Report): RestartPolicy {
  const { condition, delay, factor, maxDelay, maxAttempts, window } = app.restart
  const job = app.kind === 'job' || app.kind === 'cron'
  if (!job && condition !== 'always') {
    report(
      condition === 'never' ? 'dropped' : 'approximated',
      '/restart/condition',
      'a long-running app is restarted whenever it ends: Swarm could not tell an unhealthy one from one that is done',
      'make it a job if it is meant to end',
    )
  }
  if (factor !== undefined && factor !== 1) {
    report('approximated', '/restart/factor', 'Swarm waits the same time before each restart')
  }
  if (maxDelay !== undefined) {
    report('approximated', '/restart/maxDelay', 'Swarm waits the same time before each restart')
  }
  // For Swarm 0 attempts are as many as it takes.
  const none = condition === 'never' || maxAttempts === 0
  if (maxAttempts === 0 && !job) {
    report(
      'dropped',
      '/restart/maxAttempts',
      'a long-running app cannot be left as it ended',
      'give at least 1, or make it a job',
    )
  }
  return {
    Condition: job ? (none ? 'none' : 'on-failure') : 'any',
    ...(delay === undefined ? {} : { Delay: nanoseconds(delay) }),
    ...(maxAttempts ? { MaxAttempts: maxAttempts } : {}),
    ...(window ? { Window: nanoseconds(window) } : {}),
  }
}

export function readRestart(policy: RestartPolicy, job: boolean): NonNullable<AppInput['restart']> {
  const delay = milliseconds(policy.Delay ?? 0)
  return {
    ...(job && policy.Condition === 'none' ? { condition: 'never' as const } : {}),
    // Five seconds is what Swarm takes when nobody says.
    ...(delay === 5000 ? {} : { delay: formatDuration(delay) }),
    ...(policy.MaxAttempts ? { maxAttempts: policy.MaxAttempts } : {}),
    ...(policy.Window ? { window: formatDuration(milliseconds(policy.Window)) } : {}),
  }
}
