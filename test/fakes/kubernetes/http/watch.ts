import type { ServerResponse } from 'node:http'
import { badRequest, type Status } from '../errors.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { KubeObject } from '../objects.ts'
import type { Predicate } from '../store/selectors.ts'
import type { Store, StoreEvent } from '../store/store.ts'

export interface WatchOptions {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly fits: Predicate
  readonly query: URLSearchParams
  /** How an object is told: as it is, or as a row of a table. */
  readonly show: (object: KubeObject, first: boolean) => unknown
  readonly contentType: string
  readonly after: (milliseconds: number, run: () => void) => () => void
  /** From 0 to 1. */
  readonly random: () => number
}

/** A reader that is so far behind is given up, bytes. */
const BEHIND = 32 * 2 ** 20
const BOOKMARK = 60_000

/** One watch: what there is, when that is asked for, then every change, until its time is up. */
export class Watch {
  readonly #store: Store
  readonly #response: ServerResponse
  readonly #options: WatchOptions
  readonly #stops: (() => void)[] = []
  #first = true

  constructor(store: Store, response: ServerResponse, options: WatchOptions) {
    this.#store = store
    this.#response = response
    this.#options = options
  }

  /** Throws the 400 for a question that makes no sense. */
  start(): void {
    const { query, contentType, after, random, kind } = this.#options
    const initial = query.get('sendInitialEvents')
    const asked = query.get('resourceVersion') ?? ''
    if (initial !== null && query.get('resourceVersionMatch') !== 'NotOlderThan')
      throw badRequest(
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      )
    if (asked !== '' && !/^\d+$/.test(asked))
      throw badRequest(
        `invalid resource version "${asked}": strconv.ParseUint: parsing "${asked}": invalid syntax`,
      )
    this.#response.writeHead(200, {
      'cache-control': 'no-cache, private',
      'content-type': contentType,
    })
    this.#response.flushHeaders()
    this.#response.once('close', () => this.#stop())
    if (!this.#catchUp(asked, initial)) return
    this.#stops.push(this.#store.onChange((event) => this.#told(event)))
    const seconds = Number(query.get('timeoutSeconds') ?? 0) || 1800 + 1800 * random()
    this.#stops.push(after(seconds * 1000, () => this.end()))
    if (query.get('allowWatchBookmarks') !== 'true') return
    this.#bookmarks(kind)
    // The last one comes a little before the end, so that the next watch misses nothing.
    const last = Math.max(100, seconds * 1000 - 2000)
    this.#stops.push(after(last, () => this.#bookmark(kind, false)))
  }

  /** As when its time is up. */
  end(): void {
    this.#stop()
    this.#response.end()
  }

  /** Bytes that are no event, or half of one. */
  writeRaw(bytes: string): void {
    this.#response.write(bytes)
  }

  /** As when the connection breaks. */
  cut(): void {
    this.#stop()
    this.#response.destroy()
  }

  /** Ends it with an error event, as a server does that has lost its place. */
  fail(status: Status): void {
    this.#write('ERROR', status)
    this.end()
  }

  #catchUp(asked: string, initial: string | null): boolean {
    const { kind, namespace, fits } = this.#options
    if (asked === '' || asked === '0' || initial === 'true') {
      if (initial !== 'false')
        for (const object of this.#store.list(kind.storedAs ?? kind, namespace))
          if (fits(object)) this.#write('ADDED', this.#show(object))
      if (initial === 'true') this.#bookmark(kind, true)
      return true
    }
    const events = this.#store.since(kind.storedAs ?? kind, Number(asked))
    if (!events) {
      this.fail({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `too old resource version: ${asked} (${this.#store.compacted})`,
        reason: 'Expired',
        code: 410,
      })
      return false
    }
    for (const event of events) this.#told(event)
    return true
  }

  /** A change into or out of what is selected is told as a beginning or an end. */
  #told({ kind, type, object, previous }: StoreEvent): void {
    const { kind: own, namespace, fits } = this.#options
    if (kind !== (own.storedAs ?? own)) return
    if (namespace !== undefined && object.metadata.namespace !== namespace) return
    const was = type !== 'ADDED' && previous !== undefined && fits(previous)
    const is = type !== 'DELETED' && fits(object)
    if (was && is) this.#write('MODIFIED', this.#show(object))
    else if (is) this.#write('ADDED', this.#show(object))
    else if (was) this.#write('DELETED', this.#show(left(object, previous, type)))
  }

  #show(object: KubeObject): unknown {
    const shown = this.#options.show(object, this.#first)
    this.#first = false
    return shown
  }

  #bookmarks(kind: Kind): void {
    const { after } = this.#options
    const index = this.#stops.length
    const next = () => {
      this.#stops[index] = after(BOOKMARK, () => {
        this.#bookmark(kind, false)
        next()
      })
    }
    next()
  }

  #bookmark(kind: Kind, initial: boolean): void {
    const annotations = initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
    this.#write('BOOKMARK', {
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      metadata: {
        resourceVersion: String(this.#store.revision),
        creationTimestamp: null,
        ...annotations,
      },
    })
  }

  #write(type: string, object: unknown): void {
    if (this.#response.destroyed) return
    this.#response.write(`${JSON.stringify({ type, object })}\n`)
    if (this.#response.writableLength > BEHIND) this.cut()
  }

  #stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }
}

/** What leaves a selection is told as it last was in it, under the number of the change. */
function left(
  object: KubeObject,
  previous: KubeObject | undefined,
  type: StoreEvent['type'],
): KubeObject {
  if (type === 'DELETED' || !previous) return object
  const { resourceVersion } = object.metadata
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } }
}
