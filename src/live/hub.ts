import type { Change } from '../adapter.ts'
import type { Clock } from '../clock.ts'
import type { AppChange, Envelope, Event, StreamChange } from '../events.ts'
import type { AppStatus } from '../status.ts'
import { Picture } from './picture.ts'
import { Readers } from './readers.ts'
import { type SubscribeOptions, Subscription } from './subscription.ts'

export interface HubOptions {
  readonly cluster: string
  readonly clock: Clock
  /** How many events are kept for `since`. */
  readonly history: number
  /** Tells this client's cursors from those of another process. */
  readonly epoch: string
  /** Watches the whole cluster, for ever; aborted when nobody reads any more. */
  readonly watch: (signal: AbortSignal, tell: (change: Change) => void) => Promise<never>
  /** Called for whatever is heard. */
  readonly heard: () => void
}

/**
 * One watch of the cluster, shared by every reader of this client: open while there is one. Numbers the events, keeps
 * the last of them for replay, and hands them on.
 */
export class Hub {
  readonly #options: HubOptions
  readonly #picture = new Picture()
  readonly #readers = new Readers()
  readonly #history: Event[] = []
  #seq = 0
  #watch: AbortController | undefined
  #lastError: (StreamChange & { type: 'cluster.lost' }) | undefined

  constructor(options: HubOptions) {
    this.#options = options
  }

  get open(): boolean {
    return this.#watch !== undefined
  }

  /** The last known status of every app, also after the cluster was lost. */
  get lastKnown(): Iterable<AppStatus> {
    return this.#picture.statuses.values()
  }

  subscribe(options: SubscribeOptions): Subscription {
    const reader = new Subscription(options, {
      clock: this.#options.clock,
      statusOf: (id) => this.#picture.statuses.get(id),
      place: () => this.#place(),
      left: (subscription) => this.#leave(subscription),
    })
    if (reader.left) return reader
    this.#readers.add(reader)
    const missed = options.since === undefined ? undefined : this.#since(options.since)
    if (missed) reader.replay(missed, this.#picture.synced)
    else {
      if (options.since !== undefined) {
        reader.offer(
          this.#stamp({ type: 'stream.gap', cause: 'the cursor is older than what is remembered' }),
        )
      }
      if (this.#picture.synced) reader.snapshot(this.#picture.statuses)
      else if (this.#lastError) reader.offer(this.#stamp(this.#lastError))
    }
    if (!this.#watch) this.#start()
    return reader
  }

  #leave(reader: Subscription): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    this.#watch?.abort(new DOMException('nobody reads the events any more', 'AbortError'))
    this.#watch = undefined
    this.#picture.pause('nobody was reading for a while')
  }

  #start(): void {
    const controller = new AbortController()
    this.#watch = controller
    const { signal } = controller
    this.#options
      .watch(signal, (change) => this.#take(change))
      .catch((error: unknown) => {
        if (controller.signal.aborted) return
        this.#watch = undefined
        for (const reader of this.#readers) reader.fail(error)
        this.#readers.clear()
      })
  }

  #take(change: Change): void {
    if (change.type !== 'lost') this.#options.heard()
    for (const event of this.#picture.take(change)) this.#tell(event)
    if (change.type === 'synced') this.#lastError = undefined
  }

  #tell(change: AppChange | StreamChange): void {
    if (change.type === 'cluster.lost') this.#lastError = change
    this.#seq++
    const event = this.#stamp(change)
    this.#history.push(event)
    if (this.#history.length > this.#options.history) this.#history.shift()
    if (change.type === 'stream.synced') {
      for (const reader of this.#readers) reader.synced(event, this.#picture.statuses)
    } else this.#readers.offer(event)
  }

  #stamp(change: AppChange | StreamChange): Event {
    return { ...change, ...this.#place() }
  }

  /** The hub's present place. Events made for one reader alone share the place of the newest. */
  #place(): Envelope {
    return {
      seq: this.#seq,
      cursor: `${this.#options.epoch}.${this.#seq}`,
      time: this.#options.clock.now(),
      cluster: this.#options.cluster,
    }
  }

  /** The events after a cursor, or `undefined` when they are not all remembered. */
  #since(cursor: string): readonly Event[] | undefined {
    const [epoch, text] = cursor.split('.')
    const seq = Number(text)
    if (epoch !== this.#options.epoch || !Number.isSafeInteger(seq) || seq > this.#seq)
      return undefined
    const oldest = this.#history[0]?.seq ?? this.#seq + 1
    return seq + 1 < oldest ? undefined : this.#history.filter((event) => event.seq > seq)
  }
}
