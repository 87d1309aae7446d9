/**
 * Writes the schema the fake Kubernetes works by, from what a real server publishes and the sources of its types:
 * `go mod download k8s.io/api@v0.34.4 k8s.io/apimachinery@v0.34.4`
 * `kubectl get --raw /openapi/v2 | node scripts/kubernetes-schema.ts "$(go env GOMODCACHE)/k8s.io" v0.34.4`
 */
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { readFields } from './kubernetes-fields.ts'

interface Property {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly $ref?: string
  readonly items?: Property
  readonly additionalProperties?: Property
  readonly properties?: Readonly<Record<string, Property>>
  readonly required?: readonly string[]
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
}

const ROOTS = [
  'core.v1.Namespace',
  'core.v1.Pod',
  'core.v1.Service',
  'core.v1.ConfigMap',
  'core.v1.Secret',
  'core.v1.PersistentVolumeClaim',
  'core.v1.PersistentVolume',
  'core.v1.Event',
  'core.v1.Node',
  'core.v1.ServiceAccount',
  'core.v1.ResourceQuota',
  'core.v1.LimitRange',
  'core.v1.Binding',
  'apps.v1.Deployment',
  'apps.v1.StatefulSet',
  'apps.v1.DaemonSet',
  'apps.v1.ReplicaSet',
  'apps.v1.ControllerRevision',
  'batch.v1.Job',
  'batch.v1.CronJob',
  'autoscaling.v2.HorizontalPodAutoscaler',
  'autoscaling.v1.Scale',
  'policy.v1.PodDisruptionBudget',
  'policy.v1.Eviction',
  'networking.v1.Ingress',
  'networking.v1.NetworkPolicy',
  'discovery.v1.EndpointSlice',
  'events.v1.Event',
  'coordination.v1.Lease',
  'storage.v1.StorageClass',
  'scheduling.v1.PriorityClass',
  'rbac.v1.Role',
  'rbac.v1.RoleBinding',
  'rbac.v1.ClusterRole',
  'rbac.v1.ClusterRoleBinding',
  'authorization.v1.SelfSubjectAccessReview',
  'authorization.v1.SelfSubjectRulesReview',
  'authentication.v1.SelfSubjectReview',
  'authentication.v1.TokenRequest',
].map((name) => `io.k8s.api.${name}`)

const [modules = '', version = ''] = process.argv.slice(2)
const marksOf = readFields(modules, version)

const { definitions } = JSON.parse(await text(process.stdin)) as {
  readonly definitions: Readonly<Record<string, Property>>
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  Quantity: 'q',
  Time: 't',
  MicroTime: 'u',
  IntOrString: 'x',
  RawExtension: 'o',
  FieldsV1: 'o',
}

const found = new Set<string>()
const queue = [...ROOTS, 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (found.has(name)) continue
  found.add(name)
  JSON.stringify(definitions[name], (key, value) => {
    if (key === '$ref') queue.push(value.slice('#/definitions/'.length))
    return value
  })
}

const last = (name: string) => name.split('.').at(-1) as string
const short = (name: string) =>
  last(name) !== name && !name.includes('.core.') && isTwice(last(name))
    ? `${name.split('.').at(-3)}.${last(name)}`
    : last(name)

function isTwice(name: string): boolean {
  return [...found].filter((other) => last(other) === name).length > 1
}

function list(property: Property): string {
  const keys =
    property['x-kubernetes-list-type'] === 'map'
      ? (property['x-kubernetes-list-map-keys'] ?? []).join(',')
      : property['x-kubernetes-list-type'] === 'set'
        ? '='
        : ''
  const strategy = property['x-kubernetes-patch-strategy']
  const merge = strategy ? `~${property['x-kubernetes-patch-merge-key'] ?? ''}` : ''
  return `[${keys}${merge}]${code(property.items as Property)}`
}

function code(property: Property): string {
  if (property.$ref) {
    const name = property.$ref.slice('#/definitions/'.length)
    return PRIMITIVES[last(name)] ?? short(name)
  }
  if (property.type === 'array') return list(property)
  if (property.type === 'object') {
    if (!property.additionalProperties) return 'o'
    const atomic = property['x-kubernetes-map-type'] === 'atomic' ? '!' : ''
    return `{${atomic}}${code(property.additionalProperties)}`
  }
  if (property.type === 'boolean') return 'b'
  if (property.type === 'number') return 'f'
  if (property.type === 'integer') return property.format === 'int64' ? 'l' : 'i'
  if (property.format === 'byte') return 'y'
  return property.enum ? `s<${property.enum.join('|')}>` : 's'
}

const types: Record<string, string> = {}
for (const name of [...found].sort()) {
  const type = definitions[name] as Property
  if (PRIMITIVES[last(name)]) continue
  const properties = type.properties ?? {}
  const marks = marksOf(name)
  const fields = Object.entries(properties).map(([field, property]) => {
    const mark = marks.get(field)
    // These two are told beside the message, not in it.
    if (!mark && field !== 'apiVersion' && field !== 'kind')
      throw new Error(`${name} has no field ${field}`)
    const { path = '', presence = '' } = mark ?? {}
    const required = type.required?.includes(field) ? '*' : ''
    return `${field}${path && `=${path}`}${presence}${required}:${code(property)}`
  })
  const atomic = type['x-kubernetes-map-type'] === 'atomic' ? '! ' : ''
  types[short(name)] = atomic + fields.join(' ')
}
const file = new URL('../test/fakes/kubernetes/schema/types.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(types, undefined, 2)}\n`)
