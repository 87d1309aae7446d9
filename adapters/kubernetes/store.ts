import { controllerOf } from './history.ts'
import { idOfObject, isManaged } from './labels.ts'
import type { Snapshot } from './status.ts'
import type { KubernetesObject } from './wire.ts'
import type { KubernetesEvent, Pod } from './workload.ts'

/** Kinds that run apps, in the order that decides between two of one name. */
const RANK: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

export type Facts = Omit<Snapshot, 'observed'>

/**
 * Slimmed objects of one namespace, by what controls what. Each change names the app it is about, whatever the order
 * things become known in: a pod may be told of before its ReplicaSet.
 */
export class Store {
  readonly #objects = new Map<string, KubernetesObject>()
  readonly #children: Index = new Map()
  readonly #events = new Map<string, Map<string, KubernetesEvent>>()
  readonly #apps: Index = new Map()
  readonly #lost = new Set<string>()

  /** Ids of all apps. */
  ids(): IterableIterator<string> {
    return this.#apps.keys()
  }

  /** The uid of everything known of a kind. */
  *uidsOf(kind: string): Generator<string, void, void> {
    if (kind === 'Event') for (const events of this.#events.values()) yield* events.keys()
    else for (const [uid, object] of this.#objects) if (object.kind === kind) yield uid
  }

  /** The apps it concerns. */
  set(object: KubernetesObject): readonly string[] {
    if (object.kind === 'Event') return this.#setEvent(object as KubernetesEvent)
    if (object.kind === 'Node') return this.#setNode(object)
    const uid = uidOf(object)
    const before = this.#objects.get(uid)
    this.#objects.set(uid, object)
    const owner = controllerOf(object.metadata)
    if (!before && owner !== undefined) add(this.#children, owner, uid)
    if (!isApp(object)) return this.#rootsOf(uid)
    // Marks can be written anew: then it is another app.
    const moved = before && isApp(before) && idOfObject(before) !== idOfObject(object)
    const ids = moved ? this.#forget(before, uid) : []
    add(this.#apps, idOfObject(object), uid)
    return [...ids, idOfObject(object)]
  }

  delete(kind: string, uid: string): readonly string[] {
    if (kind === 'Event') return this.#deleteEvent(uid)
    if (kind === 'Node') return this.#deleteNode(uid)
    const object = this.#objects.get(uid)
    if (!object) return []
    const ids = isApp(object) ? this.#forget(object, uid) : this.#rootsOf(uid)
    this.#objects.delete(uid)
    this.#events.delete(uid)
    const owner = controllerOf(object.metadata)
    if (owner !== undefined) remove(this.#children, owner, uid)
    return ids
  }

  /** What a status is made from; undefined when there is no such app. */
  factsOf(id: string): Facts | undefined {
    const workload = this.#workloadOf(id)
    if (!workload) return undefined
    const direct = this.#childrenOf(uidOf(workload))
    const history = direct.filter(({ kind }) => kind !== 'Pod')
    const all = [...direct, ...history.flatMap((object) => this.#childrenOf(uidOf(object)))]
    const pods = all.filter(({ kind }) => kind === 'Pod') as Pod[]
    const events = [workload, ...all].flatMap((object) => {
      const about = this.#events.get(uidOf(object))
      return about ? [...about.values()] : []
    })
    return { workload, pods, history, events, lostNodes: this.#lost }
  }

  #workloadOf(id: string): KubernetesObject | undefined {
    return preferred(this.#known(this.#apps.get(id)))
  }

  #childrenOf(uid: string): readonly KubernetesObject[] {
    return this.#known(this.#children.get(uid))
  }

  #known(uids: string | ReadonlySet<string> | undefined): readonly KubernetesObject[] {
    if (uids === undefined) return []
    const found: KubernetesObject[] = []
    for (const uid of typeof uids === 'string' ? [uids] : uids) {
      const object = this.#objects.get(uid)
      if (object) found.push(object)
    }
    return found
  }

  /** Up the chain of controllers to the app, as far as it is known. */
  #rootsOf(uid: string): readonly string[] {
    const object = this.#objects.get(uid)
    if (!object) return []
    if (isApp(object)) return [idOfObject(object)]
    const owner = controllerOf(object.metadata)
    return owner === undefined ? [] : this.#rootsOf(owner)
  }

  #forget(object: KubernetesObject, uid: string): readonly string[] {
    const id = idOfObject(object)
    remove(this.#apps, id, uid)
    return [id]
  }

  #setEvent(event: KubernetesEvent): readonly string[] {
    const about = event.involvedObject?.uid
    if (about === undefined) return []
    const known = this.#events.get(about) ?? new Map<string, KubernetesEvent>()
    known.set(uidOf(event), event)
    this.#events.set(about, known)
    return this.#rootsOf(about)
  }

  #deleteEvent(uid: string): readonly string[] {
    for (const [about, events] of this.#events) {
      if (!events.delete(uid)) continue
      if (events.size === 0) this.#events.delete(about)
      return this.#rootsOf(about)
    }
    return []
  }

  /** Only the nodes that are lost are kept: whoever runs on one is judged anew when that changes. */
  #setNode(node: KubernetesObject): readonly string[] {
    const name = node.metadata.name ?? ''
    const { conditions = [] } = (node.status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
    const ready = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    if (ready === !this.#lost.has(name)) return []
    if (ready) this.#lost.delete(name)
    else this.#lost.add(name)
    return this.#appsOn(name)
  }

  #deleteNode(name: string): readonly string[] {
    this.#lost.add(name)
    return this.#appsOn(name)
  }

  #appsOn(node: string): readonly string[] {
    return [...this.#objects].flatMap(([uid, object]) =>
      object.kind === 'Pod' && (object as Pod).spec?.nodeName === node ? this.#rootsOf(uid) : [],
    )
  }
}

/** Jobs of a CronJob, and what an operator runs by an object of its own, are no apps. */
export function isApp(object: KubernetesObject): boolean {
  return RANK.includes(object.kind ?? '') && controllerOf(object.metadata) === undefined
}

/** Of several workloads with one name: ours, else the first kind. */
export function preferred(found: readonly KubernetesObject[]): KubernetesObject | undefined {
  if (found.length < 2) return found[0]
  const [first] = [...found].sort(
    (a, b) =>
      Number(isManaged(b)) - Number(isManaged(a)) ||
      RANK.indexOf(a.kind ?? '') - RANK.indexOf(b.kind ?? ''),
  )
  return first
}

/** Nodes go by their name, which pods have. */
export function uidOf({ kind, metadata }: KubernetesObject): string {
  return (kind === 'Node' ? metadata.name : metadata.uid) ?? ''
}

/** Most apps have one workload, and most controllers one object: that is kept without a set, which is larger than it. */
type Index = Map<string, string | Set<string>>

function add(index: Index, key: string, value: string): void {
  const known = index.get(key)
  if (known === undefined) index.set(key, value)
  else if (typeof known !== 'string') known.add(value)
  else if (known !== value) index.set(key, new Set([known, value]))
}

function remove(index: Index, key: string, value: string): void {
  const known = index.get(key)
  if (known === value) index.delete(key)
  else if (known instanceof Set && known.delete(value) && known.size === 0) index.delete(key)
}
