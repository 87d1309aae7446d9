import type { KubernetesObject } from 'intermodal/kubernetes'
import { placeIn } from '../engine.ts'
import type { Report } from '../report.ts'
import type { Node } from '../text/node.ts'

/** An object, and where it stands in which document. */
export interface Placed {
  readonly root: Node
  readonly pointer: string
  readonly object: KubernetesObject
}

type Json = Readonly<Record<string, unknown>>

const WORKLOADS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
])

/** The workloads, each with what belongs to it behind it. What belongs to none is told. */
export function gather(placed: readonly Placed[], report: Report): Placed[][] {
  const taken = new Set<Placed>()
  const units = placed
    .filter(({ object }) => WORKLOADS.has(object.kind ?? '') && !isMade(object))
    .map((workload) => [workload, ...belongings(workload, placed, taken)])
  for (const one of units.flat()) taken.add(one)
  for (const one of placed) {
    if (taken.has(one)) continue
    if (isMade(one.object)) {
      const detail = 'comes by itself from the object that made it'
      report.loss(placeIn(one.root, one.pointer), 'warning', detail)
      continue
    }
    const { kind, metadata } = one.object
    const pod = kind === 'Pod'
    report.loss(
      placeIn(one.root, one.pointer),
      'dropped',
      pod
        ? `the pod "${metadata.name}" is run by nobody, so it is no app`
        : `the ${kind} "${metadata.name ?? metadata.generateName ?? ''}" belongs to no workload here`,
      pod ? 'make it a Deployment or a Job' : 'apply it on its own, if the cluster needs it',
    )
  }
  return units
}

/** Made by a controller: it comes by itself. */
function isMade({ metadata, kind }: KubernetesObject): boolean {
  const owned = metadata.ownerReferences?.some(({ controller }) => controller) ?? false
  return owned || kind === 'Endpoints' || kind === 'EndpointSlice' || kind === 'Event'
}

function belongings(workload: Placed, placed: readonly Placed[], taken: Set<Placed>): Placed[] {
  const { object } = workload
  const template = templateOf(object)
  const labels = json(json(template.metadata).labels)
  const names = referencesOf(json(template.spec))
  const near = placed.filter(
    (one) => one !== workload && sameNamespace(one.object, object) && !taken.has(one),
  )
  const services = near.filter(
    ({ object: { kind, spec } }) => kind === 'Service' && matches(json(spec).selector, labels),
  )
  const serviceNames = new Set(services.map(({ object }) => object.metadata.name))
  // A service or a budget is of one app; configs and claims may be of several.
  for (const one of services) taken.add(one)
  const rest = near.filter((one) => {
    const { kind, spec, metadata } = one.object
    switch (kind) {
      case 'ConfigMap':
        return names.configs.has(metadata.name ?? '')
      case 'PersistentVolumeClaim':
        return names.claims.has(metadata.name ?? '')
      case 'HorizontalPodAutoscaler': {
        const target = json(json(spec).scaleTargetRef)
        return target.kind === object.kind && target.name === object.metadata.name
      }
      case 'PodDisruptionBudget':
        return matches(json(json(spec).selector).matchLabels, labels)
      case 'Ingress':
        return [...backendsOf(spec)].some((name) => serviceNames.has(name))
      default:
        return false
    }
  })
  for (const one of rest) if (SINGLE.has(one.object.kind ?? '')) taken.add(one)
  return [...services, ...rest]
}

const SINGLE: ReadonlySet<string> = new Set([
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Ingress',
])

function templateOf({ kind, spec }: KubernetesObject): Json {
  const own = json(spec)
  return json(kind === 'CronJob' ? json(json(own.jobTemplate).spec).template : own.template)
}

function sameNamespace(a: KubernetesObject, b: KubernetesObject): boolean {
  return (a.metadata.namespace ?? 'default') === (b.metadata.namespace ?? 'default')
}

function matches(selector: unknown, labels: Json): boolean {
  const entries = Object.entries(json(selector))
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value)
}

/** Names of what pods refer to, wherever they do. */
function referencesOf(spec: Json): { configs: ReadonlySet<string>; claims: ReadonlySet<string> } {
  const configs = new Set<string>()
  const claims = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      const { name, claimName } = json(inner)
      if (key === 'configMap' || key === 'configMapKeyRef' || key === 'configMapRef')
        configs.add(String(name))
      if (key === 'persistentVolumeClaim') claims.add(String(claimName))
      visit(inner)
    }
  }
  visit(spec)
  return { configs, claims }
}

/** Services that an ingress of any version sends to. */
function* backendsOf(spec: unknown): Generator<string> {
  if (typeof spec !== 'object' || spec === null) return
  for (const [key, inner] of Object.entries(spec)) {
    const { name } = json(inner)
    if (key === 'service' && typeof name === 'string') yield name
    if (key === 'serviceName' && typeof inner === 'string') yield inner
    yield* backendsOf(inner)
  }
}

function json(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
