import { type App, formatDuration, type Probe } from 'intermodal'
import { NEVER } from './checks.ts'
import type { Report } from './loss.ts'
import { seconds } from './options.ts'
import type { PodHealthCheck } from './wire.ts'

/** A container has one check, run on the agent. */
export function writePodCheck(app: App, report: Report): PodHealthCheck | undefined {
  const { liveness, readiness, startup } = app.probes
  const probe = liveness ?? readiness
  const name = liveness ? 'liveness' : 'readiness'
  if (liveness && readiness) {
    report(
      'dropped',
      '/probes/readiness',
      'a container of a pod has one check, and the liveness probe is it',
    )
  }
  const grace = startup ? startup.initialDelay + startup.failureThreshold * startup.interval : 0
  if (startup) {
    if (probe)
      report(
        'approximated',
        '/probes/startup',
        `becomes a grace period of ${formatDuration(grace)}`,
      )
    else
      report(
        'dropped',
        '/probes/startup',
        'there is no other check to wait with',
        'add a readiness probe',
      )
  }
  if (!probe) return undefined
  if (probe.type === 'grpc') {
    report(
      'dropped',
      `/probes/${name}`,
      'Marathon does not speak gRPC',
      'ask over http, or by a command',
    )
    return undefined
  }
  if (probe.type !== 'exec' && app.ports.length === 0) {
    report(
      'dropped',
      `/probes/${name}`,
      'a check of a pod asks an endpoint, and the app has no ports',
      'add the port, or ask by a command',
    )
    return undefined
  }
  reportPodProbe(`/probes/${name}`, probe, app, report)
  return {
    ...writePodProbe(app, probe),
    gracePeriodSeconds: seconds(Math.max(grace, probe.startPeriod)),
    intervalSeconds: seconds(probe.interval),
    timeoutSeconds: seconds(probe.timeout),
    maxConsecutiveFailures: liveness ? probe.failureThreshold : NEVER,
    delaySeconds: seconds(probe.initialDelay),
  }
}

function reportPodProbe(at: string, probe: Probe, app: App, report: Report): void {
  if (probe.successThreshold > 1)
    report('dropped', `${at}/successThreshold`, 'one success is enough for Marathon')
  if ('from' in probe && probe.from === 'scheduler')
    report('approximated', `${at}/from`, 'checks of pods run on the agent')
  if ('headers' in probe && probe.headers)
    report('dropped', `${at}/headers`, 'Marathon sends no headers of yours')
  if ('host' in probe && probe.host !== undefined)
    report('dropped', `${at}/host`, 'Marathon sends no host name of yours')
  if ('port' in probe && probe.port !== undefined && endpointOf(app, probe.port) === undefined)
    report(
      'dropped',
      `${at}/port`,
      'a check of a pod needs an endpoint, so the first one is asked',
      'add the port',
    )
}

function endpointOf({ ports }: App, port: string | number | undefined): string | undefined {
  if (port === undefined) return ports[0]?.name
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)?.name
}

function writePodProbe(app: App, probe: Exclude<Probe, { type: 'grpc' }>): PodHealthCheck {
  if (probe.type === 'exec') return { exec: { command: { argv: probe.command } } }
  const endpoint = endpointOf(app, probe.port) ?? app.ports[0]?.name
  const at = endpoint === undefined ? {} : { endpoint }
  return probe.type === 'tcp'
    ? { tcp: at }
    : { http: { ...at, path: probe.path, scheme: probe.type === 'https' ? 'HTTPS' : 'HTTP' } }
}
