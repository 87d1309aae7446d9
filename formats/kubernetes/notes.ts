import type { KubernetesObject } from 'intermodal/kubernetes'
import { placeIn } from '../engine.ts'
import type { Report } from '../report.ts'
import { step } from '../text/node.ts'
import type { Placed } from './gather.ts'

type Json = Readonly<Record<string, unknown>>

/** What the cluster writes about an object, which is no wish of anybody. */
const NOTES = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink', 'managedFields'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences', 'clusterName'],
]

/** What the server, its controllers and kubectl note in annotations. */
const ANNOTATIONS = [
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubectl.kubernetes.io/restartedAt',
  'kubernetes.io/change-cause',
  'batch.kubernetes.io/job-tracking',
  'autoscaling.alpha.kubernetes.io/conditions',
  'autoscaling.alpha.kubernetes.io/current-metrics',
]

/** Labels that a Job's controller gives to the Job and its pods. */
const JOB_LABELS = [
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
]

const WRITTEN = 'is written by the cluster, and is no wish of anybody'

/** Names the keys of an object that no app needs: the cluster writes them, or they say nothing. */
export function reportNotes(placed: Placed, report: Report): void {
  const { root, pointer, object } = placed
  const { metadata, status } = object
  const tell: Tell = (path, detail, kind = 'warning') =>
    report.loss(placeIn(root, pointer + path), kind, detail)
  if (status !== undefined) tell('/status', WRITTEN)
  noteMeta(metadata as Json, '/metadata', tell)
  if (metadata.generateName !== undefined && metadata.name !== undefined)
    tell('/metadata/generateName', 'the object has a name already')
  if (metadata.uid !== undefined && metadata.namespace !== undefined)
    tell(
      '/metadata/namespace',
      `goes to the namespace chosen with the cluster, not to "${metadata.namespace}"`,
      'approximated',
    )
  for (const [spec, path] of jobSpecs(object)) {
    if (spec.selector !== undefined && spec.manualSelector !== true)
      tell(`${path}/selector`, 'is written by the cluster: every Job gets one of its own')
  }
  for (const [template, path] of templates(object)) noteTemplate(template, path, tell)
  for (const [index, claim] of list(json(object.spec).volumeClaimTemplates).entries())
    noteClaim(claim, `/spec/volumeClaimTemplates/${index}`, tell)
  noteStrategy(object, tell)
  if (object.kind === 'Service') noteService(object, tell)
}

/** What says nothing of an image to run is a part of something, and no app. False when it is, and told. */
export function isWhole({ root, pointer, object }: Placed, report: Report): boolean {
  const [template, path] = [...templates(object)].at(-1) ?? []
  if (!template) return true
  const { containers } = json(template.spec)
  const refuse = (detail: string) => {
    const remedy = 'run kustomize build, or what else completes it, and import what it prints'
    report.loss(placeIn(root, pointer), 'refused', detail, remedy)
    return false
  }
  if (containers == null || (Array.isArray(containers) && containers.length === 0))
    return refuse('has no containers: it is a part of a manifest')
  const index = list(containers).findIndex(({ image }) => image == null || image === '')
  if (index < 0) return true
  return refuse(`has no image at ${path}/spec/containers/${index}: it is a part of a manifest`)
}

type Tell = (path: string, detail: string, kind?: 'warning' | 'approximated') => void

function noteMeta(metadata: Json, path: string, tell: Tell): void {
  for (const key of NOTES) if (metadata[key] != null) tell(path + step(key), WRITTEN)
  for (const key of ANNOTATIONS)
    if (json(metadata.annotations)[key] != null) tell(`${path}/annotations${step(key)}`, WRITTEN)
  for (const key of JOB_LABELS)
    if (json(metadata.labels)[key] != null) tell(`${path}/labels${step(key)}`, WRITTEN)
}

/** What stands within a template has no name or place of its own: it gets both from what is made of it. */
function noteInner(metadata: Json, path: string, tell: Tell, names: readonly string[]): void {
  noteMeta(metadata, path, tell)
  for (const key of names)
    if (metadata[key] != null) tell(path + step(key), 'is decided by the object it stands in')
}

const NAMES = ['name', 'generateName', 'namespace']

function noteTemplate(template: Json, path: string, tell: Tell): void {
  noteInner(json(template.metadata), `${path}/metadata`, tell, NAMES)
  const spec = json(template.spec)
  if (spec.serviceAccount !== undefined) {
    if (spec.serviceAccountName === undefined)
      tell(`${path}/spec/serviceAccount`, 'is the old word for serviceAccountName, and kept there')
    else tell(`${path}/spec/serviceAccount`, 'is the old word for serviceAccountName, which counts')
  }
  for (const kind of ['containers', 'initContainers']) {
    for (const [index, container] of list(spec[kind]).entries())
      noteMounts(container, spec, `${path}/spec/${kind}/${index}`, tell)
  }
}

/** A config or secret cannot be written to, whatever a mount says. */
function noteMounts(container: Json, spec: Json, path: string, tell: Tell): void {
  for (const [index, mount] of list(container.volumeMounts).entries()) {
    const volume = list(spec.volumes).find(({ name }) => name === mount.name)
    if (mount.readOnly === false && (volume?.configMap ?? volume?.secret))
      tell(
        `${path}/volumeMounts/${index}/readOnly`,
        'a file of a config or secret cannot be written to in any case',
      )
  }
}

function noteClaim(claim: Json, path: string, tell: Tell): void {
  for (const key of ['apiVersion', 'kind'])
    if (claim[key] !== undefined) tell(path + step(key), 'is a claim in any case')
  if (claim.status !== undefined) tell(`${path}/status`, WRITTEN)
  noteInner(json(claim.metadata), `${path}/metadata`, tell, ['generateName', 'namespace'])
}

const ASSIGNED = ['clusterIP', 'clusterIPs', 'ipFamilies', 'healthCheckNodePort']

/** What a live object has of these is what the cluster gave it; in a file somebody asks for them. */
function noteService({ metadata, spec }: KubernetesObject, tell: Tell): void {
  if (metadata.uid === undefined) return
  const given = json(spec)
  for (const key of ASSIGNED) if (given[key] != null) tell(`/spec/${key}`, WRITTEN)
  for (const [index, port] of list(given.ports).entries())
    if (port.nodePort != null) tell(`/spec/ports/${index}/nodePort`, WRITTEN)
}

const STRATEGIES: Readonly<Record<string, string>> = {
  Deployment: 'strategy',
  StatefulSet: 'updateStrategy',
  DaemonSet: 'updateStrategy',
}

/** How fast to roll, where nothing rolls. */
function noteStrategy({ kind = '', spec }: KubernetesObject, tell: Tell): void {
  const key = STRATEGIES[kind] ?? ''
  const { type = 'RollingUpdate', rollingUpdate } = json(json(spec)[key])
  if (type !== 'RollingUpdate' && rollingUpdate != null)
    tell(`/spec/${key}/rollingUpdate`, `says nothing where the type is ${String(type)}`)
}

function* jobSpecs({ kind, spec }: KubernetesObject): Generator<readonly [Json, string]> {
  if (kind === 'Job') yield [json(spec), '/spec']
  if (kind === 'CronJob') yield [json(json(json(spec).jobTemplate).spec), '/spec/jobTemplate/spec']
}

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])

function* templates({ kind = '', spec }: KubernetesObject): Generator<readonly [Json, string]> {
  if (WORKLOADS.has(kind)) yield [json(json(spec).template), '/spec/template']
  if (kind !== 'CronJob') return
  const job = json(json(spec).jobTemplate)
  yield [{ metadata: job.metadata }, '/spec/jobTemplate']
  yield [json(json(job.spec).template), '/spec/jobTemplate/spec/template']
}

function json(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(json) : []
}
