import type { EventsOptions } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Member } from './member.ts'
import { Merge } from './merge.ts'

/** The events of every cluster in one stream, numbered anew, with one cursor that holds every cluster's place. */
export function eventsOfAll(
  members: readonly Member[],
  options: EventsOptions,
): AsyncIterableIterator<Event> {
  const leave = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal
  const places = placesIn(options.since, members)
  const streams = members.map((member) =>
    eventsOf(member, { ...options, signal, since: places.get(member.name) }),
  )
  const merged = new Merge(told(streams), () =>
    leave.abort(new DOMException('nobody reads the events any more', 'AbortError')),
  )
  const cursor = new FleetCursor(places)
  let seq = 0
  return {
    async next() {
      const next = await merged.next()
      if (next.done) return next
      const event = next.value
      seq++
      return {
        done: false,
        value: { ...event, seq, cursor: cursor.after(event.cluster, event.cursor) },
      }
    },
    return: () => merged.return(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** A client's stream goes on for ever by itself; one that fails nevertheless is told as lost, and is over. */
async function* eventsOf(
  { name, client }: Member,
  options: EventsOptions & { readonly signal: AbortSignal },
): AsyncGenerator<Event, IntermodalError | undefined, void> {
  let cursor = options.since ?? ''
  try {
    for await (const event of client.events(options)) {
      cursor = event.cursor
      // Its client may go by another name than the fleet has for it.
      yield { ...event, cluster: name }
    }
    return undefined
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason
    if (!IntermodalError.is(error)) throw error
    if (!options.types || options.types.includes('cluster.lost')) {
      yield { type: 'cluster.lost', error, seq: 0, cursor, time: client.clock.now(), cluster: name }
    }
    return error
  }
}

/** Nothing more can come when every stream has failed: an end without a word would look like peace. */
function told(
  streams: readonly AsyncGenerator<Event, IntermodalError | undefined, void>[],
): readonly AsyncIterable<Event>[] {
  let left = streams.length
  return streams.map(async function* (stream): AsyncGenerator<Event, void, void> {
    const error = yield* stream
    left--
    if (left === 0 && error) throw error
  })
}

/** Every cluster's place in one text, which `URLSearchParams` reads. Each place is written once, not at every event. */
class FleetCursor {
  readonly #written: Map<string, string>

  constructor(places: ReadonlyMap<string, string>) {
    this.#written = new Map([...places].map(([name, place]) => [name, written(name, place)]))
  }

  after(cluster: string, place: string): string {
    this.#written.set(cluster, written(cluster, place))
    return [...this.#written.values()].join('&')
  }
}

function written(name: string, place: string): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(place)}`
}

/** A cluster that joined since is absent: it begins with a snapshot. What is no cursor is passed on, and forgotten there. */
function placesIn(since: string | undefined, members: readonly Member[]): Map<string, string> {
  if (since === undefined) return new Map()
  const found = new URLSearchParams(since)
  const known = members.flatMap(({ name }) => {
    const place = found.get(name)
    return place ? [[name, place] as const] : []
  })
  return new Map(known.length > 0 ? known : members.map(({ name }) => [name, since]))
}
