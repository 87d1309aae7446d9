import type { ClusterNode } from 'intermodal'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { NODES, PODS } from './kinds.ts'
import { parseBytes, parseMilli } from './quantity.ts'
import type { KubernetesObject, PodSpec, Quantities } from './wire.ts'
import type { Pod } from './workload.ts'

interface NodeObject extends KubernetesObject {
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: {
    readonly allocatable?: Quantities
    readonly capacity?: Quantities
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly nodeInfo?: Readonly<Record<string, string>>
  }
}

type Amounts = { readonly cpu?: number; readonly memory?: number; readonly disk?: number }

export async function listNodes(api: Api, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  const [nodes, pods] = await Promise.all([api.list(NODES, {}, signal), runningPods(api, signal)])
  return describeNodes(nodes.items as NodeObject[], pods)
}

/** Of all namespaces: nodes are shared. Without that right only ours are counted. */
export async function runningPods(api: Api, signal: AbortSignal): Promise<readonly Pod[]> {
  const fieldSelector = 'status.phase!=Succeeded,status.phase!=Failed'
  const keep = ({ metadata, spec }: KubernetesObject) => {
    const { nodeName, containers, initContainers, overhead } = (spec ?? {}) as PodSpec
    return {
      metadata: { name: metadata.name },
      spec: {
        nodeName,
        containers: containers?.map(lean),
        initContainers: initContainers?.map(lean),
        overhead,
      },
    } as unknown as Pod
  }
  try {
    return (await api.list({ ...PODS, namespaced: false }, { fieldSelector }, signal, keep)).items
  } catch (error) {
    if (!isStatus(error, 403)) throw error
    return (await api.list(PODS, { fieldSelector }, signal, keep)).items
  }
}

function lean({ name, resources, restartPolicy }: PodSpec['containers'][number]): object {
  return { name, resources, restartPolicy }
}

export function describeNodes(
  nodes: readonly NodeObject[],
  pods: readonly Pod[],
): readonly ClusterNode[] {
  const byNode = Map.groupBy(pods, ({ spec }) => spec?.nodeName)
  return nodes.map((node) => ({
    id: node.metadata.name ?? '',
    name: node.metadata.name ?? '',
    state: stateOf(node),
    attributes: attributesOf(node),
    capacity: amounts(node.status?.allocatable ?? node.status?.capacity ?? {}),
    reserved: (byNode.get(node.metadata.name) ?? [])
      .map(requestsOf)
      .reduce(plus, { cpu: 0, memory: 0 }),
  }))
}

function stateOf({ spec, status }: NodeObject): ClusterNode['state'] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status
  if (ready === 'False') return 'down'
  if (ready !== 'True') return ready === undefined ? 'unknown' : 'down'
  return spec?.unschedulable ? 'draining' : 'ready'
}

/** Everything placement rules can name. */
function attributesOf({ metadata, status }: NodeObject): Readonly<Record<string, string>> {
  const version = status?.nodeInfo?.kubeletVersion
  return { ...metadata.labels, ...(version === undefined ? {} : { 'kubelet.version': version }) }
}

function amounts(given: Quantities): Amounts {
  const cpu = given.cpu === undefined ? undefined : parseMilli(given.cpu)
  const memory = given.memory === undefined ? undefined : parseBytes(given.memory)
  const disk =
    given['ephemeral-storage'] === undefined ? undefined : parseBytes(given['ephemeral-storage'])
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(disk === undefined ? {} : { disk }),
  }
}

/** As the scheduler counts: all containers, or the largest that runs before them. */
export function requestsOf({ spec }: Pod): Amounts {
  const requests = (container: PodSpec['containers'][number]) =>
    amounts(container.resources?.requests ?? {})
  const first = spec?.initContainers ?? []
  const lasting = first.filter(({ restartPolicy }) => restartPolicy === 'Always')
  const before = first.filter((container) => !lasting.includes(container)).map(requests)
  const together = [...(spec?.containers ?? []), ...lasting].map(requests).reduce(plus, {})
  const peak = before.reduce<Amounts>(most, together)
  return plus(peak, amounts((spec?.overhead ?? {}) as Quantities))
}

function plus(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => x + y)
}

function most(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, Math.max)
}

function combine(a: Amounts, b: Amounts, by: (x: number, y: number) => number): Amounts {
  const keys = (['cpu', 'memory', 'disk'] as const).filter((key) => key in a || key in b)
  return Object.fromEntries(keys.map((key) => [key, by(a[key] ?? 0, b[key] ?? 0)]))
}
