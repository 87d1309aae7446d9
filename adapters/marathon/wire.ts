/**
 * Marathon's words, as its API writes them. Only what is read or written here; what else a server answers is carried
 * along and never in the way. Numbers are cores, MiB, seconds.
 */

export interface Network {
  readonly mode?: 'host' | 'container' | 'container/bridge'
  readonly name?: string
  readonly labels?: Labels
}

export type Labels = Readonly<Record<string, string>>

export interface PortDefinition {
  readonly port?: number
  readonly name?: string
  readonly protocol?: string
  readonly labels?: Labels
}

export interface PortMapping {
  readonly containerPort?: number
  readonly hostPort?: number
  readonly servicePort?: number
  readonly name?: string
  readonly protocol?: string
  readonly labels?: Labels
  readonly networkNames?: readonly string[]
}

/** Before 1.5: the one container network of an app. */
export interface IpAddress {
  readonly networkName?: string
  readonly labels?: Labels
  readonly groups?: readonly string[]
  readonly discovery?: {
    readonly ports?: readonly {
      readonly number?: number
      readonly name?: string
      readonly protocol?: string
      readonly labels?: Labels
    }[]
  }
}

export interface HealthCheck {
  readonly protocol?: string
  readonly path?: string
  readonly port?: number
  readonly portIndex?: number
  readonly command?: { readonly value: string }
  readonly gracePeriodSeconds?: number
  readonly intervalSeconds?: number
  readonly timeoutSeconds?: number
  readonly maxConsecutiveFailures?: number
  readonly delaySeconds?: number
  readonly ignoreHttp1xx?: boolean
  readonly ipProtocol?: string
}

/** A union without a tag: told apart by which of the last keys is there. */
export interface AppVolume {
  readonly containerPath?: string
  readonly mode?: 'RO' | 'RW'
  readonly hostPath?: string
  readonly persistent?: {
    readonly type?: string
    readonly size?: number
    readonly maxSize?: number
    readonly profileName?: string
    readonly constraints?: readonly (readonly string[])[]
  }
  readonly external?: {
    readonly name?: string
    readonly provider?: string
    readonly size?: number
    readonly options?: Readonly<Record<string, unknown>>
    readonly shared?: boolean
  }
  readonly secret?: string
}

export interface DockerInfo {
  readonly image?: string
  readonly forcePullImage?: boolean
  readonly privileged?: boolean
  readonly parameters?: readonly { readonly key: string; readonly value: string }[]
  readonly pullConfig?: { readonly secret: string }
  readonly network?: string
  readonly portMappings?: readonly PortMapping[]
  readonly credential?: { readonly principal: string; readonly secret?: string }
}

export interface Container {
  readonly type?: 'DOCKER' | 'MESOS'
  readonly docker?: DockerInfo
  readonly volumes?: readonly AppVolume[]
  readonly portMappings?: readonly PortMapping[]
  readonly linuxInfo?: Readonly<Record<string, unknown>>
}

export type EnvVar = string | { readonly secret: string }

export interface ResourceLimits {
  readonly cpus?: number | 'unlimited'
  readonly mem?: number | 'unlimited'
}

export type UnreachableStrategy =
  | 'disabled'
  | { readonly inactiveAfterSeconds?: number; readonly expungeAfterSeconds?: number }

export interface UpgradeStrategy {
  readonly minimumHealthCapacity?: number
  readonly maximumOverCapacity?: number
}

/** An app as it is written to `/v2/apps`, in either form: before 1.5 and since. */
export interface AppDefinition {
  readonly id: string
  readonly cmd?: string
  readonly args?: readonly string[]
  readonly user?: string
  readonly instances?: number
  readonly cpus?: number
  readonly mem?: number
  readonly disk?: number
  readonly gpus?: number
  readonly resourceLimits?: ResourceLimits
  readonly executorResources?: Readonly<Record<string, number>>
  readonly executor?: string
  readonly env?: Readonly<Record<string, EnvVar>>
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly labels?: Labels
  readonly constraints?: readonly (readonly string[])[]
  readonly acceptedResourceRoles?: readonly string[]
  readonly role?: string
  readonly networks?: readonly Network[]
  readonly portDefinitions?: readonly PortDefinition[]
  readonly ports?: readonly number[]
  readonly requirePorts?: boolean
  readonly ipAddress?: IpAddress
  readonly container?: Container
  readonly healthChecks?: readonly HealthCheck[]
  readonly check?: Readonly<Record<string, unknown>>
  readonly readinessChecks?: readonly Readonly<Record<string, unknown>>[]
  readonly upgradeStrategy?: UpgradeStrategy
  readonly killSelection?: string
  readonly unreachableStrategy?: UnreachableStrategy
  readonly taskKillGracePeriodSeconds?: number
  readonly backoffSeconds?: number
  readonly backoffFactor?: number
  readonly maxLaunchDelaySeconds?: number
  readonly dependencies?: readonly string[]
  readonly fetch?: readonly Readonly<Record<string, unknown>>[]
  readonly uris?: readonly string[]
  readonly tty?: boolean
  readonly residency?: Readonly<Record<string, unknown>>
}

export interface PodHealthCheck {
  readonly http?: {
    readonly endpoint?: string
    readonly path?: string
    readonly scheme?: string
  }
  readonly tcp?: { readonly endpoint?: string }
  readonly exec?: { readonly command: MesosCommand }
  readonly gracePeriodSeconds?: number
  readonly intervalSeconds?: number
  readonly timeoutSeconds?: number
  readonly maxConsecutiveFailures?: number
  readonly delaySeconds?: number
}

export interface MesosCommand {
  readonly shell?: string
  readonly argv?: readonly string[]
}

export interface Endpoint {
  readonly name: string
  readonly containerPort?: number
  readonly hostPort?: number
  readonly protocol?: readonly string[]
  readonly labels?: Labels
  readonly networkNames?: readonly string[]
}

export interface PodContainer {
  readonly name: string
  readonly exec?: { readonly command: MesosCommand; readonly overrideEntrypoint?: boolean }
  readonly resources?: {
    readonly cpus?: number
    readonly mem?: number
    readonly disk?: number
    readonly gpus?: number
  }
  readonly resourceLimits?: ResourceLimits
  readonly endpoints?: readonly Endpoint[]
  readonly image?: {
    readonly kind: 'DOCKER'
    readonly id: string
    readonly forcePull?: boolean
    readonly pullConfig?: { readonly secret: string }
    readonly labels?: Labels
  }
  readonly environment?: Readonly<Record<string, EnvVar>>
  readonly user?: string
  readonly healthCheck?: PodHealthCheck
  readonly volumeMounts?: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
  readonly artifacts?: readonly Readonly<Record<string, unknown>>[]
  readonly labels?: Labels
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number }
  readonly tty?: boolean
  readonly linuxInfo?: Readonly<Record<string, unknown>>
}

export interface PodVolume {
  readonly name: string
  readonly host?: string
  readonly secret?: string
  readonly persistent?: AppVolume['persistent']
}

/** A pod as it is written to `/v2/pods`. */
export interface PodDefinition {
  readonly id: string
  readonly labels?: Labels
  readonly user?: string
  readonly environment?: Readonly<Record<string, EnvVar>>
  readonly containers: readonly PodContainer[]
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly volumes?: readonly PodVolume[]
  readonly networks?: readonly Network[]
  readonly scaling?: { readonly kind: 'fixed'; readonly instances?: number }
  readonly scheduling?: {
    readonly backoff?: {
      readonly backoff?: number
      readonly backoffFactor?: number
      readonly maxLaunchDelay?: number
    }
    readonly upgrade?: UpgradeStrategy
    readonly placement?: {
      readonly constraints?: readonly {
        readonly fieldName: string
        readonly operator: string
        readonly value?: string
      }[]
      readonly acceptedResourceRoles?: readonly string[]
    }
    readonly killSelection?: string
    readonly unreachableStrategy?: UnreachableStrategy
  }
  readonly executorResources?: Readonly<Record<string, number>>
  readonly role?: string
  readonly linuxInfo?: Readonly<Record<string, unknown>>
  readonly legacySharedCgroups?: boolean
}

export interface GroupDefinition {
  readonly id?: string
  readonly apps?: readonly AppDefinition[]
  readonly pods?: readonly PodDefinition[]
  readonly groups?: readonly GroupDefinition[]
  readonly dependencies?: readonly string[]
  readonly enforceRole?: boolean
  readonly version?: string
}
