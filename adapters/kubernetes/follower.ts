import {
  type AppId,
  type AppStatus,
  abortable,
  type Clock,
  IntermodalError,
  sameStatus,
} from 'intermodal'
import type { Api, ListOptions } from './api.ts'
import type { Resource } from './kinds.ts'
import { Reflector } from './reflector.ts'
import { statusOf } from './status.ts'
import { Store, uidOf } from './store.ts'
import { Texts } from './texts.ts'
import type { KubernetesObject } from './wire.ts'

export interface Source {
  readonly resource: Resource
  readonly select: ListOptions
  /** What may not be seen is done without. */
  readonly optional?: boolean
}

export interface FollowerOptions {
  readonly api: Api
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds. */
  readonly idle: number
  readonly sources: readonly Source[]
}

export interface Listener {
  app(status: AppStatus): void
  gone(id: AppId): void
  synced(): void
  lost(error: IntermodalError): void
  alive(): void
}

/** A cluster that has been quiet for so long is asked for a sign of life, milliseconds; it is looked after so often. */
const QUIET = 8_000
const LOOK = 4_000
const NO_ANSWER = 10_000
/** Statuses that depend on time alone are looked at again so often, milliseconds. */
const RECHECK = 2_000

/**
 * One picture of a namespace, for everybody who watches it: kept up by one reflector for each kind, told as statuses. It
 * begins with the first listener and ends with the last.
 */
export class Follower {
  readonly #options: FollowerOptions
  readonly #listeners = new Set<Listener>()
  readonly #store = new Store()
  readonly #texts = new Texts()
  readonly #statuses = new Map<string, AppStatus>()
  readonly #dirty = new Set<string>()
  readonly #unlisted = new Set<string>()
  readonly #sick = new Map<string, IntermodalError>()
  readonly #stop = new AbortController()
  readonly #reflectors: readonly Reflector[]
  #scheduled = false
  #synced = false
  #told = 0
  #asking = false
  #cancel: readonly (() => void)[] = []

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#reflectors = options.sources.map((source) => this.#reflect(source))
  }

  /** It has ended with its last listener: whoever comes later needs another one. */
  get closed(): boolean {
    return this.#stop.signal.aborted
  }

  /** Everything that is known, then what changes. The function returned ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    else if (this.#synced) {
      for (const status of this.#statuses.values()) listener.app(status)
      listener.synced()
    } else {
      const [error] = this.#sick.values()
      if (error) listener.lost(error)
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  close(): void {
    this.#stop.abort(new DOMException('nobody watches any more', 'AbortError'))
    for (const cancel of this.#cancel) cancel()
    this.#cancel = []
  }

  #start(): void {
    const { signal } = this.#stop
    for (const reflector of this.#reflectors) {
      // It ends by the signal alone; any other end is a defect, which a listener has to hear of.
      reflector.run(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#ill('reflector', asDefect(error))
      })
    }
    this.#every(LOOK, () => void this.#askForLife())
    this.#every(RECHECK, () => this.#recheck())
  }

  #every(interval: number, act: () => void): void {
    const { clock } = this.#options
    const index = this.#cancel.length
    const next = () => {
      const cancel = clock.after(interval, () => {
        if (this.#stop.signal.aborted) return
        next()
        act()
      })
      this.#cancel = this.#cancel.with(index, cancel)
    }
    this.#cancel = [...this.#cancel, () => {}]
    next()
  }

  #reflect({ resource, select, optional = false }: Source): Reflector {
    const { kind } = resource
    this.#unlisted.add(kind)
    const { api, clock, random, idle } = this.#options
    const options = { api, resource, select, clock, random, idle, optional }
    return new Reflector(options, {
      replace: (objects) => {
        this.#replace(kind, objects)
        this.#unlisted.delete(kind)
        this.#schedule()
      },
      set: (object) => this.#set(object),
      delete: (object) => this.#touch(this.#store.delete(kind, uidOf(object))),
      ill: (error) => this.#ill(kind, error),
      well: () => {
        this.#sick.delete(kind)
        this.#schedule()
      },
    })
  }

  #replace(kind: string, objects: readonly KubernetesObject[]): void {
    const gone = new Set(this.#unlisted.has(kind) ? [] : this.#store.uidsOf(kind))
    for (const object of objects) {
      gone.delete(uidOf(object))
      this.#set(object)
    }
    for (const uid of gone) this.#touch(this.#store.delete(kind, uid))
  }

  #set(object: KubernetesObject): void {
    this.#touch(this.#store.set(this.#texts.share(object)))
  }

  #touch(ids: readonly string[]): void {
    for (const id of ids) this.#dirty.add(id)
    if (ids.length > 0) this.#schedule()
  }

  /** What comes in one piece is told in one piece: a change of ten pods is one new status. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (!this.#stop.signal.aborted) this.#flush()
    })
  }

  #flush(): void {
    if (this.#unlisted.size > 0 || this.#sick.size > 0) return
    const ids = [...this.#dirty]
    this.#dirty.clear()
    if (this.#synced) {
      for (const id of ids) this.#refresh(id)
      return
    }
    // The first picture, or one anew after it was lost.
    for (const id of ids) this.#update(id)
    for (const status of this.#statuses.values()) this.#tell((listener) => listener.app(status))
    this.#synced = true
    this.#tell((listener) => listener.synced())
  }

  #refresh(id: string): void {
    const before = this.#statuses.get(id)
    const after = this.#update(id)
    if (after) {
      if (!before || !sameStatus(before, after)) this.#tell((listener) => listener.app(after))
    } else if (before) this.#tell((listener) => listener.gone(before.id))
  }

  #update(id: string): AppStatus | undefined {
    const facts = this.#store.factsOf(id)
    if (!facts) {
      this.#statuses.delete(id)
      return undefined
    }
    const at = this.#options.clock.now()
    const status = statusOf({ ...facts, observed: { at, source: 'watch', stale: false } })
    this.#statuses.set(id, status)
    return status
  }

  #ill(kind: string, error: IntermodalError): void {
    this.#sick.set(kind, error)
    if (this.#sick.size > 1) return
    this.#synced = false
    this.#tell((listener) => listener.lost(error))
  }

  /** Any answer at all shows that the server is there; none means that the watches hang too. */
  async #askForLife(): Promise<void> {
    const { api, clock } = this.#options
    if (this.#asking || !this.#synced || clock.now() - this.#told < QUIET) return
    this.#asking = true
    const late = new AbortController()
    const cancel = clock.after(NO_ANSWER, () => late.abort(new Error('no sign of life')))
    const signal = AbortSignal.any([this.#stop.signal, late.signal])
    try {
      await abortable(api.ping(signal), signal)
      if (this.#synced) this.#tell((listener) => listener.alive())
    } catch {
      // What is wrong is told by the watches, once they have been tried anew.
      if (!this.#stop.signal.aborted) for (const reflector of this.#reflectors) reflector.doubt()
    } finally {
      cancel()
      this.#asking = false
    }
  }

  /** Checks that take too long to pass, back-off that is over: nothing happens on the cluster, and the status changes. */
  #recheck(): void {
    if (!this.#synced) return
    for (const [id, status] of this.#statuses)
      if (status.instances.some(({ ready, state }) => !ready && MOVING.has(state)))
        this.#refresh(id)
  }

  #tell(say: (listener: Listener) => void): void {
    this.#told = this.#options.clock.now()
    for (const listener of this.#listeners) say(listener)
  }
}

const MOVING: ReadonlySet<string> = new Set([
  'pending',
  'assigned',
  'preparing',
  'starting',
  'running',
])

function asDefect(error: unknown): IntermodalError {
  if (IntermodalError.is(error)) return error
  return new IntermodalError('PROTOCOL', 'the watch failed in a way it does not know', {
    cause: error,
    remedy: 'this is a defect of the adapter; see the cause',
  })
}
