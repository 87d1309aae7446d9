import { conflict, failure } from '../errors.ts'
import { type Answer, ok } from '../http/answer.ts'
import { bodyOf } from '../http/request.ts'
import { isObject, type JsonObject } from '../json.ts'
import { BUDGETS, NAMESPACES, PODS } from '../kinds.ts'
import { time } from '../objects.ts'
import { objectSelector } from '../store/selectors.ts'
import type { DeleteOptions } from '../write/remove.ts'
import { type Call, found } from './resources.ts'

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

/** A deletion that asks the budgets first. */
export function evict(call: Call): Answer {
  const { cluster, request } = call
  const pod = found(call)
  const { namespace, labels = {}, name } = pod.metadata
  const budgets = cluster.store
    .list(BUDGETS, namespace)
    .filter(({ spec = {} }) => objectSelector(spec.selector as JsonObject)(labels))
  const full = budgets.find(({ status = {} }) => Number(status.disruptionsAllowed ?? 0) < 1)
  if (full)
    throw failure(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${full.metadata.name} needs ${full.status?.desiredHealthy} healthy pods and has ${full.status?.currentHealthy} currently`,
          },
        ],
      },
    )
  const { deleteOptions } = bodyOf(cluster.schemas, request, 'Eviction') as {
    readonly deleteOptions?: DeleteOptions
  }
  cluster.remove(PODS, cluster.writer.mustGet(PODS, namespace, name), deleteOptions ?? {})
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
