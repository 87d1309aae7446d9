import type { App, Port, Probe } from 'intermodal'
import { type Report, seconds } from './loss.ts'
import { portNameOf } from './ports.ts'
import type { Container, KubeProbe } from './wire.ts'

type ProbeKind = 'liveness' | 'readiness' | 'startup'

export function writeProbes(app: App, report: Report): Partial<Container> {
  const { liveness, readiness, startup } = app.probes
  const held = heldStart(app, report)
  if (readiness && readiness.startPeriod > 0) {
    report(
      'approximated',
      '/probes/readiness/startPeriod',
      'an instance gets no traffic before its check passes, and is called unready from the first failure',
    )
  }
  return {
    ...(liveness ? { livenessProbe: writeProbe(app, liveness, 'liveness', report) } : {}),
    ...(readiness ? { readinessProbe: writeProbe(app, readiness, 'readiness', report) } : {}),
    ...(startup ? { startupProbe: writeStartup(app, startup, report) } : {}),
    ...held,
  }
}

/** Kubernetes has no start period: a startup probe of the same check, long enough, keeps the liveness check off. */
function heldStart(app: App, report: Report): Partial<Container> {
  const { liveness, startup } = app.probes
  if (!liveness || liveness.startPeriod === 0) return {}
  const path = '/probes/liveness/startPeriod'
  if (startup) {
    report('approximated', path, 'the startup probe alone decides when liveness begins to count')
    return {}
  }
  report(
    'approximated',
    path,
    'becomes a startup probe with the same check: it ends at the first success, and readiness waits for it as well',
  )
  const probe = { ...liveness, startPeriod: 0, successThreshold: 1 }
  const quiet = writeProbe(app, probe, 'startup', () => {})
  const rounds = Math.ceil(liveness.startPeriod / liveness.interval)
  return { startupProbe: { ...quiet, failureThreshold: liveness.failureThreshold + rounds } }
}

function writeStartup(app: App, probe: Probe, report: Report): KubeProbe {
  const written = writeProbe(app, probe, 'startup', report)
  if (probe.startPeriod === 0) return written
  report('approximated', '/probes/startup/startPeriod', 'is added to the failures that are borne')
  const rounds = Math.ceil(probe.startPeriod / probe.interval)
  return { ...written, failureThreshold: probe.failureThreshold + rounds }
}

function writeProbe(app: App, probe: Probe, kind: ProbeKind, report: Report): KubeProbe {
  const path = `/probes/${kind}`
  const initial = seconds(probe.initialDelay, `${path}/initialDelay`, report)
  if (kind !== 'readiness' && probe.successThreshold !== 1) {
    report(
      'approximated',
      `${path}/successThreshold`,
      `Kubernetes takes one success for a ${kind} probe`,
    )
  }
  if ('from' in probe && probe.from === 'scheduler') {
    report('approximated', `${path}/from`, 'Kubernetes checks from the node of the instance')
  }
  return {
    ...writeCheck(app, probe),
    ...(initial > 0 ? { initialDelaySeconds: initial } : {}),
    periodSeconds: seconds(probe.interval, `${path}/interval`, report, 1),
    timeoutSeconds: seconds(probe.timeout, `${path}/timeout`, report, 1),
    failureThreshold: probe.failureThreshold,
    successThreshold: kind === 'readiness' ? probe.successThreshold : 1,
  }
}

function writeCheck(app: App, probe: Probe): KubeProbe {
  switch (probe.type) {
    case 'http':
    case 'https':
      return { httpGet: writeHttp(app, probe) }
    case 'tcp':
      return { tcpSocket: { port: portOf(app, probe.port) } }
    case 'grpc':
      return {
        grpc: {
          port: portNumberOf(app.ports, probe.port),
          ...(probe.service === undefined ? {} : { service: probe.service }),
        },
      }
    case 'exec':
      return { exec: { command: [...probe.command] } }
  }
}

function writeHttp(
  app: App,
  probe: Extract<Probe, { type: 'http' | 'https' }>,
): NonNullable<KubeProbe['httpGet']> {
  // `httpGet.host` is the address that is asked, not the header.
  const headers = [
    ...(probe.host === undefined ? [] : [{ name: 'Host', value: probe.host }]),
    ...Object.entries(probe.headers ?? {}).map(([name, value]) => ({ name, value })),
  ]
  return {
    path: probe.path,
    port: portOf(app, probe.port),
    ...(probe.type === 'https' ? { scheme: 'HTTPS' } : {}),
    ...(headers.length > 0 ? { httpHeaders: headers } : {}),
  }
}

function portOf(app: App, port: number | string | undefined): number | string {
  const named = app.ports.find(({ name }) => name === port)
  return (named && portNameOf(named, app)) ?? portNumberOf(app.ports, port)
}

function portNumberOf(ports: readonly Port[], port: number | string | undefined): number {
  if (typeof port === 'number') return port
  const found = port === undefined ? ports[0] : ports.find(({ name }) => name === port)
  // The schema lets no probe through whose port the app does not have.
  if (!found) throw new Error(`no port ${port ?? ''}`)
  return found.containerPort
}

export function readProbes(container: Container): Partial<Record<ProbeKind, object>> {
  const read = {
    liveness: readProbe(container.livenessProbe),
    readiness: readProbe(container.readinessProbe),
    startup: readProbe(container.startupProbe),
  }
  return Object.fromEntries(Object.entries(read).filter(([, probe]) => probe !== undefined))
}

function readProbe(found: KubeProbe | undefined): object | undefined {
  const check = found && readCheck(found)
  if (!check) return undefined
  const text = (count: number): string => `${count}s`
  return {
    ...check,
    interval: text(found.periodSeconds ?? 10),
    timeout: text(found.timeoutSeconds ?? 1),
    failureThreshold: found.failureThreshold ?? 3,
    successThreshold: found.successThreshold ?? 1,
    initialDelay: text(found.initialDelaySeconds ?? 0),
  }
}

function readCheck({ httpGet, tcpSocket, exec, grpc }: KubeProbe): object | undefined {
  if (httpGet) {
    const headers = (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value] as const)
    const host = headers.find(([name]) => name === 'Host')?.[1]
    const rest = headers.filter(([name]) => name !== 'Host')
    return {
      type: httpGet.scheme === 'HTTPS' ? 'https' : 'http',
      path: httpGet.path ?? '/',
      port: httpGet.port,
      ...(host === undefined ? {} : { host }),
      ...(rest.length > 0 ? { headers: Object.fromEntries(rest) } : {}),
    }
  }
  if (tcpSocket) return { type: 'tcp', port: tcpSocket.port }
  if (grpc) {
    return {
      type: 'grpc',
      port: grpc.port,
      ...(grpc.service ? { service: grpc.service } : {}),
    }
  }
  // A probe's command is run as it is: no variables are replaced in it.
  return exec?.command ? { type: 'exec', command: [...exec.command] } : undefined
}
