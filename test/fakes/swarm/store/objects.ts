import type { NodeRecord } from '../../../../adapters/simulated/world/model.ts'
import type {
  Config,
  ConfigSpec,
  Node,
  Secret,
  SecretSpec,
  Service,
  ServiceSpec,
  Task,
  TaskTemplate,
  UpdateStatus,
} from '../../../../adapters/swarm/wire.ts'
import type { PortConfig } from '../../../../adapters/swarm/wire-policy.ts'

export type { PortConfig, ServiceSpec, TaskTemplate, UpdateStatus }

/** Of an object of the API what is its own; the rest is what every object has. */
type Own<T> = { -readonly [K in keyof Omit<T, keyof Stored>]: Omit<T, keyof Stored>[K] }

/** What every object of the raft store has. */
interface Stored {
  readonly ID: string
  Version: { readonly Index: number }
  readonly CreatedAt: string
  UpdatedAt: string
}

export interface ServiceRecord extends Own<Omit<Service, 'ServiceStatus'>>, Stored {
  /** Which writing of the spec this is; going back takes the old number along. Never told. */
  specVersion: number
  previousSpecVersion?: number | undefined
}

export interface TaskRecord extends Own<Task>, Stored {
  readonly specVersion: number
  /** What holds its history together: the number of its slot, or the node it is for. */
  readonly place: string
  /** What the endpoint was when it was made. */
  readonly endpoint: ServiceSpec['EndpointSpec']
  /** Of the service when it was made: filters look for them. */
  readonly serviceLabels: ServiceSpec['Labels']
  readonly serviceName: string
  /** Whose levers of the world work on it. */
  readonly app: `/${string}`
}

export interface NodeObject extends Own<Node>, Stored {
  readonly record: NodeRecord
}

export interface SecretRecord extends Own<Secret>, Stored {
  Spec: SecretSpec
}

export interface ConfigRecord extends Own<Config>, Stored {
  Spec: ConfigSpec
}

export interface NetworkRecord extends Stored {
  readonly name: string
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly driver: string
  readonly attachable: boolean
  readonly internal: boolean
  readonly ingress: boolean
  readonly ipv6: boolean
  readonly options: Readonly<Record<string, string>>
  readonly subnet: string
  readonly gateway: string
  readonly vxlan: number
  /** Given with its creation; otherwise the pool gave one. */
  readonly ownPool: boolean
  /** The last address given out. */
  lastAddress: number
}

export type Kind = 'service' | 'node' | 'secret' | 'config' | 'network'

/** A task that has come to its end, whatever end. */
export function isOver({ Status }: Pick<TaskRecord, 'Status'>): boolean {
  return rank(Status.State) > RUNNING
}

const ORDER = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
]

export function rank(state: string): number {
  return ORDER.indexOf(state)
}

export const [READY, RUNNING, COMPLETE] = [rank('ready'), rank('running'), rank('complete')]
export const ASSIGNED = rank('assigned')
