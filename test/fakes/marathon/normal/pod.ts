import type { PodBody } from '../schema/pod.ts'
import { completeUnreachable, type Setup } from './app.ts'
import type { PathId } from './paths.ts'
import { present } from './present.ts'

type Filled = 'labels' | 'networks' | 'scaling' | 'scheduling' | 'executorResources'

/** A pod as it is stored, with Marathon's defaults. */
export type PodDefinition = Omit<PodBody, 'id' | 'version' | Filled> & {
  [Field in Filled]: NonNullable<PodBody[Field]>
} & { id: PathId }

export function completePod(body: PodBody, id: PathId, setup: Setup): PodDefinition {
  const { version: _, executorResources, ...rest } = body
  const { dialect, role, network } = setup
  const scheduling = body.scheduling ?? {}
  return {
    labels: {},
    ...present(rest),
    id,
    containers: body.containers.map((container) => ({
      ...container,
      resources: { disk: 0, gpus: 0, ...container.resources },
      ...(container.endpoints
        ? {
            endpoints: container.endpoints.map((one) => ({ protocol: ['tcp'], ...one })),
          }
        : {}),
      ...(container.healthCheck
        ? {
            healthCheck: {
              gracePeriodSeconds: 300,
              intervalSeconds: 60,
              maxConsecutiveFailures: 3,
              timeoutSeconds: 20,
              delaySeconds: 15,
              ...container.healthCheck,
            },
          }
        : {}),
    })),
    networks: (body.networks ?? [{ mode: 'host' }]).map((one) => ({
      ...(network !== undefined && (one.mode ?? 'container') === 'container'
        ? { name: network }
        : {}),
      mode: 'container',
      ...one,
    })),
    scaling: { kind: 'fixed', instances: body.scaling?.instances ?? 1 },
    scheduling: {
      ...scheduling,
      backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300, ...scheduling.backoff },
      upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1, ...scheduling.upgrade },
      placement: { ...scheduling.placement },
      killSelection: scheduling.killSelection ?? 'YOUNGEST_FIRST',
      unreachableStrategy: completeUnreachable(scheduling.unreachableStrategy, false, dialect),
    },
    executorResources: { cpus: 0.1, mem: 32, disk: 10, ...executorResources },
    ...(dialect.since('1.9') ? { role: body.role ?? role } : {}),
  }
}
