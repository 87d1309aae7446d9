import type { Adapter, AppInput } from 'intermodal'
import type { World } from 'intermodal/simulated'

/** An engine on loopback, and how to get at it. */
export interface FaultTarget {
  /** `fake Marathon 1.11`. */
  readonly name: string
  /** Where the engine listens: `http://127.0.0.1:41234`. */
  readonly backend: string
  /** What it lives on, by hand-moved time. */
  readonly world: World
  /** An adapter for an engine at that address, `http://…` or `https://…`. */
  readonly connect: (address: string) => Adapter
  /** Whether it asks for something without an end. */
  readonly isStream: (request: { readonly method: string; readonly path: string }) => boolean
  /** Whether it changes anything, when it is answered with success. */
  readonly isWrite: (request: { readonly method: string; readonly path: string }) => boolean
  /** Whether such a write may be left for another time: what nobody needs any more is collected whenever it can be. */
  readonly isUpkeep?:
    | ((request: { readonly method: string; readonly path: string }) => boolean)
    | undefined
  /** Apps of the suite have these too. */
  readonly fields?: Partial<AppInput> | undefined
  /** What ends an event in the stream. */
  readonly frameEnd: string
  /** Event streams of this engine may be out of order without being wrong. */
  readonly unordered: boolean
}

/** One that was opened for a test, and is closed by it. */
export interface OpenTarget extends FaultTarget, AsyncDisposable {}
