import { alreadyExists, forbidden, notFound } from '../errors.ts'
import { isObject, type JsonObject, sameJson } from '../json.ts'
import {
  CLAIMS,
  DAEMON_SETS,
  JOBS,
  type Kind,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  SERVICES,
  STORAGE_CLASSES,
} from '../kinds.ts'
import { isGoing, type KubeObject } from '../objects.ts'
import type { Store } from '../store/store.ts'
import { qosOf } from './beginnings.ts'
import { checkLimits, withUsualAmounts } from './limits.ts'
import { priorityOf } from './priority.ts'
import { checkQuotas } from './quotas.ts'

/** What the API server adds to new objects of some kinds, and what it refuses of them. */
export class Admission {
  readonly #store: Store
  readonly #suffix: (length: number) => string
  #addresses = 0
  #ports = 0

  constructor(store: Store, suffix: (length: number) => string) {
    this.#store = store
    this.#suffix = suffix
  }

  /** Throws when there is no such namespace, or when it is on its way out. */
  namespace(kind: Kind, namespace: string, name: string): void {
    const found = this.#store.get(NAMESPACES, undefined, namespace)
    if (!found) throw notFound(NAMESPACES, namespace)
    if (isGoing(found))
      throw forbidden(
        kind,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      )
  }

  admit(kind: Kind, object: KubeObject): KubeObject {
    if (kind === PODS) return this.#pod(object)
    if (kind === SERVICES) return this.#service(object)
    if (kind === CLAIMS) return this.#claim(object)
    if (kind === JOBS) return ownJob(object)
    if (kind === DAEMON_SETS) return withGeneration(object, 1)
    if (kind === NAMESPACES) {
      const labels = {
        ...object.metadata.labels,
        'kubernetes.io/metadata.name': object.metadata.name,
      }
      return { ...object, metadata: { ...object.metadata, labels } }
    }
    return object
  }

  /** Throws when the object, whole as it is now, is too much for its namespace. */
  check(kind: Kind, object: KubeObject, now: number): void {
    checkLimits(this.#store, kind, object)
    checkQuotas(this.#store, kind, object, now)
  }

  #pod(given: KubeObject): KubeObject {
    const object = withUsualAmounts(this.#store, given)
    const spec = (object.spec ?? {}) as JsonObject
    const account = String(spec.serviceAccountName ?? 'default')
    const { namespace = '', name } = object.metadata
    if (!this.#store.get(SERVICE_ACCOUNTS, namespace, account))
      throw forbidden(
        PODS,
        name,
        `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
      )
    const tokens = spec.automountServiceAccountToken !== false
    const volume = `kube-api-access-${this.#suffix(5)}`
    const mounted = (list: unknown) =>
      ((list ?? []) as readonly JsonObject[]).map((container) =>
        tokens
          ? {
              ...container,
              volumeMounts: [
                ...((container.volumeMounts ?? []) as JsonObject[]),
                tokenMount(volume),
              ],
            }
          : container,
      )
    const admitted = {
      ...spec,
      ...(tokens
        ? { volumes: [...((spec.volumes ?? []) as JsonObject[]), tokenVolume(volume)] }
        : {}),
      containers: mounted(spec.containers),
      ...(spec.initContainers ? { initContainers: mounted(spec.initContainers) } : {}),
      serviceAccountName: account,
      serviceAccount: account,
      tolerations: withUsual((spec.tolerations ?? []) as readonly JsonObject[]),
      ...priorityOf(this.#store, object),
    }
    const status = { ...object.status, qosClass: qosOf(admitted) }
    return { ...object, spec: admitted, status } as KubeObject
  }

  #service(object: KubeObject): KubeObject {
    const spec = object.spec ?? {}
    if (spec.type === 'ExternalName') return object
    const clusterIP = spec.clusterIP || this.#address()
    const nodePorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    const ports = ((spec.ports ?? []) as readonly JsonObject[]).map((port) =>
      nodePorts && !port.nodePort ? { ...port, nodePort: 30_000 + (this.#ports++ % 2768) } : port,
    )
    const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }
    return { ...object, spec: { ...families, ...spec, ports, clusterIP, clusterIPs: [clusterIP] } }
  }

  #address(): string {
    this.#addresses++
    return `10.96.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`
  }

  #claim(object: KubeObject): KubeObject {
    const finalizers = [...(object.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection']
    const standard = [...this.#store.all(STORAGE_CLASSES)].find(
      ({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true',
    )
    const storageClassName = object.spec?.storageClassName ?? standard?.metadata.name
    return {
      ...object,
      metadata: { ...object.metadata, finalizers: [...new Set(finalizers)] },
      spec: { ...object.spec, ...(storageClassName === undefined ? {} : { storageClassName }) },
    }
  }

  /** What a write may still change of a service whose address is given out. */
  change(kind: Kind, before: KubeObject, after: KubeObject): KubeObject {
    if (kind === DAEMON_SETS && !sameJson(before.spec?.template, after.spec?.template))
      return withGeneration(
        after,
        Number(before.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1) + 1,
      )
    if (kind !== SERVICES || !isObject(after.spec)) return after
    const old = before.spec ?? {}
    const kept = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].filter(
      (key) => after.spec?.[key] === undefined && old[key] !== undefined,
    )
    const spec = { ...after.spec, ...Object.fromEntries(kept.map((key) => [key, old[key]])) }
    return this.#service({ ...after, spec } as KubeObject)
  }

  refuseTwice(kind: Kind, namespace: string | undefined, name: string): void {
    if (this.#store.get(kind, namespace, name)) throw alreadyExists(kind, name)
  }
}

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** A count that DaemonSets had before there was one for everything, and still have. */
function withGeneration(object: KubeObject, generation: number): KubeObject {
  const annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** The pods of a job are told apart by its own uid, unless it says otherwise. */
function ownJob(object: KubeObject): KubeObject {
  const { metadata, spec = {} } = object
  if (spec.manualSelector === true) return object
  const own = {
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
  }
  const template = (spec.template ?? {}) as { readonly metadata?: JsonObject }
  const labels = { ...(template.metadata?.labels as object), ...own }
  return {
    ...object,
    metadata: { ...metadata, labels: metadata.labels ?? labels },
    spec: {
      ...spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

function tokenMount(name: string): JsonObject {
  return { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 420,
    },
  }
}

/** A node may be away for five minutes before its pods are. */
function withUsual(tolerations: readonly JsonObject[]): readonly JsonObject[] {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !tolerations.some(
        (one) =>
          (one.key === key || one.key === undefined) && (one.effect ?? 'NoExecute') === 'NoExecute',
      ),
  )
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  ]
}
