import type { App } from 'intermodal'
import { type Report, seconds } from './loss.ts'
import type { Container, PodSpec } from './wire.ts'

/** What Kubernetes waits when nobody says, in milliseconds. */
const GRACE = 30_000

export function writeGrace(
  app: App,
  report: Report,
): Pick<PodSpec, 'terminationGracePeriodSeconds'> {
  const { gracePeriod, drainDelay } = app.stop
  if (gracePeriod === undefined && !drainDelay) return {}
  const grace = seconds(gracePeriod ?? GRACE, '/stop/gracePeriod', report)
  // The grace period begins before the command that runs ahead of the signal.
  const drain = drainDelay ? Math.ceil(drainDelay / 1000) : 0
  return { terminationGracePeriodSeconds: grace + drain }
}

export function writeStop(app: App, report: Report): Pick<Container, 'lifecycle'> {
  const { signal, preStop, drainDelay } = app.stop
  if (signal !== undefined) {
    report(
      signal === 'SIGTERM' ? 'approximated' : 'dropped',
      '/stop/signal',
      "Kubernetes sends the image's STOPSIGNAL, SIGTERM when it has none",
      'set STOPSIGNAL in the image',
    )
  }
  if (preStop && app.stop.gracePeriod !== undefined) {
    report('approximated', '/stop/gracePeriod', 'the time preStop takes counts as part of it')
  }
  if (!drainDelay) return preStop ? { lifecycle: { preStop: { exec: { command: preStop } } } } : {}
  const delay = seconds(drainDelay, '/stop/drainDelay', report)
  if (!preStop) {
    report('approximated', '/stop/drainDelay', 'needs Kubernetes 1.30 or later')
    return { lifecycle: { preStop: { sleep: { seconds: delay } } } }
  }
  report('approximated', '/stop/drainDelay', 'becomes part of preStop, which then needs a shell')
  const command = ['/bin/sh', '-c', `sleep ${delay}; exec "$@"`, 'sh', ...preStop]
  return { lifecycle: { preStop: { exec: { command } } } }
}

export function readStop(spec: PodSpec, container: Container): object | undefined {
  const grace = spec.terminationGracePeriodSeconds
  const command = container.lifecycle?.preStop?.exec?.command
  const stop = {
    ...(grace === undefined ? {} : { gracePeriod: `${grace}s` }),
    ...(command?.length ? { preStop: [...command] } : {}),
  }
  return Object.keys(stop).length > 0 ? stop : undefined
}
