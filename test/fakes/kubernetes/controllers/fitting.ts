import type { Cluster } from '../cluster.ts'
import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../objects.ts'
import { amountOf } from '../rules/pod.ts'
import { matches, objectSelector } from '../store/selectors.ts'

export interface Obstacle {
  readonly message: string
  /** It would be in the way on an empty node too. */
  readonly hopeless: boolean
}

export interface Verdict {
  readonly obstacle?: Obstacle | undefined
  readonly score: number
}

interface Term {
  readonly matchExpressions?: readonly {
    key: string
    operator: string
    values?: readonly string[]
  }[]
  readonly matchFields?: readonly { key: string; operator: string; values?: readonly string[] }[]
}

/** The pods that have their nodes. */
export interface Placed {
  readonly all: readonly KubeObject[]
  readonly on: ReadonlyMap<string, readonly KubeObject[]>
}

/** Whether a node would do, in the order and the words of the scheduler's own filters. */
export function fits(
  cluster: Cluster,
  pod: KubeObject,
  node: KubeObject,
  { all, on }: Placed,
  nodes: readonly KubeObject[],
): Verdict {
  const here = on.get(node.metadata.name) ?? []
  const fixed =
    unschedulable(pod, node) ??
    taint(pod, node, ['NoSchedule', 'NoExecute']) ??
    affinity(pod, node) ??
    resources(cluster, pod, node, [])
  if (fixed !== undefined) return { obstacle: { message: fixed, hopeless: true }, score: 0 }
  const passing =
    ports(pod, here) ??
    resources(cluster, pod, node, here) ??
    spreading(pod, node, all, nodes) ??
    antiAffinity(pod, node, all, nodes)
  if (passing !== undefined) return { obstacle: { message: passing, hopeless: false }, score: 0 }
  const same = here.filter(({ metadata }) =>
    sameLabels(metadata.labels, pod.metadata.labels),
  ).length
  const soft = taint(pod, node, ['PreferNoSchedule']) === undefined ? 0 : -1000
  return { score: soft + preferred(pod, node) - same * 10 - here.length }
}

function tolerations({ spec }: KubeObject): readonly JsonObject[] {
  return (spec?.tolerations ?? []) as readonly JsonObject[]
}

function unschedulable(pod: KubeObject, node: KubeObject): string | undefined {
  if (node.spec?.unschedulable !== true) return undefined
  const tolerated = tolerations(pod).some(
    ({ key, operator }) =>
      operator === 'Exists' && (key === undefined || key === 'node.kubernetes.io/unschedulable'),
  )
  return tolerated ? undefined : 'node(s) were unschedulable'
}

function taint(
  pod: KubeObject,
  { spec }: KubeObject,
  effects: readonly string[],
): string | undefined {
  const taints = (spec?.taints ?? []) as readonly { key: string; value?: string; effect: string }[]
  const bad = taints.find(
    (one) =>
      effects.includes(one.effect) &&
      !tolerations(pod).some(
        ({ key, operator, value, effect }) =>
          (effect === undefined || effect === one.effect) &&
          (key === undefined ||
            (key === one.key && (operator === 'Exists' || (value ?? '') === (one.value ?? '')))),
      ),
  )
  if (!bad) return undefined
  return `node(s) had untolerated taint {${bad.key}: ${bad.value ?? ''}}`
}

function termFits({ matchExpressions = [], matchFields = [] }: Term, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {}
  return (
    matchExpressions.every((one) => matches(one, labels)) &&
    matchFields.every((one) => matches(one, { 'metadata.name': node.metadata.name }))
  )
}

function nodeAffinity({ spec }: KubeObject): JsonObject {
  return ((spec?.affinity as JsonObject | undefined)?.nodeAffinity ?? {}) as JsonObject
}

function affinity(pod: KubeObject, node: KubeObject): string | undefined {
  const selector = (pod.spec?.nodeSelector ?? {}) as Readonly<Record<string, string>>
  const labels = node.metadata.labels ?? {}
  const chosen = Object.entries(selector).every(([key, value]) => labels[key] === value)
  const required = nodeAffinity(pod).requiredDuringSchedulingIgnoredDuringExecution as
    | { readonly nodeSelectorTerms?: readonly Term[] }
    | undefined
  const terms = required?.nodeSelectorTerms
  const fine = chosen && (terms === undefined || terms.some((term) => termFits(term, node)))
  return fine ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

function preferred(pod: KubeObject, node: KubeObject): number {
  const list = (nodeAffinity(pod).preferredDuringSchedulingIgnoredDuringExecution ??
    []) as unknown as readonly {
    readonly weight: number
    readonly preference: Term
  }[]
  return list.reduce(
    (sum, { weight, preference }) => sum + (termFits(preference, node) ? weight : 0),
    0,
  )
}

function hostPorts({ spec }: KubeObject): readonly string[] {
  return ((spec?.containers ?? []) as readonly JsonObject[]).flatMap((container) =>
    ((container.ports ?? []) as readonly JsonObject[]).flatMap(({ hostPort, protocol = 'TCP' }) =>
      hostPort ? [`${hostPort}/${protocol}`] : [],
    ),
  )
}

function ports(pod: KubeObject, here: readonly KubeObject[]): string | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const taken = new Set(here.flatMap(hostPorts))
  return wanted.some((port) => taken.has(port))
    ? "node(s) didn't have free ports for the requested pod ports"
    : undefined
}

/** What a pod asks for of one resource: its containers together, or its greediest initial one. */
function asked({ spec }: KubeObject, what: string): number {
  const amounts = (list: unknown) =>
    ((list ?? []) as readonly JsonObject[]).map((container) => {
      const { requests } = (container.resources ?? {}) as { readonly requests?: JsonObject }
      return { amount: amountOf(requests?.[what] as string | undefined), container }
    })
  const init = amounts(spec?.initContainers)
  const sidecars = init.filter(({ container }) => container.restartPolicy === 'Always')
  const sum = [...amounts(spec?.containers), ...sidecars].reduce(
    (total, { amount }) => total + amount,
    0,
  )
  return Math.max(sum, ...init.map(({ amount }) => amount))
}

function resources(
  cluster: Cluster,
  pod: KubeObject,
  node: KubeObject,
  here: readonly KubeObject[],
): string | undefined {
  const allocatable = (node.status?.allocatable ?? {}) as Readonly<Record<string, string>>
  if (here.length + 1 > amountOf(allocatable.pods)) return 'Too many pods'
  const others = cluster.worldNodes().get(node.metadata.name)?.used
  const foreign: Readonly<Record<string, number>> = {
    cpu: (others?.cpu ?? 0) / 1000,
    memory: others?.memory ?? 0,
    'ephemeral-storage': others?.disk ?? 0,
  }
  const wanted = ((pod.spec?.containers ?? []) as readonly JsonObject[]).flatMap((container) =>
    Object.keys(((container.resources as JsonObject | undefined)?.requests ?? {}) as object),
  )
  for (const what of [...new Set(wanted)].sort()) {
    const used = here.reduce((sum, one) => sum + asked(one, what), foreign[what] ?? 0)
    if (used + asked(pod, what) > amountOf(allocatable[what]) + 1e-9) return `Insufficient ${what}`
  }
  return undefined
}

function domainOf(node: KubeObject | undefined, key: string): string | undefined {
  return node?.metadata.labels?.[key]
}

function spreading(
  pod: KubeObject,
  node: KubeObject,
  placed: readonly KubeObject[],
  nodes: readonly KubeObject[],
): string | undefined {
  const rules = (pod.spec?.topologySpreadConstraints ?? []) as readonly JsonObject[]
  for (const { topologyKey, whenUnsatisfiable, maxSkew, labelSelector } of rules) {
    if (whenUnsatisfiable !== 'DoNotSchedule') continue
    const key = String(topologyKey)
    const own = domainOf(node, key)
    if (own === undefined)
      return "node(s) didn't match pod topology spread constraints (missing required label)"
    const chosen = objectSelector(labelSelector as JsonObject)
    const counts = new Map<string, number>()
    for (const one of nodes) {
      const domain = domainOf(one, key)
      if (domain !== undefined && affinity(pod, one) === undefined) counts.set(domain, 0)
    }
    for (const other of placed) {
      if (
        other.metadata.namespace !== pod.metadata.namespace ||
        !chosen(other.metadata.labels ?? {})
      )
        continue
      const domain = domainOf(
        nodes.find(({ metadata }) => metadata.name === other.spec?.nodeName),
        key,
      )
      if (domain !== undefined && counts.has(domain))
        counts.set(domain, (counts.get(domain) ?? 0) + 1)
    }
    if ((counts.get(own) ?? 0) + 1 - Math.min(...counts.values()) > Number(maxSkew))
      return "node(s) didn't match pod topology spread constraints"
  }
  return undefined
}

function antiAffinity(
  pod: KubeObject,
  node: KubeObject,
  placed: readonly KubeObject[],
  nodes: readonly KubeObject[],
): string | undefined {
  const rules = (pod.spec?.affinity ?? {}) as Readonly<Record<string, JsonObject | undefined>>
  const terms = (kind: string) =>
    (rules[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []) as readonly JsonObject[]
  const meets = ({ topologyKey, labelSelector }: JsonObject) => {
    const own = domainOf(node, String(topologyKey))
    const chosen = objectSelector(labelSelector as JsonObject)
    return placed.some(
      (other) =>
        other.metadata.namespace === pod.metadata.namespace &&
        chosen(other.metadata.labels ?? {}) &&
        own !== undefined &&
        domainOf(
          nodes.find(({ metadata }) => metadata.name === other.spec?.nodeName),
          String(topologyKey),
        ) === own,
    )
  }
  if (terms('podAntiAffinity').some(meets)) return "node(s) didn't match pod anti-affinity rules"
  const alone = (term: JsonObject) =>
    !placed.some((other) =>
      objectSelector(term.labelSelector as JsonObject)(other.metadata.labels ?? {}),
    ) && objectSelector(term.labelSelector as JsonObject)(pod.metadata.labels ?? {})
  return terms('podAffinity').every((term) => meets(term) || alone(term))
    ? undefined
    : "node(s) didn't match pod affinity rules"
}

function sameLabels(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const keys = Object.keys(b)
  return (
    keys.length > 0 &&
    keys.every((key) => a[key] === b[key] || key.includes('hash') || key.includes('kubernetes.io'))
  )
}
