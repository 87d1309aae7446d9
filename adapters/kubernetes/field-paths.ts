import type { App } from 'intermodal'
import { step } from './loss.ts'
import type { Container, KubernetesObject, PodSpec } from './wire.ts'

/** Rewrites of what follows the pod template, tried in this order. `$1` is the first group. */
const POD: readonly (readonly [RegExp, string])[] = [
  [/^volumes\[name="([^"]+)"\]/, '/volumes/$1'],
  [/^volumes/, '/volumes'],
  [/^terminationGracePeriodSeconds/, '/stop/gracePeriod'],
  [/^restartPolicy/, '/restart'],
  [/^imagePullSecrets/, '/registryAuth'],
  [/^(?:nodeSelector|affinity|nodeName|topologySpreadConstraints)/, '/placement'],
  [/^tolerations/, '/placement/tolerations'],
  [/^(?:hostNetwork|dnsPolicy)/, '/network/mode'],
  [/^securityContext/, '/security'],
]

const CONTAINER: readonly (readonly [RegExp, string])[] = [
  [/^image$/, '/image'],
  [/^imagePullPolicy/, '/pullPolicy'],
  [/^command/, '/entrypoint'],
  [/^args/, '/args'],
  [/^workingDir/, '/workingDir'],
  [/^env\[name="([^"]+)"\]/, '/env/$1'],
  [/^env/, '/env'],
  [/^ports/, '/ports'],
  [/^resources\.(requests|limits)(?:\.|\[)(cpu|memory)/, '/resources/$1/$2'],
  [/^resources/, '/resources'],
  [/^(liveness|readiness|startup)Probe/, '/probes/$1'],
  [/^securityContext/, '/security'],
  [/^volumeMounts/, '/volumes'],
  [/^lifecycle/, '/stop'],
  [/^tty/, '/tty'],
]

const WORKLOAD: readonly (readonly [RegExp, string])[] = [
  [/^metadata\.labels/, '/labels'],
  [/^metadata\.annotations/, '/annotations'],
  [/^metadata\.name/, '/id'],
  [/^spec\.replicas/, '/replicas'],
  [/^spec\.volumeClaimTemplates/, '/volumes'],
  [/^spec\.(?:strategy|updateStrategy)/, '/update'],
  [/^spec\.minReadySeconds/, '/update/minReadyTime'],
  [/^spec\.progressDeadlineSeconds/, '/update/progressDeadline'],
  [
    /^spec\.(?:schedule|timeZone|concurrencyPolicy|startingDeadlineSeconds|\w+JobsHistoryLimit)/,
    '/schedule',
  ],
  [/^(?:spec\.jobTemplate\.)?spec\.backoffLimit/, '/restart/maxAttempts'],
  [/^(?:spec\.jobTemplate\.)?spec\.(?:completions|parallelism|activeDeadlineSeconds)/, '/job'],
]

/** What an object other than the workload comes from. */
const PARTS: Readonly<Record<string, string>> = {
  Service: '/ports',
  Ingress: '/ports',
  HorizontalPodAutoscaler: '/autoscale',
  PodDisruptionBudget: '/disruption',
  ConfigMap: '/files',
}

/**
 * The app's own path of a field the server names in an object of the app: `spec.template.spec.containers[0].image` is
 * `/image`, or `/sidecars/log/image`. Undefined where a field comes from no single one.
 */
export function appPath(object: KubernetesObject, field: string, app: App): string | undefined {
  const plain = field.replace(/^\./, '')
  const pod = /^(?:spec\.jobTemplate\.)?spec\.template\.spec\.?(.*)$/.exec(plain)
  if (pod) return podPath(templateSpec(object), pod[1] ?? '', app)
  if (object.kind !== undefined && PARTS[object.kind] && !plain.startsWith('metadata.'))
    return PARTS[object.kind]
  return rewrite(WORKLOAD, plain)
}

function podPath(spec: PodSpec | undefined, field: string, app: App): string | undefined {
  const found = /^(containers|initContainers)\[(?:name="([^"]+)"|(\d+))\]\.?(.*)$/.exec(field)
  if (!found) return rewrite(POD, indexed(field, spec?.volumes))
  const [, list = '', named, index, rest = ''] = found
  const containers = spec?.[list as 'containers' | 'initContainers'] ?? []
  const container = named
    ? containers.find(({ name }) => name === named)
    : containers[Number(index)]
  const inner = rewrite(CONTAINER, indexed(rest, container?.env))
  const place = placeOf(container, list, app)
  return inner === undefined && place === '' ? undefined : `${place}${inner ?? ''}`
}

/** `env[2].value` as `env[name="PORT"].value`. */
function indexed(field: string, entries: readonly { readonly name: string }[] = []): string {
  return field.replace(/^(env|volumes)\[(\d+)\]/, (whole, list: string, index: string) => {
    const entry = entries[Number(index)]
    return entry ? `${list}[name="${entry.name}"]` : whole
  })
}

function placeOf(container: Container | undefined, list: string, app: App): string {
  if (!container) return ''
  if (Object.hasOwn(app.sidecars, container.name)) return `/sidecars${step(container.name)}`
  const at = app.init.findIndex(({ name }) => name === container.name)
  return list === 'initContainers' && at >= 0 ? `/init/${at}` : ''
}

function rewrite(table: readonly (readonly [RegExp, string])[], field: string): string | undefined {
  for (const [pattern, path] of table) {
    const found = pattern.exec(field)
    if (found) return path.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '')
  }
  return undefined
}

function templateSpec(object: KubernetesObject): PodSpec | undefined {
  type Spec = { readonly template?: { readonly spec?: PodSpec } }
  const spec = object.spec as
    | (Spec & { readonly jobTemplate?: { readonly spec?: Spec } })
    | undefined
  return (spec?.jobTemplate?.spec ?? spec)?.template?.spec
}
