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

// ---- answers: everything may be missing, older servers write `null` ----

export interface HealthResult {
  readonly alive?: boolean | null
  readonly consecutiveFailures?: number
  readonly firstSuccess?: string | null
  readonly lastSuccess?: string | null
  readonly lastFailure?: string | null
  readonly lastFailureCause?: string | null
}

export interface Task {
  readonly id: string
  readonly appId?: string
  readonly host?: string | null
  readonly slaveId?: string | null
  readonly state?: string
  readonly stagedAt?: string | null
  readonly startedAt?: string | null
  readonly version?: string | null
  readonly ports?: readonly number[] | null
  readonly ipAddresses?: readonly { readonly ipAddress?: string }[] | null
  readonly healthCheckResults?: readonly (HealthResult | null)[] | null
  readonly localVolumes?: readonly unknown[] | null
}

export interface TaskFailure {
  readonly appId?: string
  readonly host?: string
  readonly message?: string
  readonly state?: string
  readonly taskId?: string
  readonly timestamp?: string
  readonly version?: string
}

export interface ReadinessResult {
  readonly name?: string
  readonly taskId?: string
  readonly ready?: boolean
  readonly lastResponse?: { readonly status?: number } | null
}

/** What a server answers for one app: its definition and what was embedded. */
export interface AppInfo extends AppDefinition {
  readonly version?: string
  readonly versionInfo?: {
    readonly lastScalingAt?: string
    readonly lastConfigChangeAt?: string
  } | null
  readonly tasks?: readonly Task[] | null
  readonly tasksStaged?: number
  readonly tasksRunning?: number
  readonly tasksHealthy?: number
  readonly tasksUnhealthy?: number
  readonly deployments?: readonly { readonly id: string }[] | null
  readonly lastTaskFailure?: TaskFailure | null
  readonly readinessCheckResults?: readonly ReadinessResult[] | null
}

export interface DeploymentAction {
  readonly action?: string
  /** Before 1.0. */
  readonly type?: string
  readonly app?: string
  readonly pod?: string
  readonly readinessCheckResults?: readonly ReadinessResult[]
}

export interface Deployment {
  readonly id: string
  readonly version?: string
  readonly affectedApps?: readonly string[]
  readonly affectedPods?: readonly string[]
  /** Before 1.0 a step was a bare list of actions. */
  readonly steps?: readonly (
    | { readonly actions?: readonly DeploymentAction[] }
    | readonly DeploymentAction[]
  )[]
  readonly currentActions?: readonly DeploymentAction[]
  readonly currentStep?: number
  readonly totalSteps?: number
}

export interface RejectStep {
  readonly reason?: string
  readonly declined?: number
  readonly processed?: number
}

export interface QueueItem {
  readonly count?: number
  readonly delay?: { readonly timeLeftSeconds?: number; readonly overdue?: boolean } | null
  readonly since?: string
  readonly processedOffersSummary?: {
    readonly processedOffersCount?: number
    readonly unusedOffersCount?: number
    readonly rejectSummaryLastOffers?: readonly RejectStep[]
    readonly rejectSummaryLaunchAttempt?: readonly RejectStep[]
  } | null
  readonly app?: { readonly id?: string }
  readonly pod?: { readonly id?: string }
}

export interface PodContainerStatus {
  readonly name?: string
  readonly status?: string
  readonly message?: string
  readonly containerId?: string
  readonly conditions?: readonly { readonly name?: string; readonly value?: string }[]
  readonly termination?: { readonly exitCode?: number; readonly message?: string } | null
  readonly endpoints?: readonly {
    readonly name?: string
    readonly allocatedHostPort?: number
    readonly healthy?: boolean | null
  }[]
}

export interface PodInstanceStatus {
  readonly id: string
  readonly status?: string
  readonly statusSince?: string
  readonly message?: string
  readonly agentHostname?: string
  readonly networks?: readonly { readonly addresses?: readonly string[] }[]
  readonly containers?: readonly PodContainerStatus[]
  readonly specReference?: string
  readonly lastUpdated?: string
}

export interface PodStatus {
  readonly id: string
  readonly spec?: PodDefinition & { readonly version?: string }
  readonly status?: string
  readonly statusSince?: string
  readonly instances?: readonly PodInstanceStatus[] | null
  readonly terminationHistory?:
    | readonly {
        readonly instanceID?: string
        readonly startedAt?: string
        readonly terminatedAt?: string
        readonly message?: string
        readonly containers?: readonly {
          readonly containerId?: string
          readonly lastKnownState?: string
          readonly termination?: { readonly exitCode?: number; readonly message?: string } | null
        }[]
      }[]
    | null
}

export interface ServerInfo {
  readonly name?: string
  readonly version?: string
  readonly leader?: string | null
  readonly elected?: boolean
  readonly marathon_config?: { readonly features?: readonly string[] } | null
}

/** The answer to every accepted change; pods answer otherwise, and say it in a header. */
export interface DeploymentResult {
  readonly version?: string
  readonly deploymentId?: string
}
