import type { AppId, AppStatus, Clock, Observed } from 'intermodal'
import type { Marathon } from './api.ts'
import { absolute } from './labels.ts'
import { isAtLeast } from './options.ts'
import { podAsApp } from './pod-status.ts'
import { type Knowledge, learn, type Snapshot, statusOf } from './status.ts'
import type { PodDefinition } from './wire.ts'
import type { AppInfo, Deployment, QueueItem } from './wire-answers.ts'

interface Around {
  readonly queue: readonly QueueItem[]
  readonly deployments: readonly Deployment[]
}

/** What Marathon answers for one app or pod; `spec` is a pod's definition. */
export type Live = AppInfo & { readonly spec?: PodDefinition }

const AT_A_TIME = 8

/** Apps whose status depends on more than their own answer. */
function busyIn({ queue, deployments }: Around): AppId[] {
  return [
    ...queue.map(({ app, pod }) => app?.id ?? pod?.id),
    ...deployments.flatMap(({ affectedApps = [], affectedPods = [] }) => [
      ...affectedApps,
      ...affectedPods,
    ]),
  ].flatMap((id) => (id === undefined ? [] : [absolute(id)]))
}

/** Looks at Marathon, and keeps of each app what one look cannot tell: health over a change of leader, names of versions. */
export class Observer {
  readonly #marathon: Marathon
  readonly #clock: Clock
  readonly #known = new Map<AppId, Knowledge>()

  constructor(marathon: Marathon, clock: Clock) {
    this.#marathon = marathon
    this.#clock = clock
  }

  /** Everything there is: four requests, whatever the number of apps. */
  async all(source: Observed['source'], signal: AbortSignal): Promise<readonly AppStatus[]> {
    const [around, hasPods] = await Promise.all([this.#around(signal), this.#hasPods(signal)])
    const statuses: AppStatus[] = []
    const judge = (live: Live) => statuses.push(this.#judge(live, around, source))
    for await (const app of this.#marathon.apps(signal)) judge(app)
    if (hasPods) for await (const pod of this.#marathon.pods(signal)) judge(podAsApp(pod))
    const present = new Set(statuses.map(({ id }) => id))
    for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id)
    return statuses
  }

  /**
   * These, and those that are in a deployment or wait in the queue. `undefined` when they are more than `most`: they are
   * read one by one.
   */
  async some(
    ids: ReadonlySet<AppId>,
    most: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<AppId, AppStatus | undefined> | undefined> {
    if (ids.size > most) return undefined
    const around = await this.#around(signal)
    const all = new Set([...ids, ...busyIn(around)])
    if (all.size > most) return undefined
    const statuses = new Map<AppId, AppStatus | undefined>()
    const queue = all.values()
    const reader = async () => {
      for (const id of queue) {
        const live = await this.live(id, signal)
        if (!live) this.#known.delete(id)
        statuses.set(id, live && this.#judge(live, around, 'watch'))
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, reader))
    return statuses
  }

  async one(id: AppId, signal: AbortSignal): Promise<AppStatus | undefined> {
    const [live, around] = await Promise.all([this.live(id, signal), this.#around(signal)])
    if (live) return this.#judge(live, around, 'read')
    this.#known.delete(id)
    return undefined
  }

  /** With everything there is to know of it. */
  async snapshot(id: AppId, signal: AbortSignal): Promise<Snapshot | undefined> {
    const [live, around] = await Promise.all([this.live(id, signal), this.#around(signal)])
    return live && this.#snapshot(live, around, 'read')
  }

  async live(id: AppId, signal: AbortSignal): Promise<Live | undefined> {
    const app = await this.#marathon.app(id, signal)
    if (app || !(await this.#hasPods(signal))) return app
    const pod = await this.#marathon.pod(id, signal)
    return pod && podAsApp(pod)
  }

  async #around(signal: AbortSignal): Promise<Around> {
    const [queue, deployments] = await Promise.all([
      this.#marathon.queue(signal),
      this.#marathon.deployments(signal),
    ])
    return { queue, deployments }
  }

  async #hasPods(signal: AbortSignal): Promise<boolean> {
    const { version } = await this.#marathon.info(signal)
    return isAtLeast(version ?? '', '1.4')
  }

  #snapshot(app: Live, around: Around, source: Observed['source']): Snapshot {
    const observed: Observed = { at: this.#clock.now(), source, stale: false }
    return { app, ...around, observed, knowledge: this.#known.get(absolute(app.id)) }
  }

  #judge(app: Live, around: Around, source: Observed['source']): AppStatus {
    const snapshot = this.#snapshot(app, around, source)
    const status = statusOf(snapshot)
    this.#known.set(status.id, learn(snapshot, status))
    return status
  }
}
