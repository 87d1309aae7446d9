import { type AppId, type AppStatus, type Clock, matches, type Selector } from 'intermodal'
import { explainError } from './errors.ts'
import type { News } from './news.ts'
import type { Observer } from './observer.ts'

/** So many apps are read one by one; more cost as much as everything does. */
const FEW = 40

const SETTLED: ReadonlySet<AppStatus['state']> = new Set([
  'running',
  'suspended',
  'completed',
  'failed',
])

export interface SightOptions {
  readonly observer: Observer
  readonly selector: Selector
  readonly clock: Clock
  /** The longest time between two looks at everything, milliseconds. */
  readonly quiet: number
}

/** What is seen of Marathon: looked at as a whole, then where events say that something happened, or something still moves. */
export class Sight {
  readonly #given: SightOptions
  #seen: Map<AppId, AppStatus> | undefined
  #at = Number.NEGATIVE_INFINITY

  constructor(given: SightOptions) {
    this.#given = given
  }

  /** `news`: what events were about since the last look; `undefined` when nobody listens to them. */
  async look(news: News | undefined, signal: AbortSignal): Promise<readonly AppStatus[]> {
    const { clock, quiet } = this.#given
    const seen = this.#seen
    const at = clock.now()
    // Until the look has succeeded nobody knows how things are.
    this.#seen = undefined
    try {
      const whole = !seen || !news || news === 'everything' || at - this.#at >= quiet
      const some = whole ? undefined : await this.#part(seen, news, signal)
      if (!some) this.#at = at
      this.#seen = some ?? (await this.#whole(signal))
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw explainError(error, 'list the apps')
    }
    return [...this.#seen.values()]
  }

  async #whole(signal: AbortSignal): Promise<Map<AppId, AppStatus>> {
    const { observer, selector } = this.#given
    const statuses = await observer.all('watch', signal)
    const selected = statuses.filter((status) => matches(selector, status))
    return new Map(selected.map((status) => [status.id, status]))
  }

  /** `undefined`: so much happens that it is cheaper to look at everything. */
  async #part(
    seen: ReadonlyMap<AppId, AppStatus>,
    news: ReadonlySet<AppId>,
    signal: AbortSignal,
  ): Promise<Map<AppId, AppStatus> | undefined> {
    const { observer, selector } = this.#given
    const ids = new Set(news)
    for (const status of seen.values()) if (isMoving(status)) ids.add(status.id)
    const next = new Map(seen)
    if (ids.size === 0) return next
    const statuses = await observer.some(ids, FEW, signal)
    if (!statuses) return undefined
    for (const [id, status] of statuses) {
      if (status && matches(selector, status)) next.set(id, status)
      else next.delete(id)
    }
    return next
  }
}

/** Back-off and offers make no events: as long as something is not settled it is looked at. */
export function isMoving({ state, counts }: AppStatus): boolean {
  return !SETTLED.has(state) || counts.pending > 0 || counts.stopping > 0
}
