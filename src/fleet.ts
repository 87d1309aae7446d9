import { closest } from 'fastest-levenshtein'
import type { Adapter, ClusterNode, Selector } from './adapter.ts'
import { type AppRef, parseRef } from './app/ref.ts'
import type { CallOptions, Client, ConnectOptions, EventsOptions } from './client.ts'
import { connect } from './connect.ts'
import { IntermodalError } from './errors.ts'
import type { Event } from './events.ts'
import { eventsOfAll } from './fleet/events.ts'
import { listAll } from './fleet/list.ts'
import { Member } from './fleet/member.ts'
import { summarizeList } from './fleet/summary.ts'
import type { AppState, AppStatus } from './status.ts'

/** For the clusters given as adapters; clients keep their own. */
export type FleetOptions = Omit<ConnectOptions, 'name'>

/** Which apps of all clusters, and how long they may take to answer. */
export interface FleetListOptions extends CallOptions {
  /** Only apps in one of these states: `{ states: ['degraded', 'failed'] }`. */
  readonly states?: readonly AppState[] | undefined
}

/** One app of one cluster. */
export interface FleetEntry {
  readonly cluster: string
  /** `prod:/shop/web`; `parseRef` reads it. */
  readonly ref: string
  /** With `observed.stale` when the cluster did not answer and this is the last that was seen. */
  readonly status: AppStatus
}

/** A cluster that did not answer, or not to the end. */
export interface ClusterProblem {
  readonly cluster: string
  readonly error: IntermodalError
  /** How many of its apps are known from before, and shown as stale. */
  readonly stale: number
}

/** One pass over the apps of every cluster, each as soon as its cluster answers. */
export interface FleetList extends AsyncIterableIterator<FleetEntry> {
  /** Grows while the list is read; complete when it has ended. */
  readonly problems: readonly ClusterProblem[]
}

/** The machines of every cluster that answered, and why others did not. */
export interface FleetNodes {
  readonly nodes: readonly { readonly cluster: string; readonly node: ClusterNode }[]
  readonly problems: readonly Omit<ClusterProblem, 'stale'>[]
}

/** Apps counted by state. */
export interface Tally {
  readonly apps: number
  readonly states: Readonly<Partial<Record<AppState, number>>>
  /** The most severe state; `unknown` while a cluster does not answer, `absent` without apps. */
  readonly worst: AppState
  readonly instances: { readonly desired: number; readonly ready: number }
}

/** The apps of one cluster, counted. */
export interface ClusterSummary extends Tally {
  readonly cluster: string
  readonly kind: string
  /** Why the figures are old, when they are. */
  readonly problem?: IntermodalError | undefined
}

/** The apps of each cluster and of all together, counted. */
export interface FleetSummary {
  readonly clusters: readonly ClusterSummary[]
  readonly total: Tally
}

/**
 * Several clusters as one. All are asked at the same time; one that is slow or gone neither delays nor fails the
 * others: what was last seen of it is shown, marked stale, and the failure is told beside it.
 */
export interface Fleet<Name extends string = string> extends AsyncDisposable {
  readonly clients: Readonly<Record<Name, Client>>
  /** Throws `APP_INVALID` for a name the fleet does not have. */
  client(name: Name): Client
  /**
   * Apps everywhere, or those in certain states: `list({}, { states: ['degraded'] })`. Ends when the last cluster has
   * answered or has run into its deadline.
   */
  list(selector?: Selector, options?: FleetListOptions): FleetList
  /**
   * One app by `prod:/shop/web`; `undefined` when there is none. When its cluster does not answer, the last status seen
   * of it, marked stale; throws what the cluster's client threw when there is none.
   */
  status(ref: AppRef | string, options?: CallOptions): Promise<AppStatus | undefined>
  /**
   * What happens anywhere, for ever. `stream.synced`, `stream.gap`, `cluster.lost` and heartbeats are about the cluster
   * they name. The cursor holds the place in every cluster, and goes on with each. Throws only when no cluster is left
   * that could tell anything.
   */
  events(options?: EventsOptions): AsyncIterableIterator<Event>
  /** Of the clusters that tell their nodes. */
  nodes(options?: CallOptions): Promise<FleetNodes>
  /** How many apps are in which state, by cluster and in all. */
  summary(selector?: Selector, options?: CallOptions): Promise<FleetSummary>
}

/**
 * Brings several clusters together, each under the name it is given here: `fleet({ prod: swarm(), legacy: client })`.
 * Adapters are connected with the options. `await using` closes every client at the end, also those that were given.
 */
export function fleet<Name extends string>(
  clusters: Readonly<Record<Name, Client | Adapter>>,
  options: FleetOptions = {},
): Fleet<Name> {
  const members = Object.entries<Client | Adapter>(clusters).map(([name, given]) =>
    'seam' in given
      ? new Member(name, connect(given, { ...options, name }))
      : new Member(name, given),
  )
  const member = (name: string): Member => {
    const found = members.find((each) => each.name === name)
    if (!found) throw unknownCluster(name, members)
    return found
  }
  let disposed: Promise<void> | undefined

  return {
    clients: Object.fromEntries(members.map(({ name, client }) => [name, client])) as Record<
      Name,
      Client
    >,
    client: (name) => member(name).client,
    list: (selector = {}, listOptions = {}) => listAll(members, selector, listOptions),
    events: (eventsOptions = {}) => eventsOfAll(members, eventsOptions),
    summary: (selector = {}, callOptions = {}) =>
      summarizeList(members, listAll(members, selector, callOptions)),
    async status(ref, callOptions) {
      const { cluster, app } = typeof ref === 'string' ? parseRef(ref) : ref
      return statusOn(member(cluster), app, callOptions)
    },
    nodes: (callOptions) => nodesOf(members, callOptions),
    [Symbol.asyncDispose]() {
      disposed ??= closeAll(members)
      return disposed
    },
  }
}

async function statusOn(
  member: Member,
  id: AppRef['app'],
  options: CallOptions | undefined,
): Promise<AppStatus | undefined> {
  try {
    const status = await member.client.status(id, options)
    if (status) member.remember(status)
    else member.forget(id)
    return status
  } catch (error) {
    const silent = IntermodalError.is(error) && error.retryable
    const known = silent ? member.lastKnown({ ids: [id] })[0] : undefined
    if (!known) throw error
    return known
  }
}

async function nodesOf(
  members: readonly Member[],
  options: CallOptions | undefined,
): Promise<FleetNodes> {
  const able = members.filter(({ client }) => client.capabilities.nodes)
  const problems: FleetNodes['problems'][number][] = []
  const answers = able.map(async ({ name, client }) => {
    try {
      const nodes = await client.nodes(options)
      return nodes.map((node) => ({ cluster: name, node }))
    } catch (error) {
      if (options?.signal?.aborted) throw options.signal.reason
      if (!IntermodalError.is(error)) throw error
      problems.push({ cluster: name, error })
      return []
    }
  })
  return { nodes: (await Promise.all(answers)).flat(), problems }
}

/** Each is closed, whatever becomes of the others. */
async function closeAll(members: readonly Member[]): Promise<void> {
  const closings = await Promise.allSettled(
    members.map(({ client }) => client[Symbol.asyncDispose]()),
  )
  const failures = closings.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1)
    throw new AggregateError(failures, 'several clusters could not be closed')
}

function unknownCluster(name: string, members: readonly Member[]): IntermodalError {
  const names = members.map((member) => member.name)
  return new IntermodalError('APP_INVALID', `the fleet has no cluster "${name}"`, {
    remedy:
      names.length > 0
        ? `did you mean "${closest(name, names)}"? It has: ${names.join(', ')}`
        : 'it has none at all',
  })
}
