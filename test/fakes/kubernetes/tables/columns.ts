import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { selectorText } from '../store/selectors.ts'
import { age, duration } from './age.ts'
import { podColumns } from './pods.ts'

export type Cell = (object: KubeObject, now: number) => string | number
/** Title, whether only `-o wide` shows it, and what stands in it. */
export type Column = readonly [title: string, wide: boolean, cell: Cell]

const spec = ({ spec: value }: KubeObject): JsonObject => value ?? {}
const status = ({ status: value }: KubeObject): JsonObject => value ?? {}
const count = (value: unknown) => Number(value ?? 0)

export const NAME: Column = ['Name', false, ({ metadata }) => metadata.name]
export const AGE: Column = [
  'Age',
  false,
  ({ metadata }, now) => age(metadata.creationTimestamp, now),
]

const templateContainers = (object: KubeObject) => {
  const template = spec(object).template as { readonly spec?: JsonObject } | undefined
  return (template?.spec?.containers ?? []) as readonly { name: string; image: string }[]
}
const CONTAINERS: Column = [
  'Containers',
  true,
  (object) =>
    templateContainers(object)
      .map(({ name }) => name)
      .join(','),
]
const IMAGES: Column = [
  'Images',
  true,
  (object) =>
    templateContainers(object)
      .map(({ image }) => image)
      .join(','),
]
const SELECTOR: Column = [
  'Selector',
  true,
  (object) => selectorText(spec(object).selector as JsonObject),
]

export const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  deployments: [
    NAME,
    ['Ready', false, (one) => `${count(status(one).readyReplicas)}/${count(spec(one).replicas)}`],
    ['Up-to-date', false, (one) => count(status(one).updatedReplicas)],
    ['Available', false, (one) => count(status(one).availableReplicas)],
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  replicasets: [
    NAME,
    ['Desired', false, (one) => count(spec(one).replicas)],
    ['Current', false, (one) => count(status(one).replicas)],
    ['Ready', false, (one) => count(status(one).readyReplicas)],
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  statefulsets: [
    NAME,
    ['Ready', false, (one) => `${count(status(one).readyReplicas)}/${count(spec(one).replicas)}`],
    AGE,
    CONTAINERS,
    IMAGES,
  ],
  daemonsets: [
    NAME,
    ['Desired', false, (one) => count(status(one).desiredNumberScheduled)],
    ['Current', false, (one) => count(status(one).currentNumberScheduled)],
    ['Ready', false, (one) => count(status(one).numberReady)],
    ['Up-to-date', false, (one) => count(status(one).updatedNumberScheduled)],
    ['Available', false, (one) => count(status(one).numberAvailable)],
    ['Node Selector', false, (one) => selectorOf(one)],
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  jobs: [
    NAME,
    ['Status', false, (one) => jobState(one)],
    ['Completions', false, (one) => completions(one)],
    ['Duration', false, (one, now) => jobDuration(one, now)],
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  cronjobs: [
    NAME,
    ['Schedule', false, (one) => String(spec(one).schedule ?? '')],
    ['Timezone', false, (one) => String(spec(one).timeZone ?? '<none>')],
    ['Suspend', false, (one) => (spec(one).suspend === true ? 'True' : 'False')],
    ['Active', false, (one) => ((status(one).active ?? []) as readonly unknown[]).length],
    ['Last Schedule', false, (one, now) => since(status(one).lastScheduleTime, now)],
    AGE,
  ],
  services: [
    NAME,
    ['Type', false, (one) => String(spec(one).type)],
    ['Cluster-IP', false, (one) => String(spec(one).clusterIP ?? '<none>')],
    ['External-IP', false, (one) => String(spec(one).externalName ?? '<none>')],
    ['Port(s)', false, (one) => servicePorts(one)],
    AGE,
    [
      'Selector',
      true,
      (one) => selectorText({ matchLabels: spec(one).selector } as JsonObject) || '<none>',
    ],
  ],
  nodes: [
    NAME,
    ['Status', false, (one) => nodeState(one)],
    ['Roles', false, () => '<none>'],
    AGE,
    ['Version', false, (one) => String((status(one).nodeInfo as JsonObject)?.kubeletVersion ?? '')],
  ],
  namespaces: [NAME, ['Status', false, (one) => String(status(one).phase ?? '')], AGE],
  configmaps: [NAME, ['Data', false, ({ data, binaryData }) => size(data) + size(binaryData)], AGE],
  secrets: [
    NAME,
    ['Type', false, ({ type }) => String(type)],
    ['Data', false, ({ data }) => size(data)],
    AGE,
  ],
  serviceaccounts: [NAME, ['Secrets', false, ({ secrets }) => size(secrets)], AGE],
  persistentvolumeclaims: [
    NAME,
    ['Status', false, (one) => String(status(one).phase ?? '')],
    ['Volume', false, (one) => String(spec(one).volumeName ?? '')],
    ['Capacity', false, (one) => String((status(one).capacity as JsonObject)?.storage ?? '')],
    ['Access Modes', false, (one) => modes(status(one).accessModes)],
    ['StorageClass', false, (one) => String(spec(one).storageClassName ?? '')],
    ['VolumeAttributesClass', false, () => '<unset>'],
    AGE,
  ],
  events: [
    ['Last Seen', false, (one, now) => since(one.lastTimestamp ?? one.eventTime, now)],
    ['Type', false, ({ type }) => String(type)],
    ['Reason', false, ({ reason }) => String(reason)],
    ['Object', false, ({ involvedObject }) => objectOf(involvedObject as JsonObject)],
    ['Message', false, ({ message }) => String(message).trim()],
    ['Count', true, (one) => count(one.count ?? 1)],
    ['Name', true, ({ metadata }) => metadata.name],
  ],
  horizontalpodautoscalers: [
    NAME,
    ['Reference', false, (one) => target(one)],
    ['Targets', false, () => '<unknown>'],
    ['MinPods', false, (one) => count(spec(one).minReplicas ?? 1)],
    ['MaxPods', false, (one) => count(spec(one).maxReplicas)],
    ['Replicas', false, (one) => count(status(one).currentReplicas)],
    AGE,
  ],
  poddisruptionbudgets: [
    NAME,
    ['Min Available', false, (one) => String(spec(one).minAvailable ?? 'N/A')],
    ['Max Unavailable', false, (one) => String(spec(one).maxUnavailable ?? 'N/A')],
    ['Allowed Disruptions', false, (one) => count(status(one).disruptionsAllowed)],
    AGE,
  ],
  ingresses: [
    NAME,
    ['Class', false, (one) => String(spec(one).ingressClassName ?? '<none>')],
    ['Hosts', false, (one) => hosts(one)],
    ['Address', false, () => ''],
    ['Ports', false, (one) => (spec(one).tls ? '80, 443' : '80')],
    AGE,
  ],
}

function selectorOf(object: KubeObject): string {
  const template = spec(object).template as { readonly spec?: JsonObject } | undefined
  return selectorText({ matchLabels: template?.spec?.nodeSelector ?? {} }) || '<none>'
}

function completions(one: KubeObject): string {
  const { completions: wanted, parallelism } = spec(one)
  const done = count(status(one).succeeded)
  return wanted === undefined ? `${done}/1 of ${count(parallelism)}` : `${done}/${count(wanted)}`
}

function jobState(one: KubeObject): string {
  const conditions = (status(one).conditions ?? []) as readonly { type: string; status: string }[]
  const holds = (type: string) =>
    conditions.some((each) => each.type === type && each.status === 'True')
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (one.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return holds('Suspended') ? 'Suspended' : holds('FailureTarget') ? 'FailureTarget' : 'Running'
}

function jobDuration(one: KubeObject, now: number): string {
  const { startTime, completionTime } = status(one)
  if (typeof startTime !== 'string') return ''
  const end = typeof completionTime === 'string' ? Date.parse(completionTime) : now
  return duration(end - Date.parse(startTime))
}

function since(value: unknown, now: number): string {
  return typeof value === 'string' ? age(value, now) : '<none>'
}

function servicePorts(one: KubeObject): string {
  const ports = (spec(one).ports ?? []) as readonly JsonObject[]
  return (
    ports
      .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
      .join(',') || '<none>'
  )
}

function nodeState(one: KubeObject): string {
  const conditions = (status(one).conditions ?? []) as readonly { type: string; status: string }[]
  const ready = conditions.find(({ type }) => type === 'Ready')?.status === 'True'
  return `${ready ? 'Ready' : 'NotReady'}${spec(one).unschedulable === true ? ',SchedulingDisabled' : ''}`
}

function size(value: unknown): number {
  return Object.keys((value ?? {}) as object).length
}

function modes(value: unknown): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
  }
  return ((value ?? []) as readonly string[]).map((mode) => short[mode] ?? mode).join(',')
}

function objectOf({ kind, name }: JsonObject): string {
  return `${String(kind).toLowerCase()}/${name}`
}

function target(one: KubeObject): string {
  const { kind, name } = (spec(one).scaleTargetRef ?? {}) as JsonObject
  return `${kind}/${name}`
}

function hosts(one: KubeObject): string {
  const rules = (spec(one).rules ?? []) as readonly JsonObject[]
  return rules.map(({ host }) => String(host ?? '*')).join(',') || '*'
}
