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

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: Duration | undefined
}

export interface WriteOptions extends CallOptions {
  /**
   * Go over a lock: what the engine is doing with the app ends where it is. Where nothing holds the app it means nothing, as on
   * engines without locks.
   */
  readonly force?: boolean | undefined
}

export interface ChangeOptions extends WriteOptions {
  /** Reasons that end the wait as `failed` at once; `true` for those that never pass by waiting. */
  readonly failFast?: readonly ReasonCode[] | boolean | undefined
}

export interface ApplyOptions extends ChangeOptions {
  /** `strict` refuses what the engine would drop, `lenient` only what cannot run at all. @default 'strict' */
  readonly losses?: 'strict' | 'lenient' | undefined
  /** Take over an app someone else made, or go over a lock. */
  readonly force?: boolean | undefined
  /** Consent to remove and make anew what the engine cannot change in place. Downtime; data of claims may go. */
  readonly replace?: boolean | undefined
}

export interface GroupOptions extends ApplyOptions {
  /** What to do with apps already deployed when a later one fails. @default 'stop' */
  readonly onFailure?: 'stop' | 'rollback' | undefined
  /** How many independent apps roll at once. @default 4 */
  readonly concurrency?: number | undefined
}

export interface EventsOptions {
  readonly selector?: Selector | undefined
  /**
   * A cursor: first what happened after it. When that is forgotten, the very first event is a `stream.gap`: begin anew with
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
  readonly cluster: string
  readonly kind: string
  readonly capabilities: Capabilities

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
  list(selector?: Selector, options?: CallOptions): AsyncIterable<AppStatus>
  /** What `events()` or a shared rollout saw last, without asking: for a cluster that does not answer now. */
  lastKnown(): Iterable<AppStatus>
  /** Snapshot, `stream.synced`, then what happens, for ever. `break` closes the connection. */
  events(options?: EventsOptions): AsyncIterableIterator<Event>
  /** Follows whatever change of this app is the newest. Throws `APP_NOT_FOUND`. */
  follow(id: AppId, options?: Omit<ChangeOptions, 'force'>): Promise<Rollout>

  scale(id: AppId, replicas: number, options?: ChangeOptions): Promise<Rollout>
  restart(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** Zero instances; `resume` brings back as many as there were. */
  suspend(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** After `suspend` or `pause`. */
  resume(id: AppId, options?: ChangeOptions): Promise<Rollout>
  /** Holds the rollout in progress where it is. */
  pause(id: AppId, options?: WriteOptions): Promise<Revision>
  rollback(
    id: AppId,
    options?: ChangeOptions & { readonly to?: string | undefined },
  ): Promise<Rollout>
  /** Resolves when the app is gone, instances and all. False: there was none. */
  remove(id: AppId, options?: WriteOptions): Promise<boolean>
  /** Ends one instance; the engine makes another. */
  kill(id: AppId, instance: string, options?: CallOptions): Promise<boolean>

  logs(
    id: AppId,
    options?: LogsOptions & { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<LogLine>
  exec(
    id: AppId,
    command: readonly string[],
    options?: ExecOptions & CallOptions,
  ): Promise<ExecSession>
  /** Why it is not as it should be, and what to try. */
  explain(id: AppId, options?: CallOptions): Promise<Explanation>
  nodes(options?: CallOptions): Promise<readonly ClusterNode[]>
  /** The live app as an app of the model, ours or not. Throws `APP_NOT_FOUND`. */
  export(id: AppId, options?: CallOptions): Promise<Interpretation>
  /** The engine's own objects behind an app. */
  native(id: AppId, options?: CallOptions): Promise<unknown>
  putSecret(material: Material, options?: CallOptions): Promise<boolean>
  putConfig(material: Material, options?: CallOptions): Promise<boolean>
}
