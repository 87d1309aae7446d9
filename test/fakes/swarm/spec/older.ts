import { isLess } from '../http/request.ts'
import type { ServiceSpec } from '../store/objects.ts'

/** What a client that speaks an older version can have meant: fields that came later are passed over. */
export function asOf<T extends Pick<ServiceSpec, 'TaskTemplate' | 'Mode'>>(
  version: string | undefined,
  spec: T,
): T {
  if (version === undefined || !isLess(version, '1.41')) return spec
  const { ContainerSpec, Resources, Placement } = spec.TaskTemplate
  const older = isLess(version, '1.40')
  const later = ['CapabilityAdd', 'CapabilityDrop', 'Ulimits', ...(older ? ['Sysctls'] : [])]
  return {
    ...spec,
    Mode: without(spec.Mode, 'ReplicatedJob', 'GlobalJob'),
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: without(ContainerSpec, ...later),
      ...(Resources && {
        Resources: { ...Resources, ...limits(Resources) },
      }),
      ...(Placement && { Placement: older ? without(Placement, 'MaxReplicas') : Placement }),
    },
  }
}

function limits({ Limits }: NonNullable<ServiceSpec['TaskTemplate']['Resources']>): object {
  return Limits ? { Limits: without(Limits, 'Pids') } : {}
}

function without<T>(object: T, ...keys: readonly string[]): T {
  return Object.fromEntries(
    Object.entries(object ?? {}).filter(([key]) => !keys.includes(key)),
  ) as T
}
