import type { Client, Event } from 'intermodal'
import { hold } from './breach.ts'
import { View } from './view.ts'

/** Reads the events of a client as fast as they come, and keeps a view of them. */
export class Listener {
  readonly view: View
  readonly heard: Event[] = []
  /** The view as it was when it began. */
  readonly #begin: View
  /** Where to go on from. */
  cursor: string | undefined
  readonly #events: AsyncIterableIterator<Event>
  #failure: { readonly reason: unknown } | undefined
  readonly #reading: Promise<void>

  constructor(client: Client, options: { since?: string | undefined; view?: View } = {}) {
    this.view = options.view ?? new View()
    this.view.synced = false
    this.#begin = this.view.copy()
    this.cursor = options.since
    this.#events = client.events({ since: options.since })
    this.#reading = this.#read().catch((reason: unknown) => {
      this.#failure = { reason }
    })
  }

  async #read(): Promise<void> {
    for await (const event of this.#events) {
      // Told first of all that the cursor is forgotten, a reader begins anew; a gap later on comes with the differences.
      if (this.heard.length === 0 && event.type === 'stream.gap') {
        this.view.forget()
        this.#begin.forget()
      }
      this.heard.push(event)
      this.cursor = event.cursor
      this.view.take(event)
    }
  }

  /** Rethrows what was wrong with an event. */
  check(): void {
    if (this.#failure) throw this.#failure.reason
  }

  async leave(): Promise<void> {
    await this.#events.return?.()
    await this.#reading
    this.check()
  }

  /** The view of a reader who stopped after so many events. */
  viewAfter(count: number): View {
    const view = this.#begin.copy()
    for (const event of this.heard.slice(0, count)) view.take(event)
    return view
  }

  /** What it was told of apps after so many events. */
  changesAfter(count: number): readonly string[] {
    return this.heard.slice(count).filter(isOfApp).map(line)
  }

  get begunWithGap(): boolean {
    return this.heard[0]?.type === 'stream.gap'
  }

  mustHaveHeard(changes: readonly string[], cursor: string): void {
    const heard = this.heard.filter(isOfApp).map(line)
    const same = heard.length === changes.length && heard.every((one, at) => one === changes[at])
    hold(same, () => `since ${cursor} it heard\n${heard.join('\n')}\nnot\n${changes.join('\n')}`)
  }
}

function isOfApp(event: Event): boolean {
  return 'app' in event
}

function line(event: Event): string {
  const what = 'instance' in event ? event.instance.id : 'app' in event ? event.app : ''
  return `${event.seq} ${event.type} ${what}`
}
