/**
 * The parts of Kubernetes' objects that this adapter reads and writes, as the API sends them: JSON of `apps/v1`,
 * `batch/v1`, `core/v1`, `autoscaling/v2`, `policy/v1` and `networking.k8s.io/v1`, version 1.28 and later. Everything an
 * answer may leave out is optional, and other keys are kept as they are: a list from a server has none of our defaults.
 */
export interface KubernetesObject {
  /** Absent on the items of a list. */
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
  readonly [key: string]: unknown
}

export type Labels = Readonly<Record<string, string>>

export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string | null
  readonly deletionTimestamp?: string | null
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly unknown[]
  readonly [key: string]: unknown
}

export interface OwnerReference {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface Condition {
  readonly type: string
  /** `True`, `False` or `Unknown`. */
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string | null
  readonly lastUpdateTime?: string | null
}

export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface PodTemplate {
  readonly metadata?: ObjectMeta
  readonly spec?: PodSpec
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly PodVolume[]
  readonly nodeName?: string
  readonly nodeSelector?: Labels
  readonly affinity?: Affinity
  readonly tolerations?: readonly PodToleration[]
  readonly topologySpreadConstraints?: readonly TopologySpread[]
  readonly terminationGracePeriodSeconds?: number
  readonly restartPolicy?: string
  readonly activeDeadlineSeconds?: number
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly hostNetwork?: boolean
  readonly [key: string]: unknown
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly imagePullPolicy?: string
  /** The image's ENTRYPOINT is replaced by it. */
  readonly command?: readonly string[]
  /** The image's CMD is replaced by it. */
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly env?: readonly EnvVar[]
  readonly ports?: readonly ContainerPort[]
  readonly resources?: ResourceRequirements
  readonly volumeMounts?: readonly VolumeMount[]
  readonly livenessProbe?: KubeProbe
  readonly readinessProbe?: KubeProbe
  readonly startupProbe?: KubeProbe
  readonly lifecycle?: {
    readonly preStop?: LifecycleHandler
    readonly postStart?: LifecycleHandler
    readonly [key: string]: unknown
  }
  readonly securityContext?: SecurityContext
  readonly stdin?: boolean
  readonly tty?: boolean
  /** On an init container, `Always` makes a sidecar of it. */
  readonly restartPolicy?: string
  readonly [key: string]: unknown
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyRef
    readonly configMapKeyRef?: KeyRef
    readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string }
    readonly [key: string]: unknown
  }
}

export interface KeyRef {
  readonly name?: string
  readonly key: string
  readonly optional?: boolean
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly hostIP?: string
  readonly protocol?: string
}

export interface ResourceRequirements {
  readonly requests?: Quantities
  readonly limits?: Quantities
  readonly [key: string]: unknown
}

/** Resource quantities as text, `250m`, `512Mi`; YAML may hold bare numbers. */
export type Quantities = Readonly<Record<string, string | number>>

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  readonly readOnly?: boolean
  readonly [key: string]: unknown
}

export interface LifecycleHandler {
  readonly exec?: { readonly command?: readonly string[] }
  readonly [key: string]: unknown
}

/** Seconds. */
export interface KubeProbe {
  readonly httpGet?: {
    readonly path?: string
    readonly port: number | string
    readonly host?: string
    readonly scheme?: string
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[]
  }
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string }
  readonly exec?: { readonly command?: readonly string[] }
  readonly grpc?: { readonly port: number; readonly service?: string | null }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly failureThreshold?: number
  readonly successThreshold?: number
  readonly [key: string]: unknown
}

export interface SecurityContext {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly privileged?: boolean
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly [key: string]: unknown
}

export interface PodVolume {
  readonly name: string
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string | number }
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean }
  readonly configMap?: {
    readonly name?: string
    readonly items?: readonly KeyToPath[]
    readonly defaultMode?: number
    readonly optional?: boolean
  }
  readonly secret?: {
    readonly secretName?: string
    readonly items?: readonly KeyToPath[]
    readonly defaultMode?: number
    readonly optional?: boolean
  }
  readonly [key: string]: unknown
}

export interface KeyToPath {
  readonly key: string
  readonly path: string
  /** Decimal. */
  readonly mode?: number
}

export interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms: readonly NodeSelectorTerm[]
    }
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
      readonly weight: number
      readonly preference: NodeSelectorTerm
    }[]
  }
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeRequirement[]
  readonly matchFields?: readonly NodeRequirement[]
}

export interface NodeRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly topologyKey: string
  readonly [key: string]: unknown
}

export interface PodToleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export interface TopologySpread {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: string
  readonly labelSelector?: LabelSelector
  readonly [key: string]: unknown
}

export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string
    readonly clusterIP?: string
    readonly selector?: Labels
    readonly ports?: readonly ServicePort[]
    readonly [key: string]: unknown
  }
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly nodePort?: number
  readonly protocol?: string
  readonly [key: string]: unknown
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Labels
  readonly binaryData?: Labels
  readonly immutable?: boolean
}

export interface Secret extends KubernetesObject {
  /** Base64. */
  readonly data?: Labels
  readonly stringData?: Labels
  readonly type?: string
}
