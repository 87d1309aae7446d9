import type { AppDefinition, PodDefinition } from './wire.ts'

/** What a server answers. Everything may be missing, and older servers write `null`. */

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
