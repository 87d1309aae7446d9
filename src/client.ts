import type {
  Capabilities,
  ClusterNode,
  ExecOptions,
  ExecSession,
  Interpretation,
  LogLine,
  LogsOptions,
  Material,
  Revision,
  Selector,
} from './adapter.ts'
import type { Group, GroupInput } from './app/group.ts'
import type { Duration } from './app/quantity.ts'
import type { App, AppId, AppInput } from './app/schema.ts'
import type { Clock } from './clock.ts'
import type { Event, EventType } from './events.ts'
import type { Explanation } from './explain.ts'
import type { GroupRollout } from './group-rollout.ts'
import type { Plan } from './plan.ts'
import type { Rollout } from './rollout.ts'
import type { AppStatus, ReasonCode } from './status.ts'

/** How a client of one cluster behaves. Every field has a default. */
export interface ConnectOptions {
  /** The cluster's name in errors, events and `prod:/shop/web`. @default the adapter's kind */
  readonly name?: string | undefined
  /** How long one call may take. @default '30s' */
  readonly timeout?: Duration | undefined
  /** A stream that says nothing for so long is taken for dead. @default '60s' */
  readonly idle?: Duration | undefined
  /** How many events can be replayed with `since`. @default 1000 */
  readonly history?: number | undefined
  /** How often a call that is safe to repeat is tried again. @default 2 */
  readonly retries?: number | undefined
  /** @default the adapter's, else the system's */
  readonly clock?: Clock | undefined
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** For every call: how it is cancelled, and how long it may take. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Then it throws `TIMEOUT`. @default that of `connect()`, '30s' */
  readonly timeout?: Duration | undefined
}

/** For every call that changes something. */
export interface WriteOptions extends CallOptions {
  /**
   * Go over a lock: what the engine is doing with the app ends where it is. Where nothing holds the app it means nothing, as on
   * engines without locks.
   */
  readonly force?: boolean | undefined
}

/** For every call that starts a rollout. */
export interface ChangeOptions extends WriteOptions {
  /** Reasons that end the wait as `failed` at once; `true` for those that never pass by waiting. */
  readonly failFast?: readonly ReasonCode[] | boolean | undefined
}

/** How an app is created or changed. */
export interface ApplyOptions extends ChangeOptions {
  /** `strict` refuses what the engine would drop, `lenient` only what cannot run at all. @default 'strict' */
  readonly losses?: 'strict' | 'lenient' | undefined
  /** Take over an app someone else made, or go over a lock. */
  readonly force?: boolean | undefined
  /** Consent to remove and make anew what the engine cannot change in place. Downtime; data of claims may go. */
  readonly replace?: boolean | undefined
}

/** How several apps are created or changed together. */
export interface GroupOptions extends ApplyOptions {
  /** What to do with apps already deployed when a later one fails. @default 'stop' */
  readonly onFailure?: 'stop' | 'rollback' | undefined
  /** How many independent apps roll at once. @default 4 */
  readonly concurrency?: number | undefined
}

/** Which events, and from where on. */
export interface EventsOptions {
  readonly selector?: Selector | undefined
  /**
   * A cursor of this same client: first what happened after it. When that is forgotten, or the cursor is another client's, the very first event is a `stream.gap`: begin anew with
   * the snapshot that follows. A gap later in the stream is followed by differences.
   */
  readonly since?: string | undefined
  /** Only these types; `stream.gap` and `stream.synced` are always told. */
  readonly types?: readonly EventType[] | undefined
  /** @default '15s' */
  readonly heartbeat?: Duration | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One cluster. Every call has a deadline and takes a signal; an abort rethrows the signal's reason, every other
 * failure is an `IntermodalError`. What the engine cannot do throws `UNSUPPORTED` before anything is sent.
 *
 * `await using client = connect(…)` closes streams and connections at the end of the block.
 */
export interface Client extends AsyncDisposable {
  /** The name given to `connect()`. */
  readonly cluster: string
  /** The adapter's: `kubernetes`. */
  readonly kind: string
  /** What the engine can do. Calling what it cannot throws `UNSUPPORTED`. */
  readonly capabilities: Capabilities
  /** What its waits and deadlines are measured by: for whoever waits along with it. */
  readonly clock: Clock

  /**
   * Creates the app or changes it to this. Resolves when the engine has accepted it; follow the rollout to know how
   * it ended. Throws `APP_INVALID`, `UNSUPPORTED` (with the losses) and `CONFLICT` before anything is changed.
   */
  apply(app: AppInput | App, options?: ApplyOptions): Promise<Rollout>
  /** Several apps in the order of their dependencies. All are checked before the first is applied. */
  applyGroup(
    group: GroupInput | Group | readonly (AppInput | App)[],
    options?: GroupOptions,
  ): Promise<GroupRollout>
  /** What `apply` would change, what that means, and what the engine would lose. Changes nothing. */
  plan(app: AppInput | App, options?: CallOptions): Promise<Plan>
  /** The same for apps that are applied together: what one of them needs of another need not be there yet. */
  planGroup(
    group: GroupInput | Group | readonly (AppInput | App)[],
    options?: CallOptions,
  ): Promise<readonly Plan[]>
  /** `undefined` when there is no such app. */
  status(id: AppId, options?: CallOptions): Promise<AppStatus | undefined>
  /** Every app, ours or not, as it is read: in no promised order, and not all at one moment. */
  list(selector?: Selector, options?: CallOptions): AsyncIterable<AppStatus>
  /** What `events()` or a shared rollout saw last, without asking: for a cluster that does not answer now. */
  lastKnown(): Iterable<AppStatus>
  /** Snapshot, `stream.synced`, then what happens, for ever. `break` closes the connection. */
  events(options?: EventsOptions): AsyncIterableIterator<Event>
  /** Follows whatever change of this app is the newest. Throws `APP_NOT_FOUND`. */
  follow(id: AppId, options?: Omit<ChangeOptions, 'force'>): Promise<Rollout>

  /** So many instances from now on. Throws `APP_NOT_FOUND`, and `UNSUPPORTED` for kinds without a count. */
  scale(id: AppId, replicas: number, options?: ChangeOptions): Promise<Rollout>
  /** Replaces every instance by the app's own update settings. Throws `APP_NOT_FOUND`. */
  restart(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** Zero instances; `resume` brings back as many as there were. */
  suspend(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** After `suspend` or `pause`. */
  resume(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** Holds the rollout in progress where it is. */
  pause(id: AppId, options?: WriteOptions): Promise<Revision>
  /**
   * To the revision before, or to the one `to` names. Throws `APP_NOT_FOUND`, and `CONFLICT` when there is none to go
   * back to.
   */
  rollback(
    id: AppId,
    options?: ChangeOptions & { readonly to?: string | undefined },
  ): Promise<Rollout>
  /** Resolves when the app is gone, instances and all. False: there was none. */
  remove(id: AppId, options?: WriteOptions): Promise<boolean>
  /** Ends one instance; the engine makes another. */
  kill(id: AppId, instance: string, options?: CallOptions): Promise<boolean>

  /** What instances have printed, and with `follow` what they print, until aborted. Throws `APP_NOT_FOUND`. */
  logs(
    id: AppId,
    options?: LogsOptions & { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<LogLine>
  /** Runs a command in an instance, without a shell. Throws `APP_NOT_FOUND`. Resolves when it has started. */
  exec(
    id: AppId,
    command: readonly string[],
    options?: ExecOptions & CallOptions,
  ): Promise<ExecSession>
  /** Why it is not as it should be, and what to try. */
  explain(id: AppId, options?: CallOptions): Promise<Explanation>
  /** The machines of the cluster, with what is reserved of them. */
  nodes(options?: CallOptions): Promise<readonly ClusterNode[]>
  /** The live app as an app of the model, ours or not. Throws `APP_NOT_FOUND`. */
  export(id: AppId, options?: CallOptions): Promise<Interpretation>
  /** The engine's own objects behind an app. */
  native(id: AppId, options?: CallOptions): Promise<unknown>
  /** Creates a secret or changes it to this. False: it already had this content. */
  putSecret(material: Material, options?: CallOptions): Promise<boolean>
  /** Creates a config or changes it to this. False: it already had this content. */
  putConfig(material: Material, options?: CallOptions): Promise<boolean>
}
