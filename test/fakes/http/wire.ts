import { type Duration, parseDuration } from 'intermodal'
import type { Answer } from './answer.ts'

/** Takes a lever back. Twice is the same as once. */
export type Undo = () => void

/** Which requests a lever works on; all of them when empty. */
export interface Match {
  readonly method?: string | undefined
  /** A whole path without the query, or a pattern that is looked for in it. */
  readonly path?: string | RegExp | undefined
  /** Only the next so many; until undone when absent. */
  readonly times?: number | undefined
}

type Effect =
  /** The connection is reset before anything happens. */
  | { readonly type: 'refuse' }
  /** The request takes effect, the connection is reset instead of an answer. */
  | { readonly type: 'drop' }
  /** Nothing comes back until it is undone, and then the answer. */
  | { readonly type: 'hang'; readonly over: Promise<void>; readonly end: () => void }
  | { readonly type: 'delay'; readonly milliseconds: number }
  /** This comes back instead, and nothing takes effect. */
  | { readonly type: 'answer'; readonly answer: Answer }

/** What of a request decides whether a lever works on it. */
interface Sent {
  readonly method: string
  readonly path: string
}

interface Lever {
  readonly match: Match
  readonly effect: Effect
  left: number
}

/** What can befall requests on their way. Each lever gives back the function that takes it back. */
export class Wire {
  readonly #levers = new Set<Lever>()
  readonly #cutStreams: () => void
  readonly #writeToStreams: (bytes: string) => void

  constructor(cutStreams: () => void, writeToStreams: (bytes: string) => void) {
    this.#cutStreams = cutStreams
    this.#writeToStreams = writeToStreams
  }

  /** Connections are reset, as when nothing listens. Without a match, open streams end too. */
  refuse(match: Match = {}): Undo {
    if (match.path === undefined) this.#cutStreams()
    return this.#pull({ type: 'refuse' }, match)
  }

  /** Requests take effect, and nobody hears the answer. */
  drop(match: Match = {}): Undo {
    return this.#pull({ type: 'drop' }, match)
  }

  /** Requests are taken and not answered, until undone. */
  hang(match: Match = {}): Undo {
    const { promise, resolve } = Promise.withResolvers<void>()
    return this.#pull({ type: 'hang', over: promise, end: resolve }, match)
  }

  /** Answers come so much later, in the world's time. */
  delay(duration: Duration, match: Match = {}): Undo {
    const milliseconds = parseDuration(duration)
    if (milliseconds === undefined)
      throw new RangeError(`"${duration}" is no duration: write "30s"`)
    return this.#pull({ type: 'delay', milliseconds }, match)
  }

  /** Something else comes back: a page of a proxy, half a JSON document, 50 MB of nothing. */
  answer(answer: Answer, match: Match = {}): Undo {
    return this.#pull({ type: 'answer', answer }, match)
  }

  /** Every open event stream breaks off, and may be opened again at once. */
  cutStreams(): void {
    this.#cutStreams()
  }

  /** Sends bytes that are no event, or half of one, down every open event stream. */
  writeToStreams(bytes: string): void {
    this.#writeToStreams(bytes)
  }

  /** What is in store for this request; each lever good for so many times is used up by it. */
  effectsOn(request: Sent): readonly Effect[] {
    return [...this.#levers].flatMap((lever) => {
      if (!fits(lever.match, request)) return []
      if (--lever.left <= 0) this.#levers.delete(lever)
      return [lever.effect]
    })
  }

  /** Lets everything go that hangs. */
  release(): void {
    for (const { effect } of this.#levers) if (effect.type === 'hang') effect.end()
    this.#levers.clear()
  }

  #pull(effect: Effect, match: Match): Undo {
    const lever: Lever = { match, effect, left: match.times ?? Number.POSITIVE_INFINITY }
    this.#levers.add(lever)
    return () => {
      this.#levers.delete(lever)
      if (effect.type === 'hang') effect.end()
    }
  }
}

function fits({ method, path }: Match, request: Sent): boolean {
  if (method !== undefined && method !== request.method) return false
  return (
    path === undefined ||
    (typeof path === 'string' ? path === request.path : path.test(request.path))
  )
}
