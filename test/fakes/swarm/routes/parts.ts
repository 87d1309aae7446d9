import type { Duplex } from 'node:stream'
import type { Answer } from '../errors.ts'
import type { Request } from '../http/request.ts'
import type { NodeObject } from '../store/objects.ts'
import type { Swarm } from '../swarm.ts'

/** One daemon: the engine of one node. */
export interface Daemon {
  readonly swarm: Swarm
  /** Absent: its node is not there (any more). */
  readonly node: NodeObject | undefined
}

/** Bytes that go on as long as somebody takes them. */
export interface Sink {
  write(bytes: Buffer | string): void
  end(): void
  readonly onClose: (run: () => void) => void
}

/** An answer that goes on: `run` is called when its head has been sent. */
export interface Streamed {
  readonly type?: string | undefined
  readonly run: (sink: Sink) => void
}

/** An answer that takes the connection over, both ways. */
export interface Hijacked {
  readonly hijack: (socket: Duplex) => void
}

export type Reply = Answer | { readonly stream: Streamed } | Hijacked

export type Route = (daemon: Daemon, request: Request) => Reply | undefined

export type Handler = (daemon: Daemon, request: Request, id: string) => Reply

export const ok = (json: unknown): Answer => ({ status: 200, json })
export const created = (json: unknown): Answer => ({ status: 201, json })
export const empty = (status: number): Answer => ({ status })

/** Routes by method and pattern; the pattern's group is the id. */
export function routes(table: readonly (readonly [string, RegExp, Handler])[]): Route {
  return (daemon, request) => {
    for (const [method, pattern, handle] of table) {
      if (method !== request.method && !(method === 'GET' && request.method === 'HEAD')) continue
      const match = pattern.exec(request.path)
      if (match) return handle(daemon, request, match[1] ?? '')
    }
    return undefined
  }
}

/** By id, by name, or by the beginning of an id that only one has. */
export function find<T extends { readonly ID: string }>(
  objects: Iterable<T>,
  key: string,
  nameOf: (object: T) => string | undefined,
  ambiguous: (count: number) => Error,
): T | undefined {
  const all = [...objects]
  const exact = all.find(({ ID }) => ID === key) ?? all.find((one) => nameOf(one) === key)
  if (exact) return exact
  const begun = key === '' ? [] : all.filter(({ ID }) => ID.startsWith(key))
  if (begun.length > 1) throw ambiguous(begun.length)
  return begun[0]
}
