import { forbidden } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import {
  ALL_KINDS,
  CLAIMS,
  CONFIG_MAPS,
  type Kind,
  PODS,
  QUOTAS,
  SECRETS,
  SERVICES,
} from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { type Amounts, plus, told } from '../rules/amounts.ts'
import { amountOf } from '../rules/pod.ts'
import { matches } from '../store/selectors.ts'
import type { Store } from '../store/store.ts'
import { qosOf } from './beginnings.ts'
import { totalOf } from './limits.ts'

/** Of these a quota demands that every container says them. */
const DEMANDED = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']

/** Throws when the object is too much for a quota of its namespace, as far as the quota knows already what it has to hold. */
export function checkQuotas(store: Store, kind: Kind, object: KubeObject, now: number): void {
  const { namespace, name } = object.metadata
  if (namespace === undefined) return
  for (const quota of store.list(QUOTAS, namespace)) {
    const hard = (quota.status?.hard ?? {}) as Amounts
    if (!isIn(quota, kind, object)) continue
    if (kind === PODS) {
      const missing = unsaid(object, hard)
      if (missing !== '')
        throw forbidden(kind, name, `failed quota: ${quota.metadata.name}: must specify ${missing}`)
    }
    const usage = usageOf(kind, object, now)
    const asked = only(usage, (what) => what in hard && amountOf(usage[what]) > 0)
    if (Object.keys(asked).length === 0) continue
    const used = usedOf(store, quota, now)
    const over = (what: string) =>
      amountOf(used[what]) + amountOf(asked[what]) > amountOf(hard[what])
    const exceeded = only(asked, over)
    if (Object.keys(exceeded).length === 0) continue
    const within = (amounts: Amounts) => told(only(amounts, (what) => what in exceeded))
    throw forbidden(
      kind,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${within(asked)}, used: ${within(used)}, limited: ${within(hard)}`,
    )
  }
}

/** What there is at this moment of all that a quota limits. */
export function usedOf(store: Store, quota: KubeObject, now: number): Amounts {
  const hard = Object.keys((quota.spec?.hard ?? {}) as Amounts)
  const kinds = new Set(hard.flatMap((what) => kindOf(what) ?? []))
  let used: Amounts = Object.fromEntries(hard.map((what) => [what, '0']))
  for (const kind of kinds)
    for (const object of store.list(kind, quota.metadata.namespace))
      if (isIn(quota, kind, object))
        used = plus(
          used,
          only(usageOf(kind, object, now), (what) => what in used),
        )
  return used
}

function only(amounts: Amounts, fits: (what: string) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([what]) => fits(what)))
}

function kindOf(what: string): Kind | undefined {
  const counted = /^count\/(.+)$/.exec(what)?.[1]
  if (counted !== undefined)
    return ALL_KINDS.find((kind) => !kind.storedAs && countName(kind) === `count/${counted}`)
  if (/^services(\.|$)/.test(what)) return SERVICES
  if (/^persistentvolumeclaims$|^requests\.storage$|\.storageclass\.storage\.k8s\.io\//.test(what))
    return CLAIMS
  return { configmaps: CONFIG_MAPS, secrets: SECRETS, resourcequotas: QUOTAS }[what] ?? PODS
}

function countName({ plural, group }: Kind): string {
  return `count/${plural}${group && `.${group}`}`
}

function usageOf(kind: Kind, object: KubeObject, now: number): Amounts {
  const count = { [countName(kind)]: '1' }
  switch (kind) {
    case PODS:
      return { ...count, ...(isOverForQuotas(object, now) ? {} : podUsage(object)) }
    case SERVICES:
      return { ...count, ...serviceUsage(object.spec ?? {}) }
    case CLAIMS:
      return { ...count, ...claimUsage(object.spec ?? {}) }
    case CONFIG_MAPS:
    case SECRETS:
    case QUOTAS:
      return { ...count, [kind.plural]: '1' }
    default:
      return count
  }
}

/** What has ended, or should have long ago, takes nothing from anybody. */
function isOverForQuotas({ status, metadata }: KubeObject, now: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  return (
    deletionTimestamp !== undefined &&
    now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
  )
}

function podUsage(pod: KubeObject): Amounts {
  return { pods: '1', ...amountsOf(totalOf(pod, 'requests'), totalOf(pod, 'limits')) }
}

function amountsOf(requests: Amounts, limits: Amounts): Amounts {
  const plain = ['cpu', 'memory', 'ephemeral-storage']
  return {
    ...only(requests, (what) => plain.includes(what)),
    ...prefixed('requests.', requests),
    ...prefixed(
      'limits.',
      only(limits, (what) => plain.includes(what)),
    ),
  }
}

function prefixed(prefix: string, amounts: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(amounts).map(([what, amount]) => [prefix + what, amount]),
  )
}

function serviceUsage({ type, ports = [], allocateLoadBalancerNodePorts }: JsonObject): Amounts {
  const all = ports as readonly JsonObject[]
  const balanced = type === 'LoadBalancer'
  const explicit = balanced && allocateLoadBalancerNodePorts === false
  const counted = explicit ? all.filter(({ nodePort }) => nodePort) : all
  return {
    services: '1',
    'services.loadbalancers': balanced ? '1' : '0',
    'services.nodeports': balanced || type === 'NodePort' ? String(counted.length) : '0',
  }
}

function claimUsage({ resources, storageClassName }: JsonObject): Amounts {
  const { storage = '0' } = ((resources as JsonObject | undefined)?.requests ?? {}) as Amounts
  const amounts = { persistentvolumeclaims: '1', 'requests.storage': storage }
  if (!storageClassName) return amounts
  return { ...amounts, ...prefixed(`${storageClassName}.storageclass.storage.k8s.io/`, amounts) }
}

/** `requests.cpu for: main,side`: what the quota demands and containers do not say. */
function unsaid(pod: KubeObject, hard: Amounts): string {
  const { containers = [], initContainers = [] } = (pod.spec ?? {}) as {
    readonly containers?: readonly JsonObject[]
    readonly initContainers?: readonly JsonObject[]
  }
  return DEMANDED.filter((what) => what in hard)
    .flatMap((what) => {
      const silent = [...containers, ...initContainers].filter(({ resources }) => {
        const { requests = {}, limits = {} } = (resources ?? {}) as Record<string, Amounts>
        return !(what in amountsOf(requests, limits))
      })
      const names = silent.map(({ name }) => String(name)).sort()
      return names.length === 0 ? [] : [`${what} for: ${names.join(',')}`]
    })
    .join('; ')
}

interface Scope {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** Scopes are about pods: a quota that has some is about nothing else. */
function isIn({ spec = {} }: KubeObject, kind: Kind, object: KubeObject): boolean {
  const names = (spec.scopes ?? []) as readonly string[]
  const { matchExpressions = [] } = (spec.scopeSelector ?? {}) as {
    readonly matchExpressions?: readonly Scope[]
  }
  const scopes = [
    ...names.map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...matchExpressions,
  ]
  return scopes.length === 0 || (kind === PODS && scopes.every((scope) => isInScope(scope, object)))
}

function isInScope(
  { scopeName, operator, values = [] }: Scope,
  { spec = {} }: KubeObject,
): boolean {
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return qosOf(spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosOf(spec) !== 'BestEffort'
    case 'PriorityClass': {
      const labels = spec.priorityClassName ? { class: String(spec.priorityClassName) } : {}
      return matches({ key: 'class', operator, values }, labels)
    }
    default:
      return false
  }
}
