import type { AppKind } from 'intermodal'
import { type Report, step } from './loss.ts'
import { isObject, type Json } from './patch.ts'
import type { Labels } from './wire.ts'

/**
 * `native.kubernetes` of an app: patches merged into the translated objects last, as Kubernetes' strategic merge does.
 * Lists of named entries (containers, volumes, variables, ports) merge by name; `null` removes a key, `$patch: delete` an
 * entry.
 */
export interface KubernetesPatch {
  /** Name of the main container; the app's own name when absent. */
  readonly container?: string
  /** Labels that pods are selected by, for workloads that were there before intermodal. */
  readonly selector?: Labels
  /** Patch of the pod template: `{ metadata, spec }`. */
  readonly pod?: Json
  /** Patch of the workload, under the name of its kind. */
  readonly deployment?: Json
  readonly statefulSet?: Json
  readonly daemonSet?: Json
  readonly job?: Json
  readonly cronJob?: Json
  /** Patch of the Service that has the app's name. */
  readonly service?: Json
  /** Patch of the Ingress, HorizontalPodAutoscaler and PodDisruptionBudget that translation makes. */
  readonly ingress?: Json
  readonly horizontalPodAutoscaler?: Json
  readonly podDisruptionBudget?: Json
  /**
   * Further objects with `apiVersion`, `kind` and `metadata.name`. One that translation makes as well is merged;
   * `$patch: delete` leaves it out.
   */
  readonly objects?: readonly Json[]
}

export const WORKLOAD_KEY: Readonly<Record<AppKind, keyof KubernetesPatch>> = {
  service: 'deployment',
  stateful: 'statefulSet',
  daemon: 'daemonSet',
  job: 'job',
  cron: 'cronJob',
}

/** The keys that patch an object found by its kind. */
export const KIND_OF_KEY: Readonly<Partial<Record<keyof KubernetesPatch, string>>> = {
  deployment: 'Deployment',
  statefulSet: 'StatefulSet',
  daemonSet: 'DaemonSet',
  job: 'Job',
  cronJob: 'CronJob',
  service: 'Service',
  ingress: 'Ingress',
  horizontalPodAutoscaler: 'HorizontalPodAutoscaler',
  podDisruptionBudget: 'PodDisruptionBudget',
}

const CHECKS: Readonly<
  Record<keyof KubernetesPatch, readonly [(value: unknown) => boolean, string]>
> = {
  container: [(value) => typeof value === 'string', 'needs the name of a container'],
  selector: [
    (value) => isObject(value) && Object.values(value).every((text) => typeof text === 'string'),
    'needs labels',
  ],
  ...(Object.fromEntries(
    ['pod', ...Object.keys(KIND_OF_KEY)].map((key) => [key, [isObject, 'needs an object']]),
  ) as unknown as Record<
    Exclude<keyof KubernetesPatch, 'container' | 'selector' | 'objects'>,
    readonly [(value: unknown) => boolean, string]
  >),
  objects: [
    (value) =>
      Array.isArray(value) &&
      value.every(
        (entry) =>
          isObject(entry) &&
          typeof entry.kind === 'string' &&
          isObject(entry.metadata) &&
          typeof entry.metadata.name === 'string',
      ),
    'needs a list of objects with kind and metadata.name',
  ],
}

/** As much of it as has the shape of a patch; the rest is refused. */
export function readNativePatch(native: Json | undefined, report: Report): KubernetesPatch {
  const patch: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(native ?? {})) {
    const path = `/native/kubernetes${step(key)}`
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof KubernetesPatch] : undefined
    if (!check) {
      report('refused', path, 'is no part of the patch', `one of ${Object.keys(CHECKS).join(', ')}`)
    } else if (check[0](value)) {
      patch[key] = value
    } else {
      report('refused', path, check[1])
    }
  }
  return patch as KubernetesPatch
}
