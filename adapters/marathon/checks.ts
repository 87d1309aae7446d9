import { type App, type AppInput, formatDuration, type Probe } from 'intermodal'
import { isMesosLevel } from './canonical.ts'
import { JOB_CHECK } from './job.ts'
import type { Report } from './loss.ts'
import { seconds, speaks, type TranslateOptions } from './options.ts'
import { argumentsOf, commandLine } from './shell.ts'
import type { HealthCheck } from './wire.ts'

type Input = NonNullable<AppInput['probes']>
type ProbeInput = NonNullable<Input['liveness']>

/**
 * A check that fails and never kills is a readiness probe: whoever routes asks for health. On the agent 0 means "kill at
 * once", so there it is the largest number.
 */
export const NEVER = 2_147_483_647

/** Marathon takes one check that runs on the agent; the others have to run from its leader. */
export function writeChecks(
  app: App,
  options: TranslateOptions,
  report: Report,
): readonly HealthCheck[] {
  if (app.kind === 'job') {
    for (const name of ['liveness', 'readiness', 'startup'] as const) {
      if (app.probes[name])
        report('dropped', `/probes/${name}`, 'the check of a job tells whether it is done')
    }
    return []
  }
  const { liveness, readiness, startup } = app.probes
  const checks: HealthCheck[] = []
  const onAgent = speaks(options, '1.4')
  let agentTaken = false
  const add = (name: 'liveness' | 'readiness', probe: Probe | undefined, grace: number) => {
    if (!probe) return
    const scheduler = probe.type !== 'exec' && (wantsScheduler(probe) || agentTaken || !onAgent)
    if (agentTaken && probe.type === 'exec') {
      report(
        'dropped',
        `/probes/${name}`,
        'Marathon runs one check on the agent, and the liveness probe is it',
        'ask over http or tcp, or join the two commands',
      )
      return
    }
    const check = writeCheck(app, name, probe, { scheduler, grace, onAgent }, report)
    if (!check) return
    agentTaken ||= !scheduler
    checks.push(check)
  }
  const grace = startup ? startup.initialDelay + startup.failureThreshold * startup.interval : 0
  if (startup) reportStartup(liveness ?? readiness, grace, report)
  add('liveness', liveness, grace)
  add('readiness', readiness, grace)
  return checks
}

function reportStartup(other: Probe | undefined, grace: number, report: Report): void {
  if (other) {
    report(
      'approximated',
      '/probes/startup',
      `becomes a grace period of ${formatDuration(grace)}, in which the other checks may fail`,
    )
  } else {
    report(
      'dropped',
      '/probes/startup',
      'there is no other check to wait with',
      'add a readiness probe',
    )
  }
}

function wantsScheduler(probe: Probe): boolean {
  return 'from' in probe && probe.from === 'scheduler'
}

function writeCheck(
  app: App,
  name: 'liveness' | 'readiness',
  probe: Probe,
  {
    scheduler,
    grace,
    onAgent,
  }: { readonly scheduler: boolean; readonly grace: number; readonly onAgent: boolean },
  report: Report,
): HealthCheck | undefined {
  const at = `/probes/${name}`
  if (probe.type === 'grpc') {
    report('dropped', at, 'Marathon does not speak gRPC', 'ask over http, or by a command')
    return undefined
  }
  const delays = onAgent && !scheduler
  reportCheck(at, probe, { scheduler, delays, onAgent }, report)
  const timing = {
    gracePeriodSeconds: seconds(
      Math.max(grace, probe.startPeriod, delays ? 0 : probe.initialDelay),
    ),
    intervalSeconds: seconds(probe.interval),
    timeoutSeconds: seconds(probe.timeout),
    maxConsecutiveFailures: name === 'liveness' ? probe.failureThreshold : scheduler ? 0 : NEVER,
    ...(!delays ? {} : { delaySeconds: seconds(probe.initialDelay) }),
  }
  if (probe.type === 'exec') {
    return { protocol: 'COMMAND', command: { value: commandLine(probe.command) }, ...timing }
  }
  return {
    protocol: `${scheduler ? '' : 'MESOS_'}${probe.type.toUpperCase()}`,
    ...(probe.type === 'tcp' ? {} : { path: probe.path }),
    ...portOf(app, probe),
    ...timing,
  }
}

function reportCheck(
  at: string,
  probe: Probe,
  {
    scheduler,
    delays,
    onAgent,
  }: { readonly scheduler: boolean; readonly delays: boolean; readonly onAgent: boolean },
  report: Report,
): void {
  if (probe.successThreshold > 1)
    report('dropped', `${at}/successThreshold`, 'one success is enough for Marathon')
  if (scheduler && probe.type !== 'exec' && !wantsScheduler(probe)) {
    report(
      'approximated',
      at,
      `is asked from Marathon's leader, which has to reach the instances: agents run ${onAgent ? 'one check only' : 'none before 1.4'}`,
    )
  }
  if (!delays && probe.initialDelay > 0)
    report('approximated', `${at}/initialDelay`, 'failures before that do not count')
  if ('headers' in probe && probe.headers)
    report('dropped', `${at}/headers`, 'Marathon sends no headers of yours')
  if ('host' in probe && probe.host !== undefined)
    report('dropped', `${at}/host`, 'Marathon sends no host name of yours')
}

/** Always written out: what an absent one means has changed over the versions. */
function portOf(app: App, { port }: { readonly port?: string | number | undefined }) {
  const index =
    port === undefined
      ? 0
      : app.ports.findIndex(({ name, containerPort }) => name === port || containerPort === port)
  return index >= 0 ? { portIndex: index } : { port: Number(port) }
}

export function readChecks(
  checks: readonly HealthCheck[],
  portNames: readonly (string | undefined)[],
): Input {
  const probes: { liveness?: ProbeInput; readiness?: ProbeInput } = {}
  for (const check of checks) {
    if (check.command?.value === JOB_CHECK) continue
    const probe = readCheck(check, portNames)
    if (!probe) continue
    probes[isReadiness(check) ? 'readiness' : 'liveness'] ??= probe
  }
  return probes
}

export function isReadiness({ protocol, maxConsecutiveFailures = 3 }: HealthCheck): boolean {
  return isMesosLevel(protocol) ? maxConsecutiveFailures >= NEVER : maxConsecutiveFailures === 0
}

function readCheck(
  check: HealthCheck,
  portNames: readonly (string | undefined)[],
): ProbeInput | undefined {
  const { protocol = 'HTTP', maxConsecutiveFailures = 3 } = check
  const scheduler = !isMesosLevel(protocol)
  const {
    gracePeriodSeconds = 300,
    intervalSeconds = 60,
    timeoutSeconds = 20,
    delaySeconds = 15,
  } = check
  const timing = {
    ...(intervalSeconds > 0 ? { interval: inSeconds(intervalSeconds) } : {}),
    ...(timeoutSeconds > 0 ? { timeout: inSeconds(timeoutSeconds) } : {}),
    ...(isReadiness(check) ? {} : { failureThreshold: Math.max(1, maxConsecutiveFailures) }),
    ...(gracePeriodSeconds > 0 ? { startPeriod: inSeconds(gracePeriodSeconds) } : {}),
    ...(!scheduler && delaySeconds > 0 ? { initialDelay: inSeconds(delaySeconds) } : {}),
  }
  if (protocol === 'COMMAND') {
    const line = check.command?.value
    if (!line) return undefined
    return { type: 'exec', command: [...(argumentsOf(line) ?? ['/bin/sh', '-c', line])], ...timing }
  }
  const type = protocol.replace('MESOS_', '').toLowerCase()
  if (type !== 'http' && type !== 'https' && type !== 'tcp') return undefined
  const name = portNames[check.portIndex ?? 0]
  const port = check.port ?? name
  const common = {
    ...(port === undefined || port === 0 ? {} : { port }),
    ...(scheduler ? { from: 'scheduler' as const } : {}),
    ...timing,
  }
  if (type === 'tcp') return { type, ...common }
  return { type, ...(check.path?.startsWith('/') ? { path: check.path } : {}), ...common }
}

function inSeconds(count: number) {
  return formatDuration(count * 1000)
}
