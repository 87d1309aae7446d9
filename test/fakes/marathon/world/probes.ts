import type { App, Probe } from 'intermodal'
import type { AppSpec, PodSpec, Spec } from '../store/root.ts'

/** For `maxConsecutiveFailures: 0`: the scheduler's own checks never kill then. */
const NEVER = 1_000_000_000

interface Check {
  readonly intervalSeconds?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly delaySeconds?: number | undefined
  readonly gracePeriodSeconds?: number | undefined
  readonly maxConsecutiveFailures?: number | undefined
  /** Whether agents check, not the scheduler. */
  readonly onAgent: boolean
}

/**
 * Health checks end instances, and gate deployments: both kinds of the world's. A readiness check only gates. How often
 * and how patiently is what counts; what is asked, the world does not ask.
 */
export function probesOf(spec: Spec): App['probes'] {
  const check = spec.kind === 'app' ? checkOfApp(spec) : checkOfPod(spec)
  const readiness = spec.kind === 'app' ? spec.definition.readinessChecks?.[0] : undefined
  return {
    ...(check ? { liveness: liveness(check) } : {}),
    ...(readiness
      ? {
          readiness: probe({
            interval: readiness.intervalSeconds ?? 30,
            timeout: readiness.timeoutSeconds ?? 10,
          }),
        }
      : check
        ? { readiness: { ...liveness(check), failureThreshold: 1, startPeriod: 0 } }
        : {}),
  }
}

function checkOfApp({ definition }: AppSpec): Check | undefined {
  const checks = definition.healthChecks ?? []
  const [first] = checks
  if (!first) return undefined
  const { protocol = 'HTTP' } = first
  return { ...first, onAgent: protocol.startsWith('MESOS_') || protocol === 'COMMAND' }
}

function checkOfPod({ definition }: PodSpec): Check | undefined {
  const check = definition.containers.find(({ healthCheck }) => healthCheck)?.healthCheck
  return check && { ...check, onAgent: true }
}

function liveness(check: Check): Probe {
  const { intervalSeconds = 60, timeoutSeconds = 20, maxConsecutiveFailures = 3 } = check
  const kills = maxConsecutiveFailures > 0 ? maxConsecutiveFailures : check.onAgent ? 1 : NEVER
  return {
    ...probe({ interval: intervalSeconds, timeout: timeoutSeconds }),
    failureThreshold: kills,
    initialDelay: (check.onAgent ? (check.delaySeconds ?? 15) : 0) * 1000,
    startPeriod: (check.gracePeriodSeconds ?? 300) * 1000,
  }
}

function probe({
  interval,
  timeout,
}: {
  readonly interval: number
  readonly timeout: number
}): Probe {
  return {
    type: 'http',
    path: '/',
    interval: Math.max(1, interval) * 1000,
    timeout: timeout * 1000,
    failureThreshold: 1,
    successThreshold: 1,
    initialDelay: 0,
    startPeriod: 0,
  }
}
