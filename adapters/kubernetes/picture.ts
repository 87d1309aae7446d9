import type { AppId, AppStatus, Clock, Observed } from 'intermodal'
import { IntermodalError } from 'intermodal'
import type { Api } from './api.ts'
import { isStatus } from './api-error.ts'
import { historyOf, isControlledBy, selectorText } from './history.ts'
import {
  CONTROLLER_REVISIONS,
  EVENTS,
  NODES,
  PODS,
  REPLICA_SETS,
  type Resource,
  WORKLOADS,
} from './kinds.ts'
import { idOfObject } from './labels.ts'
import { objectName } from './names.ts'
import { slim } from './slim.ts'
import { statusOf } from './status.ts'
import { isApp, preferred, Store } from './store.ts'
import { WANTED_EVENTS } from './wanted-events.ts'
import type { KubernetesObject } from './wire.ts'
import type { KubernetesEvent, Pod } from './workload.ts'

export interface Found {
  readonly object: KubernetesObject
  readonly resource: Resource
}

/** The workload of an app, whatever its kind. */
export async function findWorkload(
  api: Api,
  id: AppId,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const name = objectName(id)
  const found = await Promise.all(
    WORKLOADS.map(async (resource) => {
      const object = await api.get(resource, name, signal)
      return object && { ...object, apiVersion: resource.apiVersion, kind: resource.kind }
    }),
  )
  const own = found.filter(
    (object) => object !== undefined && isApp(object) && idOfObject(object) === id,
  ) as KubernetesObject[]
  const object = preferred(own)
  const resource = WORKLOADS.find(({ kind }) => kind === object?.kind)
  return object && resource ? { object, resource } : undefined
}

export async function existing(api: Api, id: AppId, signal: AbortSignal): Promise<Found> {
  const found = await findWorkload(api, id, signal)
  if (found) return found
  throw new IntermodalError('APP_NOT_FOUND', `there is no app ${id}`, {
    app: id,
    remedy: 'check the id; list() shows what there is',
  })
}

/** What is known of one app now. Events are asked for only where something is not as wanted. */
export async function observeOne(
  api: Api,
  clock: Clock,
  id: AppId,
  signal: AbortSignal,
): Promise<AppStatus | undefined> {
  const found = await findWorkload(api, id, signal)
  if (!found) return undefined
  const { object: workload } = found
  const [{ pods, history }, lostNodes] = await Promise.all([
    podsOf(api, workload, signal),
    lostNodesOf(api, signal),
  ])
  const observed: Observed = { at: clock.now(), source: 'read', stale: false }
  const snapshot = { workload, pods, history, lostNodes, observed }
  const plain = statusOf(snapshot)
  if (isFine(plain)) return plain
  const about = new Set([workload, ...pods, ...history].map(({ metadata }) => metadata.uid))
  const events = (await eventsOf(api, signal)).filter(({ involvedObject }) =>
    about.has(involvedObject?.uid),
  )
  return events.length === 0 ? plain : statusOf({ ...snapshot, events })
}

export interface Instances {
  readonly pods: readonly Pod[]
  /** ReplicaSets, ControllerRevisions, Jobs. */
  readonly history: readonly KubernetesObject[]
}

export function podsOf(
  api: Api,
  workload: KubernetesObject,
  signal: AbortSignal,
): Promise<Instances> {
  return instancesOf(api, workload, signal, kept('Pod'))
}

/** With what they ask for, which no status needs. */
export function podsWhole(
  api: Api,
  workload: KubernetesObject,
  signal: AbortSignal,
): Promise<Instances> {
  return instancesOf(api, workload, signal, (pod) => ({ ...pod, kind: 'Pod' }))
}

async function instancesOf(
  api: Api,
  workload: KubernetesObject,
  signal: AbortSignal,
  keep: (pod: KubernetesObject) => KubernetesObject,
): Promise<Instances> {
  const labelSelector = selectorText(workload)
  const [{ items }, history] = await Promise.all([
    api.list(PODS, { labelSelector }, signal, keep),
    historyOf(api, workload, signal),
  ])
  const owners = [workload, ...history]
  return {
    pods: items.filter((pod) => owners.some((owner) => isControlledBy(pod, owner))) as Pod[],
    history,
  }
}

/** Everything, in one request for each kind. */
export async function observeAll(
  api: Api,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly AppStatus[]> {
  const store = new Store()
  const kinds = [...WORKLOADS, PODS, REPLICA_SETS, CONTROLLER_REVISIONS]
  const aside = [
    tolerant(api.list(NODES, {}, signal, kept('Node'))),
    tolerant(api.list(EVENTS, { fieldSelector: WANTED_EVENTS }, signal, kept('Event'))),
  ]
  const lists = kinds.map((resource) => api.list(resource, {}, signal, kept(resource.kind)))
  for (const listed of await Promise.all([...lists, ...aside]))
    for (const object of listed?.items ?? []) store.set(object)
  const observed: Observed = { at: clock.now(), source: 'read', stale: false }
  return [...store.ids()].flatMap((id) => {
    const facts = store.factsOf(id)
    return facts ? [statusOf({ ...facts, observed })] : []
  })
}

function kept(kind: string): (object: KubernetesObject) => KubernetesObject {
  return (object) => slim({ ...object, kind })
}

async function lostNodesOf(api: Api, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const listed = await tolerant(api.list(NODES, {}, signal))
  const lost = (listed?.items ?? []).filter(({ status }) => {
    const { conditions = [] } = (status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
    return !conditions.some(({ type, status: on }) => type === 'Ready' && on === 'True')
  })
  return new Set(lost.map(({ metadata }) => metadata.name ?? ''))
}

export async function eventsOf(api: Api, signal: AbortSignal): Promise<readonly KubernetesEvent[]> {
  const listed = await tolerant(
    api.list(EVENTS, { fieldSelector: WANTED_EVENTS }, signal, kept('Event')),
  )
  return (listed?.items ?? []) as KubernetesEvent[]
}

/** Nodes and events make a status better; not being allowed to see them is no failure. */
async function tolerant<T>(listing: Promise<T>): Promise<T | undefined> {
  try {
    return await listing
  } catch (error) {
    if (isStatus(error, 403)) return undefined
    throw error
  }
}

function isFine({ state, instances }: AppStatus): boolean {
  return (
    (state === 'running' || state === 'suspended' || state === 'completed') &&
    instances.every(({ ready, state: one }) => ready || one === 'succeeded')
  )
}
