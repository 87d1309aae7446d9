import type { Adapter, AppId, AppInput } from 'intermodal'

/** What the suite needs of a test runner: vitest's, node:test's and mocha's functions all fit. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: (name: string, body: () => Promise<void>) => unknown
  /** Shows a group that cannot run on this target, by name and reason. Without it a note takes its place in the output. */
  readonly skip?: ((name: string, body: () => void) => unknown) | undefined
}

/** What an app of the suite runs: an image, or an image with what makes it behave. */
export type Workload = string | (Pick<AppInput, 'image'> & Partial<Omit<AppInput, 'id' | 'kind'>>)

/** What the engine under test can run. A group whose workload is missing is reported as not run. */
export interface Workloads {
  /** Runs for ever, without arguments, within seconds. */
  readonly good: Workload
  /** The same with another image. */
  readonly next: Workload
  /** An image that nobody has: no instance of it ever starts. */
  readonly missing: Workload
  /** Starts, and ends at once with a failure. */
  readonly crashing?: Workload | undefined
  /** Runs, and fails the probe it comes with. */
  readonly unhealthy?: Workload | undefined
  /** Runs, and passes the probe it comes with. */
  readonly healthy?: Workload | undefined
  /** Ends by itself with success: for jobs. */
  readonly finishing?: Workload | undefined
  /** Ends by itself with a failure: for jobs. */
  readonly failing?: Workload | undefined
  /** Fits on no node: asks for more than there is, or for a node attribute nobody has. */
  readonly placeless?: Workload | undefined
  /** Writes this line to its standard output once it runs, and goes on running. */
  readonly talking?: { readonly workload: Workload; readonly line: string } | undefined
}

/** How to break the cluster. Each undoes itself through the function it returns. */
export interface Faults {
  /** Ends every open stream of the adapters there are at once; the engine goes on to answer. */
  readonly cut?: (() => Promise<void>) | undefined
  /** As when nothing listens: streams end, calls fail. */
  readonly refuse?: (() => Promise<() => Promise<void>>) | undefined
  /** Takes calls and never answers. */
  readonly hang?: (() => Promise<() => Promise<void>>) | undefined
  /** Calls that change something take effect, and the connection breaks before they are answered. */
  readonly lose?: (() => Promise<() => Promise<void>>) | undefined
}

/** Time that the test moves. */
export interface VirtualTime {
  /** Resolves when everything due by then has happened. */
  advance(milliseconds: number): Promise<void>
}

/** A way to make an app behind the adapter's back, as someone else's tool would. Undone by the function it returns. */
export type Foreign = (id: AppId) => Promise<() => Promise<void>>

/**
 * Has the engine hold an app that is there, by a change of somebody else's that does not end by itself. Undone by the function
 * it returns.
 */
export type Lock = (id: AppId) => Promise<() => Promise<void>>

/** Commands for `exec`, in the words of the `good` workload. */
export interface Commands {
  /** Prints the text to standard output, and exits with 0. */
  echo(text: string): readonly string[]
  /** Exits with the code. */
  exit(code: number): readonly string[]
}

/** One adapter on one cluster. */
export interface Target {
  /** `swarm on dockerd 20.10`. */
  readonly name: string
  /**
   * A fresh adapter; all of them see the same cluster. The suite makes its apps under a group of its own, removes them
   * afterwards and disposes the adapter, then calls `dispose`.
   */
  readonly connect: () => Promise<
    Adapter | { readonly adapter: Adapter; readonly dispose: () => Promise<void> }
  >
  readonly workloads: Workloads
  /** Absent: real time passes, and the suite polls. */
  readonly time?: VirtualTime | undefined
  /** How long anything may take, milliseconds of the adapter's time. @default 60000, 600000 in virtual time */
  readonly patience?: number | undefined
  readonly faults?: Faults | undefined
  readonly foreign?: Foreign | undefined
  readonly lock?: Lock | undefined
  readonly commands?: Commands | undefined
  /** A patch for `native` that leaves its mark on what `translate` gives. */
  readonly nativePatch?: Readonly<Record<string, unknown>> | undefined
  /** The group everything is made in. @default a random one, so that runs can share a cluster */
  readonly group?: AppId | undefined
}

/** An adapter without its cluster. */
export type OfflineTarget = Pick<Target, 'name' | 'connect' | 'nativePatch'>
