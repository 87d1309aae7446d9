import {
  type AppId,
  type AppStatus,
  abortable,
  type Call,
  type Change,
  Mailbox,
  matches,
  type Selector,
} from 'intermodal'
import { Follower, type FollowerOptions, type Source } from './follower.ts'
import {
  CONTROLLER_REVISIONS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  NODES,
  PODS,
  REPLICA_SETS,
  STATEFUL_SETS,
} from './kinds.ts'
import { isManaged } from './labels.ts'
import { objectName } from './names.ts'
import { ownSelector } from './ownership.ts'
import { findWorkload } from './picture.ts'
import { WANTED_EVENTS } from './wanted-events.ts'

/** What the watches of one adapter have in common: as many as there are readers share one picture. */
export class Watches {
  readonly #options: Omit<FollowerOptions, 'sources'>
  readonly #followers = new Map<string, Follower>()

  constructor(options: Omit<FollowerOptions, 'sources'>) {
    this.#options = options
  }

  async *watch(selector: Selector, { signal }: Call): AsyncGenerator<Change, void, void> {
    signal.throwIfAborted()
    const follower = await this.#followerFor(selector, signal)
    const mailbox = new Mailbox<Change>()
    const delivered = new Set<AppId>()
    const leave = follower.listen({
      app: (status) => tell(status, selector, delivered, mailbox),
      gone: (id) => {
        if (delivered.delete(id)) mailbox.put({ type: 'gone', id }, id)
      },
      synced: () => mailbox.put({ type: 'synced' }),
      lost: (error) => {
        delivered.clear()
        mailbox.put({ type: 'lost', error }, 'lost')
      },
      alive: () => mailbox.put({ type: 'alive' }, 'alive'),
    })
    try {
      for (;;) {
        const next = await abortable(mailbox.next(), signal)
        if (next.done) return
        yield next.value
      }
    } finally {
      leave()
    }
  }

  close(): void {
    for (const follower of this.#followers.values()) follower.close()
    this.#followers.clear()
  }

  async #followerFor({ ids }: Selector, signal: AbortSignal): Promise<Follower> {
    const [only] = ids?.length === 1 ? ids : []
    const shared = this.#followers.get('')
    if (only === undefined || (shared && !shared.closed)) return this.#shared('', ALL)
    const known = this.#followers.get(only)
    if (known && !known.closed) return known
    const sources = await this.#sourcesFor(only, signal)
    return sources === ALL ? this.#shared('', ALL) : this.#shared(only, sources)
  }

  #shared(key: string, sources: readonly Source[]): Follower {
    const known = this.#followers.get(key)
    if (known && !known.closed) return known
    for (const [name, { closed }] of this.#followers) if (closed) this.#followers.delete(name)
    const follower = new Follower({ ...this.#options, sources })
    this.#followers.set(key, follower)
    return follower
  }

  /** One app of ours is found by its name and its label; anybody else's pods only among all of them. */
  async #sourcesFor(id: AppId, signal: AbortSignal): Promise<readonly Source[]> {
    const found = await findWorkload(this.#options.api, id, signal)
    if (found && (!isManaged(found.object) || found.resource === CRON_JOBS)) return ALL
    const name = objectName(id)
    const byName = { fieldSelector: `metadata.name=${name}` }
    const byLabel = { labelSelector: ownSelector(name) }
    return [
      ...[DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, CRON_JOBS].map((resource) => ({
        resource,
        select: byName,
      })),
      // A CronJob that comes later has Jobs of other names, without labels.
      { resource: JOBS, select: found ? byName : {} },
      ...[PODS, REPLICA_SETS, CONTROLLER_REVISIONS].map((resource) => ({
        resource,
        select: byLabel,
      })),
      ...ASIDE,
    ]
  }
}

const ASIDE: readonly Source[] = [
  { resource: EVENTS, select: { fieldSelector: WANTED_EVENTS }, optional: true },
  { resource: NODES, select: {}, optional: true },
]

const ALL: readonly Source[] = [
  ...[
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    JOBS,
    CRON_JOBS,
    PODS,
    REPLICA_SETS,
    CONTROLLER_REVISIONS,
  ].map((resource) => ({ resource, select: {} })),
  ...ASIDE,
]

function tell(
  status: AppStatus,
  selector: Selector,
  delivered: Set<AppId>,
  mailbox: Mailbox<Change>,
): void {
  if (matches(selector, status)) {
    delivered.add(status.id)
    mailbox.put({ type: 'app', status }, status.id)
  } else if (delivered.delete(status.id)) {
    // It is there, and not among what was asked for any more.
    mailbox.put({ type: 'gone', id: status.id }, status.id)
  }
}
