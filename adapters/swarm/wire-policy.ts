/** The parts of a service's spec that say how many, where and how; see wire.ts for the units. */

export interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number }
  readonly Global?: Readonly<Record<string, never>>
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number }
  readonly GlobalJob?: Readonly<Record<string, never>>
}

export interface ResourceRequirements {
  readonly Limits?: {
    readonly NanoCPUs?: number
    readonly MemoryBytes?: number
    readonly Pids?: number
  }
  readonly Reservations?: {
    readonly NanoCPUs?: number
    readonly MemoryBytes?: number
    readonly GenericResources?: readonly GenericResource[]
  }
  /** Both since 1.52. */
  readonly SwapBytes?: number
  readonly MemorySwappiness?: number
}

export interface GenericResource {
  readonly DiscreteResourceSpec?: { readonly Kind?: string; readonly Value?: number }
  readonly NamedResourceSpec?: { readonly Kind?: string; readonly Value?: string }
}

export interface RestartPolicy {
  readonly Condition?: 'none' | 'on-failure' | 'any'
  readonly Delay?: number
  readonly MaxAttempts?: number
  readonly Window?: number
}

export interface Placement {
  readonly Constraints?: readonly string[]
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor: string } }[]
  /** Per node; 0 is without limit. */
  readonly MaxReplicas?: number
  readonly Platforms?: readonly Platform[]
}

export interface Platform {
  readonly Architecture?: string
  readonly OS?: string
}

export interface UpdateConfig {
  /** 0, and absent in a block that is there: all at once. */
  readonly Parallelism?: number
  readonly Delay?: number
  readonly FailureAction?: 'pause' | 'continue' | 'rollback'
  readonly Monitor?: number
  readonly MaxFailureRatio?: number
  readonly Order?: 'stop-first' | 'start-first'
}

export interface EndpointSpec {
  readonly Mode?: 'vip' | 'dnsrr'
  readonly Ports?: readonly PortConfig[]
}

export interface PortConfig {
  readonly Name?: string
  readonly Protocol?: 'tcp' | 'udp' | 'sctp'
  readonly TargetPort?: number
  readonly PublishedPort?: number
  readonly PublishMode?: 'ingress' | 'host'
}

export interface Privileges {
  readonly CredentialSpec?: unknown
  readonly SELinuxContext?: unknown
  /** These three since 1.44. */
  readonly Seccomp?: unknown
  readonly AppArmor?: unknown
  readonly NoNewPrivileges?: boolean
}

export interface Healthcheck {
  /** `["CMD", …]`, `["CMD-SHELL", line]` or `["NONE"]`; empty: the image's own. */
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  /** Since 1.44. */
  readonly StartInterval?: number
  readonly Retries?: number
}

export interface Mount {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster'
  readonly Source?: string
  readonly Target: string
  readonly ReadOnly?: boolean
  readonly Consistency?: string
  readonly BindOptions?: Readonly<Record<string, unknown>>
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean
    readonly Labels?: Readonly<Record<string, string>>
    readonly DriverConfig?: {
      readonly Name?: string
      readonly Options?: Readonly<Record<string, string>>
    }
    readonly Subpath?: string
  }
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number }
  readonly ClusterOptions?: Readonly<Record<string, unknown>>
}
