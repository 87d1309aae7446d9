import { type Shape, shapeOf } from '../../fake-swarm/differential/shape.ts'
import type { Answer, Engine, Request } from './engine.ts'

/** What was heard of one request. */
export interface Step {
  readonly asked: string
  readonly status: number
  readonly type?: string | undefined
  readonly warning?: string | undefined
  /** Of a `Status`: what it says. */
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly details?: unknown
  readonly shape?: Shape
  readonly text?: string | undefined
  /** Of a watch: what was told of which object. */
  readonly events?: readonly string[] | undefined
}

export interface Heard {
  readonly steps: readonly Step[]
  /** What an object went through, by its kind and name. */
  readonly states: Readonly<Record<string, readonly string[]>>
}

type Json = Readonly<Record<string, unknown>>

const PATIENCE = 60_000

/** A conversation with an API server, in a namespace of its own. */
export class Talk {
  readonly #engine: Engine
  readonly namespace: string
  readonly #steps: Step[] = []
  readonly #states: Record<string, string[]> = {}

  constructor(engine: Engine, namespace: string) {
    this.#engine = engine
    this.namespace = namespace
  }

  core(rest: string): string {
    return `/api/v1/namespaces/${this.namespace}/${rest}`
  }

  apps(rest: string): string {
    return `/apis/apps/v1/namespaces/${this.namespace}/${rest}`
  }

  group(group: string, rest: string): string {
    return `/apis/${group}/namespaces/${this.namespace}/${rest}`
  }

  /** Asks, notes, and gives the body, parsed if it is JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    options: Pick<Request, 'type' | 'accept'> = {},
  ): Promise<Json> {
    const answer = await this.#engine.ask({ method, path, body, ...options })
    const form = options.type === undefined ? '' : ` ${options.type}`
    this.#steps.push(this.#step(`${method} ${this.#plain(path)}${form}`, answer))
    return parsed(answer) as Json
  }

  /** A watch that ends by itself after a second: each line becomes one event. */
  async watch(path: string, from: string): Promise<void> {
    const full = `${path}${path.includes('?') ? '&' : '?'}watch=1&timeoutSeconds=1&resourceVersion=${from}`
    const asking = this.#engine.ask({ method: 'GET', path: full })
    let over = false
    const note = () => {
      over = true
    }
    asking.then(note, note)
    while (!over) await this.#engine.rest()
    const { status, text } = await asking
    const events = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { readonly type: string; readonly object: Json })
      .map(({ type, object }) => {
        const { name } = (object.metadata ?? {}) as { readonly name?: string }
        const told = type === 'ERROR' ? `${object.code} ${object.reason}` : (name ?? '')
        return this.#plain(`${type} ${object.kind} ${told}`)
      })
      // How many come is a matter of the moment.
      .filter((told, index, all) => !told.startsWith('BOOKMARK') || told !== all[index - 1])
    this.#steps.push({ asked: `WATCH ${this.#plain(path)}`, status, events })
  }

  /** Until the controllers have taken note of what was written. */
  settle(path: string): Promise<void> {
    return this.until(path, ({ metadata, status }) => {
      const { generation } = metadata as { readonly generation: number }
      const { observedGeneration, conditions } = (status ?? {}) as Json
      return observedGeneration === generation && conditions !== undefined
    })
  }

  /** Without a note: for what depends on the moment. */
  async peek(path: string, method = 'GET'): Promise<Json> {
    return parsed(await this.#engine.ask({ method, path })) as Json
  }

  /** Lets time pass until it is so, and notes what the object goes through meanwhile. */
  async until(
    path: string,
    holds: (object: Json) => boolean,
    state?: (object: Json) => string,
  ): Promise<void> {
    const end = this.#engine.now() + PATIENCE
    for (;;) {
      const object = await this.peek(path)
      if (state && object.kind !== 'Status') {
        const list = this.#states[this.#plain(path)] ?? []
        this.#states[this.#plain(path)] = list
        const now = this.#plain(state(object))
        if (list.at(-1) !== now) list.push(now)
      }
      if (holds(object)) return
      if (this.#engine.now() > end)
        throw new Error(`${path} is not so within ${PATIENCE} ms: ${JSON.stringify(object.status)}`)
      await this.#engine.rest()
    }
  }

  /** Notes something that was found out. */
  note(what: string, value: string): void {
    this.#states[what] = [this.#plain(value)]
  }

  heard(): Heard {
    return { steps: this.#steps, states: this.#states }
  }

  #plain(text: string): string {
    return plain(text.replaceAll(this.namespace, '<ns>'))
  }

  #step(asked: string, answer: Answer): Step {
    const { status, headers } = answer
    const json = parsed({ ...answer, text: this.#plain(answer.text) })
    const warning = headers.warning === undefined ? {} : { warning: String(headers.warning) }
    const base = { asked, status, type: headers['content-type'], ...warning }
    if (typeof json === 'string') return { ...base, text: this.#plain(json) }
    const { kind, status: outcome, message, reason, details } = json as Json
    if (kind !== 'Status' || outcome !== 'Failure') return { ...base, shape: shapeOf(json) }
    const told = details === undefined ? {} : { details: short(details) }
    return {
      ...base,
      ...(reason === undefined ? {} : { reason: String(reason) }),
      message: this.#plain(String(message)).slice(0, LONGEST),
      ...told,
    }
  }
}

function parsed({ headers, text }: Answer): unknown {
  return String(headers['content-type']).startsWith('application/json') ? JSON.parse(text) : text
}

/** Long enough for a sentence; what the server prints of its own memory is longer. */
const LONGEST = 500

function short(details: unknown): unknown {
  return JSON.parse(JSON.stringify(details), (_, value) =>
    typeof value === 'string' ? value.slice(0, LONGEST) : value,
  )
}

/** Without what is never the same twice. */
function plain(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-<hash>-<id>')
    .replaceAll(/\b(web|rolled)-[a-z0-9]{7,10}\b/g, '$1-<hash>')
    .replaceAll(/(continue|resourceVersion)=[\w-]{2,}/g, '$1=<…>')
}
