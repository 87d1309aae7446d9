import type { AppId, AppInput, AppKind } from 'intermodal'
import type { CanonicalSpec } from './canonical.ts'
import { readContainer } from './container.ts'
import { readFiles } from './files.ts'
import { idOfService, KIND, readLabels } from './labels.ts'
import { readMounts } from './mounts.ts'
import type { SwarmNative } from './native.ts'
import { readNetwork, readPorts } from './network.ts'
import { readPlacement } from './placement.ts'
import { readResources, readRestart } from './task.ts'
import { readUpdate } from './update-config.ts'
import type { ServiceSpec } from './wire.ts'

/** Every container has an image; a service that runs a plugin has no container. */
export const NO_IMAGE = 'none'

/**
 * Swarm's words in the model's, as far as they go: what is missing is found by translating the result. `spec` is the
 * service in its canonical form.
 */
export function read(native: SwarmNative, spec: CanonicalSpec): AppInput {
  const { service } = native
  const id = idOfService(service)
  const kind = kindOf(service)
  const { TaskTemplate: task, Mode } = spec
  const container = task.ContainerSpec ?? {}
  const job = Mode.ReplicatedJob
  const files = readFiles(container, native.configs)
  return {
    id,
    ...(kind === 'service' ? {} : { kind }),
    ...(Mode.Replicated?.Replicas === undefined ? {} : { replicas: Mode.Replicated.Replicas }),
    ...(job
      ? { job: { completions: job.TotalCompletions ?? 1, parallelism: job.MaxConcurrent ?? 1 } }
      : {}),
    image: NO_IMAGE,
    ...readContainer(container),
    ...readLabels(service.Labels),
    // Ports lose their names in the canonical form.
    ports: readPorts(service.EndpointSpec),
    ...readNetworks(id, spec.TaskTemplate.Networks),
    ...files,
    // Claims are known by a label of ours, which the canonical form leaves in place.
    volumes: { ...readMounts(container.Mounts ?? []), ...files.volumes },
    ...(task.Resources ? { resources: readResources(task.Resources) } : {}),
    ...(task.RestartPolicy ? { restart: readRestart(task.RestartPolicy, kind === 'job') } : {}),
    ...(task.Placement ? { placement: readPlacement(task.Placement) } : {}),
    ...(spec.UpdateConfig ? { update: readUpdate(spec.UpdateConfig) } : {}),
  } as AppInput
}

function readNetworks(id: AppId, attachments: ServiceSpec['Networks']): Pick<AppInput, 'network'> {
  const network = readNetwork(id, attachments ?? [])
  return network === undefined ? {} : { network }
}

/** `stateful` differs from `service` in nothing Swarm knows, so the label decides between the two. */
export function kindOf({ Mode, Labels }: ServiceSpec): AppKind {
  if (Mode?.Global) return 'daemon'
  if (Mode?.ReplicatedJob ?? Mode?.GlobalJob) return 'job'
  return Labels?.[KIND] === 'stateful' ? 'stateful' : 'service'
}
