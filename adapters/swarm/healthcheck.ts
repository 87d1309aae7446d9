import type { App, AppInput, Probe } from 'intermodal'
import { formatDuration } from 'intermodal'
import type { Report } from './loss.ts'
import { milliseconds, nanoseconds } from './options.ts'
import { same } from './patch.ts'
import { needs, probeLine } from './probe-command.ts'
import type { Healthcheck } from './wire-policy.ts'

const SHELL = ['/bin/sh', '-c'] as const
const ROLES = ['liveness', 'readiness', 'startup'] as const

/**
 * The one check a Swarm task can have. It gates traffic (a task stays `starting` until it passes) and it kills (an
 * unhealthy task is replaced), so liveness is taken where there is one: a failed readiness probe must not kill while
 * there is something better to ask.
 */
export function writeHealthcheck(app: App, report: Report): Healthcheck | undefined {
  const role = ROLES.find((name) => app.probes[name] !== undefined)
  const probe = role && app.probes[role]
  if (!role || !probe) return undefined
  reportRoles(app, role, report)
  for (const name of ROLES) {
    const own = app.probes[name]
    if (own) reportProbe(own, name, name === role, report)
  }
  return {
    Test: testOf(probe, app),
    Interval: nanoseconds(probe.interval),
    Timeout: nanoseconds(probe.timeout),
    Retries: probe.failureThreshold,
    StartPeriod: nanoseconds(
      startPeriod(probe, role === 'startup' ? undefined : app.probes.startup),
    ),
  }
}

/** Failures before this do not count: the probe's own patience, or all the time the startup probe gives. */
function startPeriod(probe: Probe, startup: Probe | undefined): number {
  const own = probe.initialDelay + probe.startPeriod
  if (!startup) return own
  return Math.max(
    own,
    startup.initialDelay + startup.startPeriod + startup.interval * startup.failureThreshold,
  )
}

function testOf(probe: Probe, app: App): readonly string[] {
  if (probe.type !== 'exec') return ['CMD-SHELL', probeLine(probe, portOf(probe, app))]
  const [shell, flag, line, ...more] = probe.command
  return shell === SHELL[0] && flag === SHELL[1] && line !== undefined && more.length === 0
    ? ['CMD-SHELL', line]
    : ['CMD', ...probe.command]
}

/** The schema has made sure that a port by that name, or a first one, is there. */
function portOf(probe: Exclude<Probe, { type: 'exec' }>, app: App): number {
  const { port } = probe
  if (typeof port === 'number') return port
  const named = app.ports.find(({ name }) => name === port) ?? app.ports[0]
  return named?.containerPort ?? 0
}

function reportRoles(app: App, role: (typeof ROLES)[number], report: Report): void {
  const { liveness, readiness, startup } = app.probes
  const both = liveness && readiness && same(liveness, readiness)
  const one = 'Swarm has one check for everything'
  if (role === 'liveness' && !both) {
    report(
      'approximated',
      '/probes/liveness',
      readiness
        ? `${one}: the liveness probe also decides about traffic`
        : `${one}: an instance gets no traffic before the liveness probe has passed`,
      readiness && 'make liveness and readiness the same probe',
    )
    if (readiness) {
      report(
        'approximated',
        '/probes/readiness',
        `${one}, and it kills: the liveness probe stands for the readiness probe`,
        'make liveness and readiness the same probe',
      )
    }
  }
  if (role === 'readiness') {
    report(
      'approximated',
      '/probes/readiness',
      `${one}, and it kills: an instance that fails it is replaced, not only taken out of traffic`,
    )
  }
  if (startup) {
    report(
      'approximated',
      '/probes/startup',
      role === 'startup'
        ? `${one}: the startup probe goes on after the start, and failing it then kills`
        : `${one}: the startup probe is not run, its time is the start period of the other one`,
    )
  }
}

function reportProbe(
  probe: Probe,
  role: (typeof ROLES)[number],
  chosen: boolean,
  report: Report,
): void {
  const path = `/probes/${role}`
  if (probe.type !== 'exec' && chosen) {
    report(
      'approximated',
      `${path}/type`,
      `runs as a command inside the container, which needs ${needs(probe)} in the image`,
      'write an exec probe with a command the image has',
    )
  }
  if (chosen && 'from' in probe && probe.from === 'scheduler') {
    report('approximated', `${path}/from`, 'the probe runs inside the container')
  }
  if (probe.successThreshold > 1) {
    report('approximated', `${path}/successThreshold`, 'one success is enough')
  }
  if (chosen && probe.initialDelay > 0) {
    report(
      'approximated',
      `${path}/initialDelay`,
      'checks run from the start, but failures do not count in that time',
    )
  }
}

type ProbesInput = NonNullable<AppInput['probes']>

/** A Swarm check is both: failing it kills, and before it passes there is no traffic. */
export function readHealthcheck(check: Healthcheck): ProbesInput | undefined {
  const [kind, ...test] = check.Test ?? []
  if ((kind !== 'CMD' && kind !== 'CMD-SHELL') || test.length === 0) return undefined
  const probe = {
    type: 'exec' as const,
    command: kind === 'CMD' ? test : [...SHELL, test.join(' ')],
    interval: formatDuration(milliseconds(check.Interval ?? 0)),
    timeout: formatDuration(milliseconds(check.Timeout ?? 0)),
    failureThreshold: check.Retries ?? 3,
    startPeriod: formatDuration(milliseconds(check.StartPeriod ?? 0)),
  }
  return { liveness: probe, readiness: probe }
}
