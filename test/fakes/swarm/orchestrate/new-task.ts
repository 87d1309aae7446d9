import type { ServiceRecord, TaskRecord, TaskTemplate } from '../store/objects.ts'
import type { Store } from '../store/store.ts'

export interface Birth {
  readonly slot?: number | undefined
  /** Global: the node it is for. */
  readonly node?: string | undefined
  readonly desired: 'ready' | 'running' | 'complete'
  readonly iteration?: number | undefined
}

/** A task of the service as it is now, waiting for a node. */
export function newTask(store: Store, service: ServiceRecord, birth: Birth): TaskRecord {
  const { Spec, ID, specVersion } = service
  const { slot, node, desired, iteration } = birth
  const task: TaskRecord = {
    ...store.born(),
    Labels: {},
    Spec: templateOf(Spec.TaskTemplate),
    ServiceID: ID,
    ...(slot ? { Slot: slot } : {}),
    ...(node === undefined ? {} : { NodeID: node }),
    Status: {
      Timestamp: store.stamps.text(),
      State: 'new',
      Message: 'created',
      PortStatus: {},
    },
    DesiredState: desired,
    ...(iteration === undefined ? {} : { JobIteration: iteration ? { Index: iteration } : {} }),
    specVersion,
    place: node ?? String(slot ?? 0),
    endpoint: Spec.EndpointSpec,
    serviceLabels: Spec.Labels,
    serviceName: Spec.Name,
    app: appOf(service),
  }
  store.addTask(task)
  return task
}

/** Tasks do not tell what runs them. */
function templateOf({ Runtime: _, ...template }: TaskTemplate): TaskTemplate {
  return template
}

/** What the world calls the app whose levers work on it: what our adapter says, else the service's name. */
export function appOf({ Spec }: Pick<ServiceRecord, 'Spec'>): `/${string}` {
  const named = Spec.Labels?.['intermodal.app']
  return named?.startsWith('/') ? (named as `/${string}`) : `/${Spec.Name}`
}
