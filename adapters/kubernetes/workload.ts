import type {
  Condition,
  KubernetesObject,
  LabelSelector,
  ObjectMeta,
  PodSpec,
  PodTemplate,
} from './wire.ts'

/** What runs an app's pods, and what an app is interpreted from: the first of its objects. */
export interface Deployment extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string
        readonly maxUnavailable?: number | string
      }
    }
    readonly minReadySeconds?: number
    readonly progressDeadlineSeconds?: number
    readonly paused?: boolean
    readonly [key: string]: unknown
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly unavailableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly serviceName?: string
    readonly template?: PodTemplate
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly partition?: number
        readonly maxUnavailable?: number | string
      }
    }
    readonly minReadySeconds?: number
    readonly volumeClaimTemplates?: readonly KubernetesObject[]
    readonly [key: string]: unknown
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly currentReplicas?: number
    readonly updatedReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly conditions?: readonly Condition[]
  }
}

export interface DaemonSet extends KubernetesObject {
  readonly spec?: {
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
    readonly updateStrategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string
        readonly maxUnavailable?: number | string
      }
    }
    readonly minReadySeconds?: number
    readonly [key: string]: unknown
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly desiredNumberScheduled?: number
    readonly currentNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberReady?: number
    readonly numberAvailable?: number
    readonly numberUnavailable?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface JobSpec {
  readonly completions?: number
  readonly parallelism?: number
  readonly activeDeadlineSeconds?: number
  readonly backoffLimit?: number
  readonly suspend?: boolean
  readonly selector?: LabelSelector
  readonly template?: PodTemplate
  readonly [key: string]: unknown
}

export interface Job extends KubernetesObject {
  readonly spec?: JobSpec
  readonly status?: {
    readonly active?: number
    readonly succeeded?: number
    readonly failed?: number
    readonly startTime?: string | null
    readonly completionTime?: string | null
    readonly conditions?: readonly Condition[]
  }
}

export interface CronJob extends KubernetesObject {
  readonly spec?: {
    readonly schedule?: string
    readonly timeZone?: string | null
    readonly concurrencyPolicy?: string
    readonly startingDeadlineSeconds?: number | null
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly suspend?: boolean
    readonly jobTemplate?: { readonly metadata?: ObjectMeta; readonly spec?: JobSpec }
    readonly [key: string]: unknown
  }
  readonly status?: {
    readonly active?: readonly { readonly name?: string }[]
    readonly lastScheduleTime?: string | null
    readonly lastSuccessfulTime?: string | null
  }
}

export type Workload = Deployment | StatefulSet | DaemonSet | Job | CronJob

export interface ReplicaSet extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly observedGeneration?: number
    readonly conditions?: readonly Condition[]
  }
}

/** A remembered template of a StatefulSet or DaemonSet. */
export interface ControllerRevision extends KubernetesObject {
  readonly revision: number
  readonly data?: { readonly spec?: { readonly template?: PodTemplate } }
}

export interface Pod extends KubernetesObject {
  readonly spec?: PodSpec
  readonly status?: PodStatus
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip?: string }[]
  readonly startTime?: string | null
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly [key: string]: unknown
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean | null
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  readonly [key: string]: unknown
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string | null }
  readonly terminated?: {
    readonly exitCode?: number
    readonly signal?: number
    readonly reason?: string
    readonly message?: string
    readonly startedAt?: string | null
    readonly finishedAt?: string | null
  }
}

/** `core/v1` spells the object `involvedObject` and the text `message`; `events.k8s.io/v1` says `regarding` and `note`. */
export interface KubernetesEvent extends KubernetesObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly note?: string
  readonly involvedObject?: ObjectReference
  readonly regarding?: ObjectReference
  readonly count?: number
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
}

export interface ObjectReference {
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly fieldPath?: string
}
