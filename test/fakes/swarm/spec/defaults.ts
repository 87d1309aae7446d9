import type { ServiceSpec } from '../store/objects.ts'

const POLICY = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5e9,
  MaxFailureRatio: 0,
  Order: 'stop-first',
} as const

/** The spec with what the engine goes by where nothing is said: `insertDefaults`. */
export function withDefaults(spec: ServiceSpec): ServiceSpec {
  const { TaskTemplate: template } = spec
  const { ContainerSpec: container, RestartPolicy } = template
  const { Resources, Placement, Networks, LogDriver, ForceUpdate, Runtime } = template
  const job = spec.Mode?.ReplicatedJob !== undefined || spec.Mode?.GlobalJob !== undefined
  return {
    Name: spec.Name,
    ...(spec.Labels ? { Labels: spec.Labels } : {}),
    TaskTemplate: {
      ContainerSpec: {
        ...container,
        StopGracePeriod: container?.StopGracePeriod ?? 10e9,
        DNSConfig: container?.DNSConfig ?? {},
      },
      Resources: Resources ?? {},
      RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0, ...RestartPolicy },
      Placement: Placement ?? {},
      ...(Networks ? { Networks } : {}),
      ...(LogDriver ? { LogDriver } : {}),
      ForceUpdate: ForceUpdate ?? 0,
      ...(Runtime ? { Runtime } : {}),
    },
    ...(spec.Mode ? { Mode: spec.Mode } : {}),
    ...(job
      ? {}
      : {
          UpdateConfig: { ...POLICY, ...spec.UpdateConfig },
          RollbackConfig: { ...POLICY, ...spec.RollbackConfig },
        }),
    EndpointSpec: { Mode: 'vip', ...spec.EndpointSpec },
  }
}
