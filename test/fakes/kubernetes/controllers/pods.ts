import type { Cluster } from '../cluster.ts'
import { Refused } from '../errors.ts'
import { canonical, type JsonObject } from '../json.ts'
import { apiVersionOf, type Kind, PODS } from '../kinds.ts'
import { isGoing, type KubeObject, type OwnerReference } from '../objects.ts'
import { MANAGER } from './controllers.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly lastUpdateTime?: string
}

export interface Template {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: JsonObject
}

/** Which state of its spec a condition of a pod is about. */
export function observed({ metadata }: KubeObject): { readonly observedGeneration?: number } {
  return metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }
}

export function conditionsOf({ status }: KubeObject): readonly Condition[] {
  return (status?.conditions ?? []) as unknown as readonly Condition[]
}

export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((one) => one.type === type)
}

export function isReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** Milliseconds until it counts as available; 0: it does. `undefined`: it is not even ready. */
export function untilAvailable(pod: KubeObject, minReady: number, now: number): number | undefined {
  const ready = conditionOf(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReady === 0) return 0
  return Math.max(0, Date.parse(ready.lastTransitionTime ?? '') + minReady * 1000 - now)
}

export function isOver({ status }: KubeObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Counts towards what is wanted. */
export function isActive(pod: KubeObject): boolean {
  return !isOver(pod) && !isGoing(pod)
}

export function ownerOf(kind: Kind, { metadata: { name, uid } }: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

export interface Birth {
  readonly name?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly finalizers?: readonly string[] | undefined
  readonly spec?: JsonObject | undefined
}

/** A pod, or why there is none. */
export type Made =
  | { readonly pod: KubeObject; readonly refusal?: undefined }
  | { readonly pod?: undefined; readonly refusal: string }

/** What was refused is tried again so much later, milliseconds. */
export const RETRY = 5_000

/** Makes a pod of its owner's; what the API refuses is told as an event of the owner. */
export function makePod(
  cluster: Cluster,
  kind: Kind,
  owner: KubeObject,
  template: Template,
  birth: Birth = {},
): Made {
  try {
    return { pod: bornPod(cluster, kind, owner, template, birth) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const message =
      birth.name === undefined
        ? `Error creating: ${error.message}`
        : `create Pod ${birth.name} in ${kind.kind} ${owner.metadata.name} failed error: ${error.message}`
    const component = `${kind.kind.toLowerCase()}-controller`
    const told = { type: 'Warning', reason: 'FailedCreate', message, component } as const
    cluster.events.tell(kind, owner, told)
    return { refusal: error.message }
  }
}

function bornPod(
  cluster: Cluster,
  kind: Kind,
  owner: KubeObject,
  template: Template,
  birth: Birth,
): KubeObject {
  const { name, labels = {}, annotations = {}, finalizers = [], spec = {} } = birth
  const { namespace, name: of } = owner.metadata
  const notes = { ...template.metadata?.annotations, ...annotations }
  return cluster.make(
    PODS,
    namespace,
    {
      metadata: {
        ...(name === undefined ? { generateName: `${of}-` } : { name }),
        labels: { ...template.metadata?.labels, ...labels },
        ...(Object.keys(notes).length > 0 ? { annotations: notes } : {}),
        ...(finalizers.length > 0 ? { finalizers } : {}),
        ownerReferences: [ownerOf(kind, owner)],
      },
      spec: { ...template.spec, ...spec },
    },
    MANAGER,
  )
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** FNV-1a over the value, in the letters names are made of. */
export function hashOf(value: unknown): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(canonical(value))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % 27]).join('')
}

/** A count, or a share of the whole. */
export function share(value: unknown, whole: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = Number(/^(\d+)%$/.exec(String(value ?? '0%'))?.[1] ?? 0)
  return round === 'up' ? Math.ceil((percent * whole) / 100) : Math.floor((percent * whole) / 100)
}

/** Which pod is missed least: one that is nowhere, one that does not run, one that is not ready, the youngest. */
export function byWorth(a: KubeObject, b: KubeObject): number {
  const rank = (pod: KubeObject) =>
    (pod.spec?.nodeName ? 4 : 0) +
    (pod.status?.phase === 'Running' ? 2 : 0) +
    (isReady(pod) ? 1 : 0)
  const worth = rank(a) - rank(b)
  if (worth !== 0) return worth
  return Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion)
}

export function restartsOf({ status }: KubeObject): number {
  return ((status?.containerStatuses ?? []) as readonly JsonObject[]).reduce(
    (sum, { restartCount }) => sum + Number(restartCount ?? 0),
    0,
  )
}

/** When the last of its containers ended, milliseconds since the epoch. */
export function endOf({ status }: KubeObject): number {
  const ends = (
    (status?.containerStatuses ?? []) as readonly {
      readonly state?: { readonly terminated?: { readonly finishedAt?: string } }
    }[]
  ).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? '') || 0)
  return Math.max(0, ...ends)
}
