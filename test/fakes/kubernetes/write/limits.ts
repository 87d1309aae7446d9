import { forbidden } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { CLAIMS, type Kind, LIMIT_RANGES, PODS } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import { type Amounts, most, plus } from '../rules/amounts.ts'
import { amountOf } from '../rules/pod.ts'
import type { Store } from '../store/store.ts'

interface Item {
  readonly type: string
  readonly min?: Amounts
  readonly max?: Amounts
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

interface Resources {
  readonly requests?: Amounts
  readonly limits?: Amounts
}

interface Container {
  readonly name: string
  readonly resources?: Resources
  readonly restartPolicy?: string
}

function itemsOf(store: Store, namespace: string | undefined): readonly Item[] {
  return store
    .list(LIMIT_RANGES, namespace)
    .flatMap(({ spec }) => (spec?.limits ?? []) as unknown as readonly Item[])
}

function containersOf({ spec = {} }: KubeObject, key: string): readonly Container[] {
  return (spec[key] ?? []) as unknown as readonly Container[]
}

/** Gives containers that do not say it the amounts that are usual in their namespace. */
export function withUsualAmounts(store: Store, pod: KubeObject): KubeObject {
  const items = itemsOf(store, pod.metadata.namespace).filter(({ type }) => type === 'Container')
  if (items.length === 0) return pod
  const limits = Object.assign({}, ...items.map((item) => item.default ?? {}))
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest ?? {}))
  const notes: string[] = []
  const filled = (container: Container, what: string): Container => {
    const { resources = {} } = container
    const note = (word: string, usual: Amounts, given: Amounts = {}) => {
      const set = Object.keys(usual).filter((name) => given[name] === undefined)
      if (set.length > 0)
        notes.push(`${set.sort().join(', ')} ${word} for ${what} ${container.name}`)
    }
    note('request', requests, resources.requests)
    note('limit', limits, resources.limits)
    return {
      ...container,
      resources: {
        ...resources,
        ...present('limits', { ...limits, ...resources.limits }),
        ...present('requests', { ...requests, ...resources.requests }),
      },
    }
  }
  const spec = {
    ...pod.spec,
    containers: containersOf(pod, 'containers').map((one) => filled(one, 'container')),
    ...(pod.spec?.initContainers
      ? {
          initContainers: containersOf(pod, 'initContainers').map((one) =>
            filled(one, 'init container'),
          ),
        }
      : {}),
  } as unknown as JsonObject
  if (notes.length === 0) return pod
  const note = { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${notes.join('; ')}` }
  const annotations = { ...pod.metadata.annotations, ...note }
  return { ...pod, spec, metadata: { ...pod.metadata, annotations } }
}

function present(key: string, amounts: Amounts): object {
  return Object.keys(amounts).length > 0 ? { [key]: amounts } : {}
}

/** All that a pod asks for, or may have: its containers together, or the greediest of those that run before them. */
export function totalOf(pod: KubeObject, which: keyof Resources): Amounts {
  const amounts = ({ resources }: Container) => resources?.[which] ?? {}
  let total = containersOf(pod, 'containers').map(amounts).reduce(plus, {})
  let beside: Amounts = {}
  let before: Amounts = {}
  for (const container of containersOf(pod, 'initContainers')) {
    const stays = container.restartPolicy === 'Always'
    if (stays) {
      total = plus(total, amounts(container))
      beside = plus(beside, amounts(container))
    }
    before = most(before, stays ? beside : plus(amounts(container), beside))
  }
  return most(total, before)
}

/** Throws when the object asks for more, or less, than its namespace allows one. */
export function checkLimits(store: Store, kind: Kind, object: KubeObject): void {
  if (kind !== PODS && kind !== CLAIMS) return
  const faults = itemsOf(store, object.metadata.namespace).flatMap((item) =>
    subjects(kind, object, item.type).flatMap((resources) => faultsOf(item, resources, kind)),
  )
  if (faults.length === 0) return
  const why = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
  throw forbidden(kind, object.metadata.name, String(why))
}

function subjects(kind: Kind, object: KubeObject, type: string): readonly Resources[] {
  if (kind === CLAIMS)
    return type === 'PersistentVolumeClaim' ? [(object.spec?.resources ?? {}) as Resources] : []
  if (type === 'Pod')
    return [{ requests: totalOf(object, 'requests'), limits: totalOf(object, 'limits') }]
  if (type !== 'Container') return []
  const all = [...containersOf(object, 'containers'), ...containersOf(object, 'initContainers')]
  return all.map(({ resources }) => resources ?? {})
}

function faultsOf(item: Item, { requests = {}, limits = {} }: Resources, kind: Kind): string[] {
  const { type, min = {}, max = {}, maxLimitRequestRatio = {} } = item
  const outOf = (amounts: Amounts, test: (what: string, bound: string) => string | undefined) =>
    Object.entries(amounts).flatMap(([what, bound]) => test(what, bound) ?? [])
  const below = (what: string, bound: string) => {
    const [request, limit] = [requests[what], limits[what]]
    const rule = `minimum ${what} usage per ${type} is ${bound}`
    if (request === undefined) return `${rule}.  No request is specified`
    if (amountOf(request) < amountOf(bound)) return `${rule}, but request is ${request}`
    return limit !== undefined && amountOf(limit) < amountOf(bound)
      ? `${rule}, but limit is ${limit}`
      : undefined
  }
  const above = (what: string, bound: string) => {
    const [request, limit] = [requests[what], limits[what]]
    const rule = `maximum ${what} usage per ${type} is ${bound}`
    // Only what is asked for counts for storage, which has no limits.
    if (kind === PODS && limit === undefined) return `${rule}.  No limit is specified`
    if (kind === CLAIMS && request === undefined) return `${rule}.  No request is specified`
    if (limit !== undefined && amountOf(limit) > amountOf(bound))
      return `${rule}, but limit is ${limit}`
    return request !== undefined && amountOf(request) > amountOf(bound)
      ? `${rule}, but request is ${request}`
      : undefined
  }
  const apart = (what: string, bound: string) => {
    const [request, limit] = [amountOf(requests[what]), amountOf(limits[what])]
    const rule = `${what} max limit to request ratio per ${type} is ${bound}`
    if (request === 0) return `${rule}, but no request is specified or request is 0`
    if (limit === 0) return `${rule}, but no limit is specified or limit is 0`
    return limit / request > amountOf(bound)
      ? `${rule}, but provided ratio is ${(limit / request).toFixed(6)}`
      : undefined
  }
  return [...outOf(min, below), ...outOf(max, above), ...outOf(maxLimitRequestRatio, apart)]
}
