import type { Selector } from '../adapter.ts'
import type { AppId } from '../app/schema.ts'
import type { Clock } from '../clock.ts'
import {
  type AppChange,
  diffStatus,
  type Envelope,
  type Event,
  type EventType,
  type StreamChange,
} from '../events.ts'
import { matches } from '../selector.ts'
import type { AppStatus } from '../status.ts'

export interface SubscribeOptions {
  readonly selector: Selector
  readonly since?: string | undefined
  readonly types?: readonly EventType[] | undefined
  /** Milliseconds between signs of life. */
  readonly heartbeat: number
  readonly signal?: AbortSignal | undefined
}

export interface SubscriptionContext {
  readonly clock: Clock
  readonly statusOf: (id: AppId) => AppStatus | undefined
  /** Where the hub's stream is at this moment. */
  readonly place: () => Envelope
  readonly left: (subscription: Subscription) => void
}

/** So many events wait for a slow reader one by one; beyond that, what happens to an app is told in one piece. */
const BUFFER = 4096

/** The place of a reader who has not had a whole picture yet: whoever goes on from here begins anew. */
const NOWHERE = '-'

const ALWAYS: ReadonlySet<EventType> = new Set(['stream.gap', 'stream.synced'])

/**
 * One reader of the events. A fast one gets each event; a slow one gets, after a `stream.gap`, for each app the
 * difference between what it was told last and now, so that what waits is bounded by the number of apps.
 */
export class Subscription implements AsyncIterableIterator<Event> {
  readonly #options: SubscribeOptions
  readonly #context: SubscriptionContext
  readonly #types: ReadonlySet<EventType> | undefined
  /** A whole picture waits as one entry and becomes events as it is read: most of what a large cluster says is that. */
  #queue: (Event | Iterator<Event>)[] = []
  #head = 0
  /** Apps that changed while the buffer was full, with the status the reader knows of. */
  readonly #behind = new Map<AppId, AppStatus | undefined>()
  /** False until the first picture was told: nothing before it makes sense to this reader. */
  #started = false
  #connected = false
  /** The cursor of the last event taken. */
  #place = NOWHERE
  #done = false
  #failure: { readonly reason: unknown } | undefined
  #wake: (() => void) | undefined
  #stopHeartbeat: () => void = () => {}

  constructor(options: SubscribeOptions, context: SubscriptionContext) {
    this.#options = options
    this.#context = context
    this.#types = options.types && new Set(options.types)
    if (options.signal?.aborted) this.fail(options.signal.reason)
    else options.signal?.addEventListener('abort', this.#abort, { once: true })
    this.#beat()
  }

  /** The only apps it is about, when it is about certain ones. */
  get ids(): readonly AppId[] | undefined {
    return this.#options.selector.ids
  }

  /** Nobody reads any more, or ever will. */
  get left(): boolean {
    return this.#done
  }

  /** The whole picture as it is now, then `stream.synced`. */
  snapshot(statuses: ReadonlyMap<AppId, AppStatus>): void {
    const { ids } = this
    const chosen = ids ? ids.flatMap((id) => statuses.get(id) ?? []) : [...statuses.values()]
    const place = { ...this.#context.place(), cursor: NOWHERE }
    this.#push({ type: 'cluster.connected', ...place })
    if (!this.#done) this.#queue.push(this.#added(chosen, place))
    this.#start()
  }

  *#added(statuses: readonly AppStatus[], place: Envelope): Generator<Event, void, void> {
    for (const status of statuses) {
      for (const change of diffStatus(undefined, status)) {
        const event = { ...change, ...place }
        if (this.#selects(event) && this.#wants(event)) yield event
      }
    }
  }

  /** What was missed since a cursor. */
  replay(events: readonly Event[], synced: boolean): void {
    for (const event of events) this.#push(event, true)
    if (synced) this.#start()
    else this.#started = true
  }

  offer(event: Event): void {
    if (event.type === 'cluster.lost') this.#connected = false
    if (event.type === 'cluster.connected') this.#connected = true
    // Before its first picture a reader is told of the connection only; the picture comes as a whole.
    if (this.#started) this.#push(event)
    else if (event.type === 'cluster.lost' || event.type === 'stream.gap')
      this.#push({ ...event, cursor: NOWHERE })
  }

  /** The hub's picture is whole (again). */
  synced(event: Event, statuses: ReadonlyMap<AppId, AppStatus>): void {
    if (this.#started) {
      this.#connected = true
      this.#push(event)
    } else {
      this.snapshot(statuses)
    }
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#close()
  }

  async next(): Promise<IteratorResult<Event>> {
    for (;;) {
      // An abort is told at once; any other failure after what still waits.
      if (this.#options.signal?.aborted) throw this.#options.signal.reason
      const event = this.#take()
      if (event) return { done: false, value: event }
      if (this.#failure) throw this.#failure.reason
      if (this.#done) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<Event>> {
    this.#queue = []
    this.#head = 0
    this.#behind.clear()
    this.#close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): Event | undefined {
    for (;;) {
      if (this.#queue.length === 0) this.#catchUp()
      const entry = this.#queue[this.#head]
      if (!entry) return undefined
      const event = 'type' in entry ? entry : entry.next().value
      if (event === entry || !event) this.#advance()
      if (!event) continue
      this.#place = event.cursor
      return event
    }
  }

  /** The entry at the head is told. Those told are let go of together, now and then. */
  #advance(): void {
    this.#head++
    if (this.#head < this.#queue.length && this.#head < BUFFER) return
    this.#queue.splice(0, this.#head)
    this.#head = 0
  }

  /** The reader has taken all that waited: tell it the rest in one piece. */
  #catchUp(): void {
    if (this.#behind.size === 0) return
    const behind = [...this.#behind]
    this.#behind.clear()
    const cause = `the reader was slow: what happened to ${behind.length} apps is told in one piece`
    const changes: (AppChange | StreamChange)[] = [{ type: 'stream.gap', cause }]
    for (const [id, known] of behind) changes.push(...diffStatus(known, this.#context.statusOf(id)))
    if (this.#connected) changes.push({ type: 'stream.synced' })
    // Who leaves in the middle of it has not been told all: he goes on from where he was before.
    const last = changes.pop()
    for (const change of changes) this.#push({ ...this.#stamp(change), cursor: this.#place }, true)
    if (last) this.#push(this.#stamp(last), true)
  }

  #start(): void {
    this.#started = true
    this.#connected = true
    this.#push(this.#stamp({ type: 'stream.synced' }), true)
  }

  #push(event: Event, whole = false): void {
    if (this.#done || !this.#selects(event)) return
    if ('app' in event && !whole && this.#leaveForLater(event)) return
    if (!this.#wants(event)) return
    this.#queue.push(event)
    this.#wake?.()
    this.#wake = undefined
  }

  #wants({ type }: Event): boolean {
    return !this.#types || this.#types.has(type) || ALWAYS.has(type)
  }

  #stamp(change: AppChange | StreamChange): Event {
    return { ...change, ...this.#context.place() }
  }

  #leaveForLater(event: Event & AppChange): boolean {
    if (this.#behind.has(event.app)) return true
    const full = this.#queue.length - this.#head >= BUFFER || this.#behind.size > 0
    // Only at the first event of a change, which alone knows the status before: the rest of a change that was begun
    // is told in full.
    if (!full || !event.type.startsWith('app.')) return false
    const known =
      event.type === 'app.changed'
        ? event.previous
        : event.type === 'app.added'
          ? undefined
          : event.status
    this.#behind.set(event.app, known)
    return true
  }

  #selects(event: Event): boolean {
    if (!('app' in event)) return true
    const { selector } = this.#options
    // An app whose labels change so that it is no longer selected is told of once more.
    return (
      matches(selector, event.status) ||
      (event.type === 'app.changed' && matches(selector, event.previous))
    )
  }

  #beat(): void {
    if (this.#done) return
    this.#stopHeartbeat = this.#context.clock.after(this.#options.heartbeat, () => {
      const idle = this.#head === this.#queue.length && this.#behind.size === 0
      if (this.#connected && this.#started && idle) {
        this.#push(this.#stamp({ type: 'stream.heartbeat' }))
      }
      this.#beat()
    })
  }

  readonly #abort = (): void => this.fail(this.#options.signal?.reason)

  #close(): void {
    if (this.#done) return
    this.#done = true
    this.#stopHeartbeat()
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#wake?.()
    this.#context.left(this)
  }
}
