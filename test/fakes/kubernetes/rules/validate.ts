import { type Fault, invalidValue, required } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import {
  annotationsFaults,
  dnsLabelFault,
  labelFault,
  labelsFaults,
  subdomainFault,
} from './names.ts'
import { enumeration, notNegative, type PodSpecLike, podFaults } from './pod.ts'
import { scheduleFaults } from './schedule.ts'

/** What is wrong with an object by itself. */
export function faultsOf(kind: Kind, object: KubeObject): readonly Fault[] {
  const { metadata, spec } = object
  return [
    ...nameFaults(kind, metadata.name),
    ...labelsFaults('metadata.labels', metadata.labels),
    ...annotationsFaults('metadata.annotations', metadata.annotations),
    ...(RULES[kind.kind]?.(spec ?? {}, object) ?? []),
  ]
}

function nameFaults({ kind }: Kind, name: string): readonly Fault[] {
  if (kind === 'Service') return dnsLabelFault('metadata.name', name)
  if (kind === 'Namespace' || kind === 'StatefulSet') return labelFault('metadata.name', name)
  const faults = subdomainFault('metadata.name', name)
  return kind === 'CronJob' && name.length > 52
    ? [...faults, invalidValue('metadata.name', name, 'must be no more than 52 characters')]
    : faults
}

type Rule = (spec: JsonObject, object: KubeObject) => readonly Fault[]

const RULES: Readonly<Record<string, Rule>> = {
  Pod: (spec) => podFaults('spec', spec as PodSpecLike),
  Deployment: (spec) => {
    const rolling = (spec.strategy as JsonObject | undefined)?.rollingUpdate as
      | JsonObject
      | undefined
    return [
      ...notNegative('spec.replicas', spec.replicas as number),
      ...selectorFaults(spec),
      ...templateFaults(spec, ['Always']),
      ...(rolling && isZero(rolling.maxSurge) && isZero(rolling.maxUnavailable)
        ? [
            invalidValue(
              'spec.strategy.rollingUpdate.maxUnavailable',
              rolling.maxUnavailable,
              'may not be 0 when `maxSurge` is 0',
            ),
          ]
        : []),
      ...notNegative('spec.minReadySeconds', spec.minReadySeconds as number),
      ...(Number(spec.progressDeadlineSeconds) <= Number(spec.minReadySeconds ?? 0)
        ? [
            invalidValue(
              'spec.progressDeadlineSeconds',
              spec.progressDeadlineSeconds,
              'must be greater than minReadySeconds',
            ),
          ]
        : []),
    ]
  },
  StatefulSet: (spec) => [
    ...notNegative('spec.replicas', spec.replicas as number),
    ...selectorFaults(spec),
    ...templateFaults(spec, ['Always']),
  ],
  DaemonSet: (spec) => [...selectorFaults(spec), ...templateFaults(spec, ['Always'])],
  ReplicaSet: (spec) => [
    ...notNegative('spec.replicas', spec.replicas as number),
    ...selectorFaults(spec),
    ...templateFaults(spec, ['Always']),
  ],
  Job: (spec) => jobFaults('spec', spec),
  CronJob: (spec) => [
    ...(spec.schedule
      ? scheduleFaults('spec.schedule', String(spec.schedule))
      : [required('spec.schedule')]),
    ...enumeration('spec.concurrencyPolicy', spec.concurrencyPolicy as string, [
      'Allow',
      'Forbid',
      'Replace',
    ]),
    ...jobFaults(
      'spec.jobTemplate.spec',
      ((spec.jobTemplate as JsonObject | undefined)?.spec ?? {}) as JsonObject,
    ),
  ],
  Service: (spec) => [
    ...(((spec.ports ?? []) as readonly JsonObject[]).length === 0 &&
    spec.type !== 'ExternalName' &&
    spec.clusterIP !== 'None'
      ? [required('spec.ports')]
      : []),
    ...((spec.ports ?? []) as readonly JsonObject[]).flatMap((port, index, all) => [
      ...(all.length > 1 && !port.name ? [required(`spec.ports[${index}].name`)] : []),
      ...(Number(port.port) < 1 || Number(port.port) > 65535
        ? [
            invalidValue(
              `spec.ports[${index}].port`,
              port.port,
              'must be between 1 and 65535, inclusive',
            ),
          ]
        : []),
    ]),
  ],
  HorizontalPodAutoscaler: (spec) =>
    Number(spec.maxReplicas ?? 0) < 1
      ? [invalidValue('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than 0')]
      : Number(spec.maxReplicas) < Number(spec.minReplicas ?? 1)
        ? [
            invalidValue(
              'spec.maxReplicas',
              spec.maxReplicas,
              'must be greater than or equal to `minReplicas`',
            ),
          ]
        : [],
  PersistentVolumeClaim: (spec) => [
    ...(((spec.accessModes ?? []) as readonly unknown[]).length === 0
      ? [required('spec.accessModes', 'at least 1 access mode is required')]
      : []),
    ...((spec.resources as JsonObject | undefined)?.requests === undefined
      ? [required('spec.resources[storage]')]
      : []),
  ],
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '0%' || value === undefined
}

function selectorFaults(spec: JsonObject): readonly Fault[] {
  const { selector, template } = spec as {
    readonly selector?: JsonObject
    readonly template?: { readonly metadata?: { readonly labels?: Record<string, string> } }
  }
  const labels = template?.metadata?.labels
  const fits = selector ? objectSelector(selector)(labels ?? {}) : false
  const empty =
    selector &&
    Object.keys((selector.matchLabels ?? {}) as object).length === 0 &&
    ((selector.matchExpressions ?? []) as readonly unknown[]).length === 0
  return [
    ...(selector
      ? empty
        ? [invalidValue('spec.selector', selector, 'empty selector is invalid for deployment')]
        : []
      : [required('spec.selector')]),
    ...(fits || empty
      ? []
      : [
          invalidValue(
            'spec.template.metadata.labels',
            labels,
            '`selector` does not match template `labels`',
          ),
        ]),
  ]
}

function templateFaults(spec: JsonObject, policies: readonly string[]): readonly Fault[] {
  const template = spec.template as
    | {
        readonly spec?: PodSpecLike
        readonly metadata?: {
          labels?: Record<string, string>
          annotations?: Record<string, string>
        }
      }
    | undefined
  return [
    ...labelsFaults('spec.template.labels', template?.metadata?.labels),
    ...annotationsFaults('spec.template.annotations', template?.metadata?.annotations),
    ...podFaults('spec.template.spec', template?.spec ?? {}),
    ...enumeration('spec.template.spec.restartPolicy', template?.spec?.restartPolicy, policies),
  ]
}

function jobFaults(field: string, spec: JsonObject): readonly Fault[] {
  const template = spec.template as { readonly spec?: PodSpecLike } | undefined
  const policy = template?.spec?.restartPolicy
  return [
    ...notNegative(`${field}.parallelism`, spec.parallelism as number),
    ...notNegative(`${field}.completions`, spec.completions as number),
    ...notNegative(`${field}.backoffLimit`, spec.backoffLimit as number),
    ...podFaults(`${field}.template.spec`, template?.spec ?? {}),
    ...(policy === 'Always'
      ? [
          {
            ...required(
              `${field}.template.spec.restartPolicy`,
              'valid values: "OnFailure", "Never"',
            ),
          },
        ]
      : []),
  ]
}
