import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { selectorText } from '../store/selectors.ts'
import { age, duration } from './age.ts'
import { AGE, type Column, count, NAME, spec, status } from './column.ts'
import { podColumns } from './pods.ts'
import { ruleColumns } from './rules.ts'
import { volumeColumns } from './volumes.ts'

interface Holder {
  readonly spec?: { readonly template?: { readonly spec?: JsonObject } }
}

const templateContainers = (object: KubeObject) => {
  const { jobTemplate, template } = spec(object) as { jobTemplate?: Holder } & Holder['spec']
  const { spec: pod } = jobTemplate?.spec?.template ?? template ?? {}
  return (pod?.containers ?? []) as readonly { name: string; image: string }[]
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
    CONTAINERS,
    IMAGES,
    ['Selector', true, () => '<none>'],
  ],
  services: [
    NAME,
    ['Type', false, (one) => String(spec(one).type)],
    ['Cluster-IP', false, (one) => String(spec(one).clusterIP ?? '<none>')],
    ['External-IP', false, (one) => externalAddress(one)],
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
    ['Version', false, (one) => nodeInfo(one, 'kubeletVersion')],
    ['Internal-IP', true, (one) => nodeAddress(one, 'InternalIP')],
    ['External-IP', true, (one) => nodeAddress(one, 'ExternalIP')],
    ['OS-Image', true, (one) => nodeInfo(one, 'osImage')],
    ['Kernel-Version', true, (one) => nodeInfo(one, 'kernelVersion')],
    ['Container-Runtime', true, (one) => nodeInfo(one, 'containerRuntimeVersion')],
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
  events: [
    ['Last Seen', false, (one, now) => since(one.lastTimestamp ?? one.eventTime, now)],
    ['Type', false, ({ type }) => String(type)],
    ['Reason', false, ({ reason }) => String(reason)],
    ['Object', false, ({ involvedObject }) => objectOf(involvedObject as JsonObject)],
    [
      'Subobject',
      true,
      ({ involvedObject }) => String((involvedObject as JsonObject).fieldPath ?? ''),
    ],
    ['Source', true, (one) => eventSource(one)],
    ['Message', false, ({ message }) => String(message).trim()],
    ['First Seen', true, (one, now) => since(one.firstTimestamp ?? one.eventTime, now)],
    ['Count', true, (one) => count(one.count ?? 1)],
    ['Name', true, ({ metadata }) => metadata.name],
  ],
  horizontalpodautoscalers: [
    NAME,
    ['Reference', false, (one) => target(one)],
    ['Targets', false, (one) => targets(one)],
    ['MinPods', false, (one) => count(spec(one).minReplicas ?? 1)],
    ['MaxPods', false, (one) => count(spec(one).maxReplicas)],
    ['Replicas', false, (one) => count(status(one).currentReplicas)],
    AGE,
  ],
  ...ruleColumns,
  ...volumeColumns,
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

function externalAddress(one: KubeObject): string {
  const { type, externalName, externalIPs = [] } = spec(one)
  if (type === 'ExternalName') return String(externalName)
  const addresses = (externalIPs as readonly string[]).join(',')
  return addresses || (type === 'LoadBalancer' ? '<pending>' : '<none>')
}

function nodeInfo(one: KubeObject, key: string): string {
  return String((status(one).nodeInfo as JsonObject | undefined)?.[key] || '<unknown>')
}

function nodeAddress(one: KubeObject, wanted: string): string {
  const addresses = (status(one).addresses ?? []) as readonly { type: string; address: string }[]
  return addresses.find(({ type }) => type === wanted)?.address ?? '<none>'
}

function nodeState(one: KubeObject): string {
  const conditions = (status(one).conditions ?? []) as readonly { type: string; status: string }[]
  const ready = conditions.find(({ type }) => type === 'Ready')?.status === 'True'
  return `${ready ? 'Ready' : 'NotReady'}${spec(one).unschedulable === true ? ',SchedulingDisabled' : ''}`
}

function size(value: unknown): number {
  return Object.keys((value ?? {}) as object).length
}

function objectOf({ kind, name }: JsonObject): string {
  return `${String(kind).toLowerCase()}/${name}`
}

function target(one: KubeObject): string {
  const { kind, name } = (spec(one).scaleTargetRef ?? {}) as JsonObject
  return `${kind}/${name}`
}

function eventSource({ source, reportingComponent }: KubeObject): string {
  const { component = reportingComponent, host } = source as JsonObject
  return host ? `${component}, ${host}` : String(component)
}

/** Nothing is measured here, so what there is is never known. */
function targets(one: KubeObject): string {
  const metrics = (spec(one).metrics ?? []) as readonly JsonObject[]
  const told = metrics.map((metric) => {
    const { resource, containerResource, pods, object, external } = metric
    const source = (resource ?? containerResource ?? pods ?? object ?? external ?? {}) as JsonObject
    const { averageUtilization, averageValue, value } = (source.target ?? {}) as JsonObject
    const wanted =
      averageUtilization === undefined ? (averageValue ?? value) : `${averageUtilization}%`
    const name = source.name === undefined ? '' : `${source.name}: `
    const mean = (object ?? external) && averageValue !== undefined ? ' (avg)' : ''
    return `${name}<unknown>/${wanted}${mean}`
  })
  const more = told.length > 2 ? ` + ${told.length - 2} more...` : ''
  return told.length === 0 ? '<none>' : `${told.slice(0, 2).join(', ')}${more}`
}

function hosts(one: KubeObject): string {
  const rules = (spec(one).rules ?? []) as readonly JsonObject[]
  return rules.map(({ host }) => String(host ?? '*')).join(',') || '*'
}
