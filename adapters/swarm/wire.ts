import type {
  EndpointSpec,
  GenericResource,
  Healthcheck,
  Mount,
  Placement,
  Platform,
  PortConfig,
  Privileges,
  ResourceRequirements,
  RestartPolicy,
  ServiceMode,
  UpdateConfig,
} from './wire-policy.ts'

/**
 * What the Engine API says, as `GET` returns it: version 1.41, and what later versions added. Written from the API's
 * own description; the types published for dockerode disagree with the wire (`HealthCheck`, `GenericResource`).
 *
 * Durations are nanoseconds, cpus are billionths of a core, memory is bytes, file modes are decimal.
 */
export interface ServiceSpec {
  readonly Name: string
  readonly Labels?: Labels
  readonly TaskTemplate: TaskTemplate
  readonly Mode?: ServiceMode
  readonly UpdateConfig?: UpdateConfig
  readonly RollbackConfig?: UpdateConfig
  /** Deprecated since 1.44; the ones in the task template are meant. */
  readonly Networks?: readonly NetworkAttachment[]
  readonly EndpointSpec?: EndpointSpec
}

export type Labels = Readonly<Record<string, string>>

export interface TaskTemplate {
  readonly ContainerSpec?: ContainerSpec
  readonly Resources?: ResourceRequirements
  readonly RestartPolicy?: RestartPolicy
  readonly Placement?: Placement
  readonly Networks?: readonly NetworkAttachment[]
  readonly LogDriver?: {
    readonly Name?: string
    readonly Options?: Readonly<Record<string, string>>
  }
  readonly ForceUpdate?: number
  readonly Runtime?: string
}

export interface ContainerSpec {
  readonly Image?: string
  readonly Labels?: Labels
  /** The image's ENTRYPOINT is replaced by it. */
  readonly Command?: readonly string[]
  /** The image's CMD is replaced by it. */
  readonly Args?: readonly string[]
  readonly Hostname?: string
  readonly Env?: readonly string[]
  readonly Dir?: string
  readonly User?: string
  readonly Groups?: readonly string[]
  readonly Privileges?: Privileges
  readonly Init?: boolean | null
  readonly TTY?: boolean
  readonly OpenStdin?: boolean
  readonly ReadOnly?: boolean
  readonly Mounts?: readonly Mount[]
  readonly StopSignal?: string
  readonly StopGracePeriod?: number
  readonly Healthcheck?: Healthcheck
  readonly Hosts?: readonly string[]
  readonly DNSConfig?: {
    readonly Nameservers?: readonly string[]
    readonly Search?: readonly string[]
    readonly Options?: readonly string[]
  }
  readonly Secrets?: readonly SecretReference[]
  readonly Configs?: readonly ConfigReference[]
  readonly Isolation?: string
  readonly Sysctls?: Readonly<Record<string, string>>
  readonly CapabilityAdd?: readonly string[]
  readonly CapabilityDrop?: readonly string[]
  readonly Ulimits?: readonly {
    readonly Name: string
    readonly Soft: number
    readonly Hard: number
  }[]
  /** Since 1.46. */
  readonly OomScoreAdj?: number
}

export interface FileTarget {
  readonly Name: string
  readonly UID?: string
  readonly GID?: string
  readonly Mode?: number
}

/** On the wire both id and name are required; before they are resolved only the name is there, see `SwarmNative`. */
export interface SecretReference {
  readonly SecretID?: string
  readonly SecretName: string
  readonly File?: FileTarget
}

export interface ConfigReference {
  readonly ConfigID?: string
  readonly ConfigName: string
  readonly File?: FileTarget
  readonly Runtime?: unknown
}

export interface NetworkAttachment {
  /** A name when sent; always an id when read. */
  readonly Target: string
  readonly Aliases?: readonly string[]
  readonly DriverOpts?: Readonly<Record<string, string>>
}

interface Stored {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly CreatedAt: string
  readonly UpdatedAt: string
}

export interface Service extends Stored {
  readonly Spec: ServiceSpec
  readonly PreviousSpec?: ServiceSpec
  readonly Endpoint?: {
    readonly Spec?: EndpointSpec
    readonly Ports?: readonly PortConfig[]
    readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr?: string }[]
  }
  readonly UpdateStatus?: UpdateStatus
  /** With `?status=true`. */
  readonly ServiceStatus?: {
    readonly RunningTasks: number
    readonly DesiredTasks: number
    readonly CompletedTasks?: number
  }
  /** Jobs only. */
  readonly JobStatus?: {
    readonly JobIteration?: { readonly Index?: number }
    readonly LastExecution?: string
  }
}

export interface UpdateStatus {
  /** `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused`, `rollback_completed`. */
  readonly State?: string
  readonly StartedAt?: string
  readonly CompletedAt?: string
  readonly Message?: string
}

export interface Task extends Stored {
  readonly Labels?: Labels
  readonly Spec: TaskTemplate
  readonly ServiceID: string
  /** Absent for global services and, in jobs, for slot 0. */
  readonly Slot?: number
  readonly NodeID?: string
  readonly DesiredState: TaskState
  readonly Status: TaskStatus
  readonly NetworksAttachments?: readonly {
    readonly Network?: {
      readonly ID: string
      readonly Spec?: { readonly Name?: string; readonly Ingress?: boolean }
    }
    /** `10.0.1.4/24`. */
    readonly Addresses?: readonly string[]
  }[]
  readonly JobIteration?: { readonly Index?: number }
}

export interface TaskStatus {
  readonly Timestamp?: string
  readonly State: TaskState
  readonly Message?: string
  readonly Err?: string
  readonly ContainerStatus?: {
    readonly ContainerID?: string
    readonly PID?: number
    readonly ExitCode?: number
  }
  readonly PortStatus?: { readonly Ports?: readonly PortConfig[] }
}

/** In the order a task goes through them. */
export const TASK_STATES = [
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
] as const
export type TaskState = (typeof TASK_STATES)[number]

export interface Node extends Stored {
  readonly Spec: {
    readonly Name?: string
    readonly Labels?: Labels
    readonly Role?: 'worker' | 'manager'
    readonly Availability?: 'active' | 'pause' | 'drain'
  }
  readonly Description?: {
    readonly Hostname?: string
    readonly Platform?: Platform
    readonly Resources?: {
      readonly NanoCPUs?: number
      readonly MemoryBytes?: number
      readonly GenericResources?: readonly GenericResource[]
    }
    readonly Engine?: { readonly EngineVersion?: string; readonly Labels?: Labels }
  }
  readonly Status: {
    readonly State: 'unknown' | 'down' | 'ready' | 'disconnected'
    readonly Message?: string
    readonly Addr?: string
  }
  readonly ManagerStatus?: {
    readonly Leader?: boolean
    readonly Reachability?: string
    readonly Addr?: string
  }
}

/** The body of `POST /networks/create`. */
export interface NetworkSpec {
  readonly Name: string
  readonly Driver?: string
  readonly Attachable?: boolean
  readonly Labels?: Labels
  readonly Options?: Readonly<Record<string, string>>
}

/** A row of `GET /networks`. */
export interface Network {
  readonly Id: string
  readonly Name: string
  readonly Driver?: string
  readonly Scope?: string
  readonly Ingress?: boolean
  readonly Labels?: Labels | null
}

export interface SecretSpec {
  readonly Name: string
  readonly Labels?: Labels
  /** Base64; never there when read. */
  readonly Data?: string
}

export interface ConfigSpec {
  readonly Name: string
  readonly Labels?: Labels
  /** Base64. */
  readonly Data?: string
}

export interface Secret extends Stored {
  readonly Spec: SecretSpec
}

export interface Config extends Stored {
  readonly Spec: ConfigSpec
}

/** `status`, `id` and `from` are gone since 1.52 and not read. */
export interface Event {
  readonly Type: string
  readonly Action: string
  readonly Actor: {
    readonly ID: string
    readonly Attributes?: Readonly<Record<string, string>>
  }
  readonly scope?: string
  readonly time?: number
  readonly timeNano?: number
}
