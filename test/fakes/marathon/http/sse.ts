import type { ServerResponse } from 'node:http'
import type { Bus, Published } from '../bus.ts'
import type { Dialect } from '../versions.ts'

const HEARTBEAT = 10_000

export interface StreamOptions {
  readonly bus: Bus
  readonly dialect: Dialect
  /** `--event_stream_max_outstanding_messages`. */
  readonly maxOutstanding: number
  readonly remoteAddress: string
  readonly types: ReadonlySet<string>
  readonly lightPlans: boolean
  /** In the world's time. */
  readonly after: (milliseconds: number, run: () => void) => () => void
}

/**
 * One subscriber of `/v2/events`. Nothing is replayed, and nothing tells where it stood. A reader that is too slow is cut
 * off; before 1.8 it lost events without a word.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #options: StreamOptions
  readonly #stops: (() => void)[] = []
  readonly #plansAreLight: boolean
  #outstanding = 0
  #open = true

  constructor(response: ServerResponse, options: StreamOptions) {
    const { bus, dialect, lightPlans } = options
    this.#response = response
    this.#options = options
    this.#plansAreLight = dialect.since('1.8') || (lightPlans && knowsLight(dialect))
    // Not chunked: it ends when the connection does.
    response.useChunkedEncodingByDefault = false
    response.shouldKeepAlive = false
    response.socket?.setNoDelay(true)
    response.writeHead(200, {
      'content-type': 'text/event-stream;charset=utf-8',
      'cache-control': 'no-cache, no-store, must-revalidate',
      connection: 'close',
    })
    response.flushHeaders()
    response.on('close', () => this.#ended())
    // A connection that breaks is a reader that went away: `close` follows.
    response.on('error', () => {})
    this.#stops.push(bus.listen((event) => this.#send(event)))
    this.#beat()
    this.#tellOfIt('event_stream_attached')
  }

  get open(): boolean {
    return this.#open
  }

  /** Cuts it, in the middle of whatever is being sent. */
  cut(): void {
    this.#response.destroy()
    this.#ended()
  }

  /** Writes something that is no event: for tests of what readers make of it. */
  write(bytes: string): void {
    if (this.#open) this.#response.write(bytes)
  }

  #ended(): void {
    if (!this.#open) return
    this.#open = false
    for (const stop of this.#stops.splice(0)) stop()
    this.#tellOfIt('event_stream_detached')
  }

  #tellOfIt(type: string): void {
    const { bus, remoteAddress } = this.#options
    bus.publish(type, { remoteAddress })
  }

  #send(event: Published): void {
    const { types, maxOutstanding, dialect } = this.#options
    if (types.size > 0 && !types.has(event.type)) return
    if (this.#outstanding >= maxOutstanding) {
      if (dialect.since('1.8')) this.cut()
      return
    }
    const data = this.#plansAreLight ? event.data : event.heavy()
    this.#outstanding++
    this.#response.write(`event: ${event.type}\r\ndata: ${data}\r\n\r\n`, () => this.#outstanding--)
  }

  /** As Jetty does it: the two characters of an empty line go in two packets. */
  #beat(): void {
    const stop = this.#options.after(HEARTBEAT, () => {
      this.#stops.splice(this.#stops.indexOf(stop), 1)
      this.#response.write('\r', () => {
        if (this.#open) this.#response.write('\n')
      })
      this.#beat()
    })
    this.#stops.push(stop)
  }
}

/** Light plans came with 1.5.9 and 1.6. */
function knowsLight(dialect: Dialect): boolean {
  return dialect.since('1.5.9')
}
