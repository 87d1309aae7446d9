import type { AppInput } from 'intermodal'
import { textOf } from '../text/fields.ts'
import type { Node } from '../text/node.ts'
import type { ServiceContext } from './context.ts'
import { durationAt, nanosecondsAt } from './quantities.ts'
import { CONTAINER } from './swarm-patch.ts'

const CHECK = [...CONTAINER, 'Healthcheck'] as const
/** What Docker takes when a file does not say. */
const DOCKER = { interval: '30s', timeout: '30s' } as const

/**
 * `healthcheck`: one command that decides about traffic and about replacing, as on Swarm, so it is both probes. Docker's
 * defaults are written out, since the model has others.
 */
export function readHealth(service: ServiceContext): Pick<AppInput, 'probes'> {
  const { fields, report, swarm } = service
  const node = fields.take('healthcheck')
  if (!node) return {}
  const check = fields.fields('healthcheck')
  const test = check.take('test')
  const disabled = check.flag('disable') ?? false
  const interval = durationAt(check, 'interval', report)
  const timeout = durationAt(check, 'timeout', report)
  const retries = check.count('retries')
  const startPeriod = durationAt(check, 'start_period', report)
  const startInterval = check.take('start_interval')
  const startNanoseconds = nanosecondsAt(check, 'start_interval', report)
  for (const [key, { at }] of check.rest())
    if (key.startsWith('x-')) report.loss(at, 'dropped', 'is an extension that nobody here reads')
    else report.problem(at, `"${key}" is no key of healthcheck`)
  const command = commandOf(test, report)
  if (disabled || command === 'none') {
    swarm.keep((test ?? node).at, [...CHECK, 'Test'], ['NONE'])
    return {}
  }
  if (command === undefined) {
    if (!test)
      report.loss(
        node.at,
        'dropped',
        "the check is the image's own, which is not known here",
        'write its command as "test"',
      )
    return {}
  }
  if (startInterval && startNanoseconds !== undefined)
    swarm.keep(startInterval.at, [...CHECK, 'StartInterval'], startNanoseconds)
  const probe = {
    type: 'exec' as const,
    command,
    interval: notZero(interval) ?? DOCKER.interval,
    timeout: notZero(timeout) ?? DOCKER.timeout,
    failureThreshold: retries || 3,
    ...(startPeriod === undefined ? {} : { startPeriod }),
  }
  return { probes: { liveness: probe, readiness: probe } }
}

function notZero<T extends string>(duration: T | undefined): T | undefined {
  return duration !== undefined && /[1-9]/.test(duration) ? duration : undefined
}

function commandOf(
  test: Node | undefined,
  report: ServiceContext['report'],
): string[] | 'none' | undefined {
  if (!test) return undefined
  if (test.type === 'scalar') {
    const line = textOf(test, report)
    return line ? ['/bin/sh', '-c', line] : undefined
  }
  if (test.type === 'map') return report.problem(test.at, 'needs a command, as text or as a list')
  const [kind, ...words] = test.items.map((item) => textOf(item, report) ?? '')
  if (kind === 'NONE') return 'none'
  if (kind === 'CMD-SHELL' && words.length > 0) return ['/bin/sh', '-c', words.join(' ')]
  if (kind === 'CMD' && words.length > 0) return words
  return report.problem(test.at, 'needs NONE, or CMD or CMD-SHELL and what to run')
}
