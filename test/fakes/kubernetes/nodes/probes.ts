import type { ProbeKind } from '../../../../adapters/simulated/world/model.ts'
import type { ContainerLife, Probe } from './life.ts'
import { outcomeOf, type Program } from './program.ts'

export const PROBES: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']

export function probeOf({ spec }: ContainerLife, kind: ProbeKind): Probe | undefined {
  if (kind === 'startup') return spec.startupProbe
  return kind === 'liveness' ? spec.livenessProbe : spec.readinessProbe
}

export function period(probe: Probe): number {
  return Math.max(1, probe.periodSeconds ?? 10) * 1000
}

/** Why the program fails the check at that age, in the kubelet's words; absent when it passes. */
export function failureOf(
  probe: Probe,
  container: ContainerLife,
  program: Program,
  age: number,
  forced: boolean,
  ip: string,
): string | undefined {
  if (probe.exec) {
    const words = probe.exec.command ?? []
    const { code } = outcomeOf(words)
    return forced || code !== 0 ? `command "${words.join(' ')}" failed` : undefined
  }
  const given = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port
  const port = container.spec.ports?.find(({ name }) => name === given)?.containerPort ?? given
  const path = probe.httpGet?.path ?? '/'
  const refused =
    age < program.listensAfter || (program.port !== undefined && port !== program.port)
  if (refused || (forced && !probe.httpGet)) {
    const dial = `dial tcp ${ip}:${port}: connect: connection refused`
    return probe.httpGet
      ? `Get "${(probe.httpGet.scheme ?? 'HTTP').toLowerCase()}://${ip}:${port}${path}": ${dial}`
      : dial
  }
  if (forced) return 'HTTP probe failed with statuscode: 500'
  if (!probe.httpGet || !program.pages) return undefined
  const page = path.split('?')[0] ?? path
  return program.pages.includes(page) ? undefined : 'HTTP probe failed with statuscode: 404'
}
