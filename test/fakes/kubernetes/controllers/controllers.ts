import type { Cluster } from '../cluster.ts'
import type { KubeObject } from '../objects.ts'
import type { StoreEvent } from '../store/store.ts'
import { budgetController } from './budget.ts'
import { claimController } from './claim.ts'
import { cronJobController } from './cron-job.ts'
import { daemonSetController } from './daemon-set.ts'
import { deploymentController } from './deployment.ts'
import { garbageCollector } from './garbage.ts'
import { jobController } from './job.ts'
import { namespaceController } from './namespace.ts'
import { Owned } from './owned.ts'
import { quotaController } from './quota.ts'
import { replicaSetController } from './replica-set.ts'
import { scheduler } from './scheduler.ts'
import { statefulSetController } from './stateful-set.ts'

/** One loop that makes part of the world as it is wanted. */
export interface Controller {
  readonly name: string
  /** What to look at after a change. */
  readonly keysOf: (event: StoreEvent) => Iterable<string>
  /** Looks at one thing; a number says when to look again, in milliseconds. */
  readonly sync: (key: string) => number | undefined
}

export interface Tools {
  readonly cluster: Cluster
  readonly owned: Owned
}

export const MANAGER = 'kube-controller-manager'
/** What a change takes to get from one loop to the next, milliseconds. */
const LATENCY = 5
const FIRST_RETRY = 100
const LAST_RETRY = 30_000

/** Runs the loops: each key once for all that changed meanwhile, and again later when it failed. */
export class Controllers {
  readonly #cluster: Cluster
  readonly #controllers: readonly Controller[]
  readonly #due = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  readonly #failures = new Map<string, number>()
  readonly #stop: () => void
  #closed = false

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    const owned = new Owned(cluster.store)
    const tools = { cluster, owned }
    this.#controllers = [
      namespaceController(tools),
      garbageCollector(tools),
      deploymentController(tools),
      replicaSetController(tools),
      statefulSetController(tools),
      daemonSetController(tools),
      jobController(tools),
      cronJobController(tools),
      claimController(tools),
      budgetController(tools),
      quotaController(tools),
      scheduler(tools),
    ]
    this.#stop = cluster.store.onChange((event) => {
      for (const controller of this.#controllers)
        for (const key of controller.keysOf(event)) this.#enqueue(controller, key, LATENCY)
    })
  }

  #enqueue(controller: Controller, key: string, delay: number): void {
    if (this.#closed) return
    const id = `${controller.name} ${key}`
    const at = this.#cluster.now + delay
    const planned = this.#due.get(id)
    if (planned && planned.at <= at) return
    planned?.cancel()
    const cancel = this.#cluster.after(delay, () => {
      this.#due.delete(id)
      this.#sync(controller, key, id)
    })
    this.#due.set(id, { at, cancel })
  }

  #sync(controller: Controller, key: string, id: string): void {
    if (this.#closed) return
    try {
      const again = controller.sync(key)
      this.#failures.delete(id)
      if (again !== undefined) this.#enqueue(controller, key, Math.max(1, again))
    } catch (error) {
      if (!isExpected(error)) throw error
      const failures = (this.#failures.get(id) ?? 0) + 1
      this.#failures.set(id, failures)
      this.#enqueue(controller, key, Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures))
    }
  }

  close(): void {
    this.#closed = true
    this.#stop()
    for (const { cancel } of this.#due.values()) cancel()
    this.#due.clear()
  }
}

/** What the API refuses a controller is tried again; anything else is a fault of ours. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && 'status' in error
}

export function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
