import type { Loss } from 'intermodal'
import { templateOf } from './canonical.ts'
import { selectorOf, withTemplate } from './decide.ts'
import { isManaged, podSelector } from './labels.ts'
import { step } from './loss.ts'
import { APP, KEPT_SELECTOR, OWNER } from './marks.ts'
import { isObject, type Json } from './patch.ts'
import type { KubernetesObject, PodSpec } from './wire.ts'

const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
])

/** The workload first, then what belongs to it; lists taken apart; what is nobody's wish left out. */
export function sortOut(given: readonly KubernetesObject[]): {
  readonly objects: readonly KubernetesObject[]
  readonly losses: readonly Loss[]
} {
  const losses: Loss[] = []
  const kept: KubernetesObject[] = []
  for (const [index, object] of given.flatMap(items).entries()) {
    const path = `/objects${step(index)}`
    if (isMadeByController(object)) continue
    const loss = lossOf(object, path)
    losses.push(...loss.losses)
    if (!loss.gone) kept.push(object)
  }
  const at = kept.findIndex(({ kind }) => WORKLOAD_KINDS.has(kind ?? ''))
  const workload = kept[at]
  return {
    objects: workload ? [withOwnSelector(workload), ...kept.toSpliced(at, 1)] : [],
    losses,
  }
}

/** What was taken over, as we would have made it: the selector it keeps is no part of the app. */
function withOwnSelector(workload: KubernetesObject): KubernetesObject {
  const { metadata } = workload
  const template = templateOf(workload)
  const kept = selectorOf(workload)
  if (metadata.annotations?.[KEPT_SELECTOR] === undefined || !template || !kept) return workload
  const labels = Object.entries(template.metadata?.labels ?? {}).filter(
    ([key]) => key === OWNER || !Object.hasOwn(kept, key),
  )
  const spec = {
    ...(workload.spec as Json),
    selector: { matchLabels: podSelector(metadata.name ?? '') },
  }
  return withTemplate(
    { ...workload, spec },
    { ...template, metadata: { ...template.metadata, labels: Object.fromEntries(labels) } },
  )
}

const POD_LISTS = [
  'containers',
  'initContainers',
  'volumes',
  'tolerations',
  'imagePullSecrets',
  'topologySpreadConstraints',
] as const
const CONTAINER_LISTS = ['command', 'args', 'env', 'ports', 'volumeMounts'] as const

/** Where a list is something else: a template that nobody has filled in yet, a slip of indentation. */
export function malformedAt(spec: PodSpec): string | undefined {
  const wrong = POD_LISTS.find((key) => !isListOrNothing(spec[key]))
  if (wrong !== undefined) return step(wrong)
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[kind] ?? []).entries()) {
      const path = `${step(kind)}${step(index)}`
      if (!isObject(container)) return path
      const found = CONTAINER_LISTS.find((key) => !isListOrNothing(container[key]))
      if (found !== undefined) return `${path}${step(found)}`
    }
  }
  return undefined
}

function isListOrNothing(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value)
}

function items(object: KubernetesObject): readonly KubernetesObject[] {
  if (!object.kind?.endsWith('List') || !Array.isArray(object.items)) return [object]
  const { apiVersion } = object
  const kind = object.kind.slice(0, -'List'.length)
  return (object.items as KubernetesObject[]).map((item) => ({
    ...(kind === '' ? {} : { apiVersion, kind }),
    ...item,
  }))
}

/** ReplicaSets, pods, endpoints and the like come by themselves. */
function isMadeByController({ metadata, kind }: KubernetesObject): boolean {
  const owned = metadata.ownerReferences?.some(({ controller }) => controller) ?? false
  return owned || kind === 'Endpoints' || kind === 'EndpointSlice' || kind === 'Event'
}

function lossOf(
  object: KubernetesObject,
  path: string,
): { readonly gone: boolean; readonly losses: readonly Loss[] } {
  const { kind, metadata } = object
  if (kind === 'Secret') {
    const detail = `what the secret "${metadata.name}" holds is no part of an app`
    const remedy = 'put it into the cluster on its own'
    return { gone: true, losses: [{ path, kind: 'dropped', detail, remedy }] }
  }
  if (kind === 'Namespace') {
    const detail = 'which namespace apps go to is chosen with the cluster'
    return {
      gone: true,
      losses: [{ path, kind: 'dropped', detail, remedy: 'create it beforehand' }],
    }
  }
  if (metadata.namespace !== undefined && metadata.uid === undefined && !isManaged(object)) {
    const detail = `goes to the namespace chosen with the cluster, not to "${metadata.namespace}"`
    const at = `${path}/metadata/namespace`
    return { gone: false, losses: [{ path: at, kind: 'approximated', detail }] }
  }
  const copied = metadata.annotations?.[APP] !== undefined && !isManaged(object)
  const detail = 'carries marks of another app; they are left out'
  return {
    gone: false,
    losses: copied
      ? [{ path: `${path}/metadata/annotations${step(APP)}`, kind: 'approximated', detail }]
      : [],
  }
}
