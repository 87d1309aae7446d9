import type { Cluster } from '../cluster.ts'
import type { JsonObject } from '../json.ts'
import { apiVersionOf, EVENTS, type Kind } from '../kinds.ts'
import { type KubeObject, microTime, time } from '../objects.ts'

export interface Told {
  readonly type?: 'Normal' | 'Warning' | undefined
  readonly reason: string
  readonly message: string
  readonly component: string
  readonly host?: string | undefined
  readonly fieldPath?: string | undefined
  /** The scheduler writes its own in the newer form. */
  readonly action?: string | undefined
}

const HOUR = 3_600_000

/** Events of the cluster: the same one again is counted, and after an hour it is forgotten. */
export class EventBook {
  readonly #cluster: Cluster
  readonly #known = new Map<string, string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  tell(kind: Kind, object: KubeObject, told: Told): void {
    const { metadata } = object
    const { reason, message, component, type = 'Normal', fieldPath = '' } = told
    const key = [kind.kind, metadata.uid, fieldPath, type, reason, message, component].join('\n')
    const namespace = metadata.namespace ?? 'default'
    const before = this.#known.get(key)
    const event =
      before === undefined ? undefined : this.#cluster.store.get(EVENTS, namespace, before)
    const name = event ? this.#again(event, told) : this.#first(kind, object, namespace, told)
    this.#known.set(key, name)
    this.#forgetLater(namespace, name, key)
  }

  #first(kind: Kind, { metadata }: KubeObject, namespace: string, told: Told): string {
    const { now } = this.#cluster
    const { reason, message, component, host, type = 'Normal', fieldPath, action } = told
    const name = `${metadata.name.slice(0, 220)}.${(BigInt(now) * 1_000_000n + BigInt(Math.floor(this.#cluster.random() * 1e6))).toString(16)}`
    const at = time(now)
    const form: JsonObject = action
      ? {
          source: {},
          action,
          eventTime: microTime(now),
          reportingInstance: `${component}-simulated`,
        }
      : {
          source: { component, ...(host === undefined ? {} : { host }) },
          firstTimestamp: at,
          lastTimestamp: at,
          count: 1,
          reportingInstance: host ?? '',
        }
    if (!this.#takes(namespace)) return name
    this.#cluster.make(
      EVENTS,
      namespace,
      {
        metadata: { name },
        involvedObject: {
          kind: kind.kind,
          ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
          name: metadata.name,
          uid: metadata.uid,
          apiVersion: apiVersionOf(kind),
          resourceVersion: metadata.resourceVersion,
          ...(fieldPath === undefined ? {} : { fieldPath }),
        },
        reason,
        message,
        type,
        reportingComponent: component,
        ...form,
      },
      component === 'default-scheduler'
        ? 'kube-scheduler'
        : component === 'kubelet'
          ? 'kubelet'
          : 'kube-controller-manager',
    )
    return name
  }

  #takes(namespace: string): boolean {
    try {
      this.#cluster.writer.options.admission.namespace(EVENTS, namespace, '')
      return true
    } catch {
      return false // A namespace that is going takes nothing new, and nobody is waiting for this.
    }
  }

  #again(event: KubeObject, { action }: Told): string {
    const { now } = this.#cluster
    const count = Number(event.count ?? 1) + 1
    const next = action
      ? { ...event, series: { count, lastObservedTime: microTime(now) } }
      : { ...event, count, lastTimestamp: time(now) }
    this.#cluster.store.put(EVENTS, next as KubeObject)
    return event.metadata.name
  }

  #forgetLater(namespace: string, name: string, key: string): void {
    const version = this.#cluster.store.get(EVENTS, namespace, name)?.metadata.resourceVersion
    this.#cluster.after(HOUR, () => {
      const event = this.#cluster.store.get(EVENTS, namespace, name)
      if (event?.metadata.resourceVersion !== version || !event) return
      this.#cluster.store.delete(EVENTS, event)
      if (this.#known.get(key) === name) this.#known.delete(key)
    })
  }
}
