import { conflict } from '../errors.ts'
import { type Answer, ok } from '../http/answer.ts'
import { bodyOf } from '../http/request.ts'
import { isObject, type JsonObject } from '../json.ts'
import { NAMESPACES, PODS } from '../kinds.ts'
import { time } from '../objects.ts'
import { checkEviction, evict } from '../write/evict.ts'
import type { DeleteOptions } from '../write/remove.ts'
import { type Call, found } from './resources.ts'

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

export function evictPod(call: Call): Answer {
  const { cluster, request } = call
  const pod = found(call)
  const eviction = bodyOf(cluster.schemas, request, 'Eviction')
  checkEviction(pod.metadata.name, eviction)
  const options = (eviction.deleteOptions ?? {}) as DeleteOptions & { readonly dryRun?: unknown }
  const dryRun = request.query.get('dryRun') === 'All' || Array.isArray(options.dryRun)
  evict(cluster, pod, { ...options, dryRun })
  return { status: 201, json: { ...SUCCESS, code: 201 } }
}

export function bindPod(call: Call): Answer {
  const { cluster, request } = call
  const pod = found(call)
  const { name } = pod.metadata
  const { target } = bodyOf(cluster.schemas, request, 'Binding') as {
    readonly target?: { readonly name?: string }
  }
  if (pod.spec?.nodeName)
    throw conflict(
      { ...PODS, plural: 'pods/binding' },
      name,
      `pod ${name} is already assigned to node "${String(pod.spec.nodeName)}"`,
    )
  cluster.bind(pod, target?.name ?? '')
  return { status: 201, json: { ...SUCCESS, code: 201 } }
}

export function finalizeNamespace(call: Call): Answer {
  const { cluster, request } = call
  const namespace = found(call)
  const { spec } = bodyOf(cluster.schemas, request, 'Namespace')
  const next = { ...namespace, spec: spec as JsonObject }
  const finalizers = ((spec as JsonObject | undefined)?.finalizers ?? []) as readonly string[]
  const leaving = namespace.metadata.deletionTimestamp !== undefined && finalizers.length === 0
  return ok(leaving ? cluster.store.delete(NAMESPACES, next) : cluster.store.put(NAMESPACES, next))
}

/** A token of the form that is expected; nobody asks whether it is good but `auth.tokens`. */
export function issueToken(call: Call): Answer {
  const { cluster, request } = call
  const { namespace, name, uid } = found(call).metadata
  const { spec } = bodyOf(cluster.schemas, request, 'TokenRequest')
  const { expirationSeconds = 3600, audiences } = isObject(spec) ? spec : {}
  const issued = Math.floor(cluster.now / 1000)
  const end = issued + Number(expirationSeconds)
  const claims = {
    aud: audiences ?? [ISSUER],
    exp: end,
    iat: issued,
    iss: ISSUER,
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
  const parts = [{ alg: 'none' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const json = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: time(cluster.now) },
    spec: { audiences: claims.aud, expirationSeconds, boundObjectRef: null },
    status: { token: `${parts.join('.')}.`, expirationTimestamp: time(end * 1000) },
  }
  return { status: 201, json }
}

const ISSUER = 'https://kubernetes.default.svc'
