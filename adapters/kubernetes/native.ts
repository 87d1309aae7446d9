import type { KubernetesObject } from './wire.ts'

/**
 * One app in Kubernetes' words: the workload first, then what belongs to it, each with `apiVersion` and `kind`.
 *
 * `metadata.namespace` is left out: the call that writes them sets it. An absent `spec.replicas` means the live count, or
 * one when there is none.
 */
export interface KubernetesNative {
  readonly objects: readonly KubernetesObject[]
}
