import type { App, AppId } from './app/schema.ts'
import type { Clock } from './clock.ts'
import type { IntermodalError } from './errors.ts'
import type { AppStatus, Reason } from './status.ts'

/**
 * The seam's number. Core refuses an adapter built for another one.
 *
 * It grows only with what an adapter could not live through. Whatever is added under one number an adapter may go without:
 * a new method is optional, a new flag means "cannot" when it is absent, and so does a new member of anything an adapter
 * returns mean "nothing". An adapter built for a number compiles and runs with everything later that has the same.
 */
export const SEAM = 1

/** What every call carries. Core makes it; an adapter passes `signal` to everything that waits. */
export interface Call {
  /** Aborted when the caller gives up or the deadline passes. Its `reason` is what the adapter throws, unwrapped. */
  readonly signal: AbortSignal
  /** When the call has to be over, milliseconds since the epoch; `Infinity` for streams. */
  readonly deadline: number
}

/** A change that may need consent. */
export interface ChangeCall extends Call {
  /**
   * Take over an app someone else made, or go over a lock of the engine. Never implied. It is consent and no order: where
   * nothing stands in the way it means nothing, and so it does on engines without locks.
   */
  readonly force: boolean
}

/**
 * What an engine can do, as data. A flag is a promise: absent is the same as `false`, for those too that an adapter
 * is older than. Each flag named like a method is true exactly when that method is present; the conformance suite checks it,
 * and chooses its groups by these alone.
 */
export interface Capabilities {
  readonly kinds: readonly App['kind'][]
  readonly scale?: boolean | undefined
  readonly restart?: boolean | undefined
  readonly suspend?: boolean | undefined
  readonly resume?: boolean | undefined
  readonly pause?: boolean | undefined
  readonly rollback?: boolean | undefined
  readonly kill?: boolean | undefined
  readonly logs?: boolean | undefined
  readonly exec?: boolean | undefined
  readonly nodes?: boolean | undefined
  readonly explain?: boolean | undefined
  /** `putSecret` and `putConfig`. */
  readonly material?: boolean | undefined
  /** The engine can be asked what an apply would end in. */
  readonly rehearse?: boolean | undefined
  /** The engine rolls a failed update back by itself; where false, core does it with `rollback`. */
  readonly autoRollback?: boolean | undefined
  /** What changes an app holds it until it is done: other changes meanwhile are `LOCKED`, unless forced. */
  readonly locks?: boolean | undefined
  /** Whether the engine pushes changes, or the adapter polls. */
  readonly watch: 'push' | 'poll'
  /**
   * A watch whose connection ends goes on exactly where it was: nothing is missed, nothing is told twice, and `lost` is
   * said only when the cluster cannot be reached any more.
   */
  readonly gapless?: boolean | undefined
  /**
   * How the engine calls apps where only its own apps hear it: `.svc` for names that end so, `tasks.` for those that begin so.
   * An app that says such a name means nothing by it on another cluster.
   */
  readonly hostNames?: readonly string[] | undefined
  /** JSON pointers (`/kind`, `/volumes/*`) into App that change without touching instances, beyond `/replicas`. */
  readonly inPlace: readonly string[]
  /** JSON pointers into App that the engine cannot change on a live app: the app has to be removed and made anew. */
  readonly immutable: readonly string[]
}

/** Every kind of loss, mildest first. */
export const LOSS_KINDS = ['approximated', 'dropped', 'refused'] as const
/** How much is lost; `Loss.kind` tells what each means. */
export type LossKind = (typeof LOSS_KINDS)[number]

/** What could not be carried over, and where. */
export interface Loss {
  /** JSON pointer into the source: `/probes/liveness`, or a native path for an interpretation. */
  readonly path: string
  /**
   * `approximated`: carried, but means something slightly different there. `dropped`: gone. `refused`: the app cannot
   * run there at all as written.
   */
  readonly kind: LossKind
  /** What becomes of it, one sentence. */
  readonly detail: string
  readonly remedy?: string | undefined
}

/** An app in the engine's own terms, and what of it the engine cannot carry. */
export interface Translation<Native> {
  readonly native: Native
  readonly losses: readonly Loss[]
}

/** A native object as an app of the model, and what of it the model has no place for. */
export interface Interpretation {
  /**
   * The app as the model says it, already validated. What the engine assigns by itself is not in it, and a live
   * replica count is.
   */
  readonly app: App
  readonly losses: readonly Loss[]
  /**
   * JSON pointers into the app: what nobody has said, and the engine has written by itself. Another engine has no use for it,
   * and nothing is lost without it.
   */
  readonly filledIn?: readonly string[] | undefined
}

/** What the engine accepted. It is not rolled out yet. */
export interface Revision {
  readonly app: AppId
  /** Names what instances are made from. Applying the same app twice gives the same id. */
  readonly id: string
  /** The `generation.desired` of the change: older statuses are not about it. */
  readonly generation: number
  /** False: the engine already had exactly this. */
  readonly changed: boolean
  /** Instances wanted after the change; absent for kinds without a count. */
  readonly replicas?: number | undefined
  /** The revision before, where there was one. */
  readonly previous?: string | undefined
}

/** Which apps. Everything given must hold; nothing given means every app in scope. */
export interface Selector {
  readonly ids?: readonly AppId[] | undefined
  /** `/shop` selects `/shop/web` and `/shop/db/main`, not `/shopping`. */
  readonly group?: string | undefined
  /** Labels that must have exactly this value. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** What `Adapter.watch` tells. Core makes events of it by comparing statuses. */
export type Change =
  /** The whole status, not a delta. */
  | { readonly type: 'app'; readonly status: AppStatus }
  | { readonly type: 'gone'; readonly id: AppId }
  /** The first full picture has been delivered. */
  | { readonly type: 'synced' }
  /** Connection lost; a full picture and `synced` will follow. Apps that are not in it are gone. */
  | { readonly type: 'lost'; readonly error: IntermodalError }
  /** The engine was heard of, and nothing changed. At least every 15 seconds on a quiet stream. */
  | { readonly type: 'alive' }

/** Which lines of which instances. */
export interface LogsOptions {
  /** One instance by its id; every instance of the newest revision when absent. */
  readonly instance?: string | undefined
  /** Go on until aborted. Without it the iterable ends after what is there. */
  readonly follow?: boolean | undefined
  /** Only the last so many lines of each instance. */
  readonly tail?: number | undefined
  /** Only lines since then, milliseconds since the epoch. */
  readonly since?: number | undefined
  /** The container before the last restart, where the engine keeps it. */
  readonly previous?: boolean | undefined
}

/** One line that an instance has printed. */
export interface LogLine {
  readonly instance: string
  readonly stream: 'stdout' | 'stderr'
  /** Milliseconds since the epoch, when the engine says. */
  readonly time?: number | undefined
  /** Without its line end. */
  readonly text: string
}

/** How a command is run in an instance. */
export interface ExecOptions {
  /** One instance by its id; any ready one when absent. */
  readonly instance?: string | undefined
  readonly tty?: boolean | undefined
  /** What to write to the command's standard input; it is closed at the end. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
}

/** A command that runs in an instance. */
export interface ExecSession {
  readonly output: AsyncIterable<{
    readonly stream: 'stdout' | 'stderr'
    readonly data: Uint8Array
  }>
  /** Settles after the output has ended. Rejects when the exit code cannot be known. */
  readonly exitCode: Promise<number>
}

/** One machine of a cluster. */
export interface ClusterNode {
  readonly id: string
  readonly name: string
  readonly state: 'ready' | 'draining' | 'down' | 'unknown'
  readonly attributes: Readonly<Record<string, string>>
  /** Millicores and bytes; absent where the engine does not tell. */
  readonly capacity: { readonly cpu?: number; readonly memory?: number; readonly disk?: number }
  /** What running apps have reserved of it. */
  readonly reserved: { readonly cpu?: number; readonly memory?: number; readonly disk?: number }
}

/** What the engine says of an apply that it was asked about. */
export interface Rehearsal {
  /** JSON pointers into the app, of what cannot change on the live one: it has to be removed and made anew. */
  readonly immutable: readonly string[]
}

/** The bytes behind a `{ secret }` or `{ config }` reference: one value, or several by key. */
export interface Material {
  readonly name: string
  readonly data: string | Readonly<Record<string, string>>
}

/**
 * The seam between core and an orchestrator: pure functions carry the value, I/O is thin.
 *
 * An adapter never validates apps, never retries, never logs, never reads environment variables or files: core and CLI
 * do. Absence is `undefined` or `false`, never a not-found error on a read. Every failure is an `IntermodalError`,
 * except an abort, which rethrows `call.signal.reason`.
 */
export interface Adapter<Native = unknown> extends AsyncDisposable {
  readonly seam: typeof SEAM
  /** `marathon`: in errors, events and logs. */
  readonly kind: string
  readonly capabilities: Capabilities
  /** The time this engine lives by, where it is not the system's. */
  readonly clock?: Clock | undefined

  /** Pure: no I/O, no clock, no randomness. Every field that is set is carried exactly or named by a loss. */
  translate(app: App): Translation<Native>
  /** Pure, the way back: every native key is in the model, in `native`, or in a loss. */
  interpret(native: Native): Interpretation

  /**
   * Creates or replaces. Accepted by the engine when it resolves, not rolled out. An absent `replicas` keeps the
   * live count. Throws `CONFLICT` when the app was changed meanwhile or belongs to someone else, `LOCKED` when a
   * deployment holds it, `APP_INVALID` when it refers to a secret or config the cluster does not have.
   */
  apply(app: App, call: ChangeCall): Promise<Revision>
  /** False: there was nothing to remove. Throws `LOCKED` when a deployment holds it that works on other apps as well. */
  remove(id: AppId, call: ChangeCall): Promise<boolean>
  observe(id: AppId, call: Call): Promise<AppStatus | undefined>
  /** The live native objects, in the shape `translate` gives and `interpret` takes. */
  read(id: AppId, call: Call): Promise<Native | undefined>
  list(selector: Selector, call: Call): AsyncIterable<AppStatus>
  /** Everything, then `synced`, then what changes. Reconnects by itself, for ever, until `call.signal` aborts. */
  watch(selector: Selector, call: Call): AsyncIterable<Change>

  /** This and the changes below throw `LOCKED` when a deployment holds the app, and go over it with `call.force`. */
  scale?(id: AppId, replicas: number, call: ChangeCall): Promise<Revision>
  /** Replaces every instance by the app's own update settings, without changing the app. */
  restart?(id: AppId, call: ChangeCall): Promise<Revision>
  /** Zero instances, remembering how many there were. */
  suspend?(id: AppId, call: ChangeCall): Promise<Revision>
  /** Goes on after `suspend` (the remembered count) or `pause`. */
  resume?(id: AppId, call: ChangeCall): Promise<Revision>
  /** Holds the rollout in progress where it is. */
  pause?(id: AppId, call: ChangeCall): Promise<Revision>
  /** Back to the given revision, or to the one before the newest. */
  rollback?(id: AppId, revision: string | undefined, call: ChangeCall): Promise<Revision>
  /** Ends one instance; the engine makes another. False: there was no such instance. */
  kill?(id: AppId, instance: string, call: Call): Promise<boolean>
  logs?(id: AppId, options: LogsOptions, call: Call): AsyncIterable<LogLine>
  exec?(
    id: AppId,
    command: readonly string[],
    options: ExecOptions,
    call: Call,
  ): Promise<ExecSession>
  nodes?(call: Call): Promise<readonly ClusterNode[]>
  /** What the engine knows beyond the status: queue summaries, scheduler events. */
  explain?(id: AppId, call: Call): Promise<readonly Reason[]>
  /**
   * Asks the engine what `apply` would end in, and changes nothing. Throws what `apply` would throw, except where the app
   * has to be made anew: that is told.
   */
  rehearse?(app: App, call: ChangeCall): Promise<Rehearsal>
  /** Creates or replaces what `{ secret: name }` stands for. True: it changed. Apps take it up at their next apply. */
  putSecret?(material: Material, call: Call): Promise<boolean>
  /** The same for `{ config: name }`. */
  putConfig?(material: Material, call: Call): Promise<boolean>
}
