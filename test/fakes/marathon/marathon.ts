import type { World } from '../../../adapters/simulated/world.ts'
import { Bus } from './bus.ts'
import { type Deployment, Deployments } from './deployments.ts'
import { Refused } from './errors.ts'
import type { Setup } from './normal/app.ts'
import type { PathId } from './normal/paths.ts'
import type { Draft, Root, Spec } from './store/root.ts'
import { Store } from './store/store.ts'
import { Dialect } from './versions.ts'
import { Book } from './world/book.ts'
import { type AppRecord, Cluster, type InstanceRecord } from './world/cluster.ts'
import { TaskViews } from './world/describe.ts'
import { Observer } from './world/observer.ts'
import { groupJson } from './write/group.ts'

export interface MarathonOptions {
  readonly world: World
  readonly version: string
  readonly role: string
  readonly network?: string | undefined
  readonly features: readonly string[]
  readonly maxDeployments: number
  readonly dcos: boolean
}

export interface UpdateOptions {
  /** Cancels the deployments that are in the way. */
  readonly force?: boolean
  /** What the change is about, as events name it. @default '/' */
  readonly group?: PathId
  /** Publishes what comes before all that follows from the change. */
  readonly announce?: () => void
}

/** All of a Marathon but its web server: what is wanted, what is under way, and what the world makes of it. */
export class Marathon {
  readonly setup: Setup
  readonly dialect: Dialect
  readonly features: readonly string[]
  readonly store: Store
  readonly bus: Bus
  readonly cluster: Cluster
  readonly deployments: Deployments
  readonly observer: Observer
  /** The values of DC/OS' secret store, by their paths. Absent: there is none. */
  readonly secrets: Map<string, string> | undefined
  readonly #stop: () => void
  readonly #changed = new Set<PathId>()
  #lastVersion = 0

  constructor(options: MarathonOptions) {
    const { world, version, role, network, features, maxDeployments, dcos } = options
    this.dialect = new Dialect(version)
    this.setup = { dialect: this.dialect, role, network }
    this.features = features
    this.secrets = dcos ? new Map() : undefined
    this.cluster = new Cluster(world)
    this.bus = new Bus(() => this.cluster.now)
    this.store = new Store(this.#nextVersion())
    const book = new Book(this.dialect)
    const views = new TaskViews(this.cluster, book, (id) => this.store.versions(id))
    this.observer = new Observer(this.cluster, book, views, this.bus)
    this.deployments = new Deployments(this.cluster, this.bus, maxDeployments, (root) =>
      groupJson(this, root, '/', { apps: true, pods: true, groups: true }),
    )
    this.#stop = world.engine.onChange((id) => this.#note(id as PathId))
  }

  get root(): Root {
    return this.store.root
  }

  /** A moment of the world is told of once, when all that happens in it has happened. */
  #note(id: PathId): void {
    if (this.#changed.size === 0) this.cluster.soon(() => this.#lookAround())
    this.#changed.add(id)
  }

  #lookAround(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const id of changed) this.observer.look(id, this.root.specs.get(id))
    this.deployments.advance()
  }

  /** Milliseconds are all a version has: of two in the same one, the second is a little early. */
  #nextVersion(): string {
    this.#lastVersion = Math.max(this.cluster.now, this.#lastVersion + 1)
    return new Date(this.#lastVersion).toISOString()
  }

  /**
   * Changes what is wanted, and begins the deployment that makes it so. Throws the refusal, with nothing changed, when it
   * is not valid or locked.
   */
  update(
    change: (draft: Draft, version: string) => void,
    { force = false, group = '/', announce }: UpdateOptions = {},
  ): Deployment {
    const version = this.#nextVersion()
    const target = this.store.next(version, (draft) => change(draft, version))
    const deployment = this.#planned(target, force, group)
    this.store.accept(target)
    announce?.()
    this.bus.publish('group_change_success', { groupId: group, version })
    this.#tellChecks(deployment)
    this.deployments.start(deployment)
    return deployment
  }

  #planned(target: Root, force: boolean, groupId: PathId): Deployment {
    try {
      return this.deployments.plan(this.root, target, force)
    } catch (error) {
      if (error instanceof Refused) {
        const { message } = error.answer.json as { readonly message: string }
        const { version } = target
        this.bus.publish('group_change_failed', { groupId, version, reason: message })
      }
      throw error
    }
  }

  /** The steps a change would take. */
  dryRun(change: (draft: Draft, version: string) => void): Deployment {
    const version = this.#nextVersion()
    const target = this.store.next(version, (draft) => change(draft, version))
    return this.deployments.plan(this.root, target, true)
  }

  #tellChecks({ original, target, affected }: Deployment): void {
    for (const id of affected.keys()) {
      const [before, after] = [original.specs.get(id), target.specs.get(id)]
      if (before?.lastConfigChangeAt === after?.lastConfigChangeAt) continue
      if (checksOf(before).length > 0) this.bus.publish('remove_health_check_event', { appId: id })
      for (const healthCheck of checksOf(after)) {
        const { version } = after as Spec
        this.bus.publish('add_health_check_event', { appId: id, version, healthCheck })
      }
    }
  }

  /** Another takes its place. */
  kill(record: AppRecord, instance: InstanceRecord): void {
    this.observer.book.killed(record, instance, this.cluster.now)
    this.cluster.kill(record, instance)
  }

  close(): void {
    this.#stop()
  }
}

function checksOf(spec: Spec | undefined): readonly object[] {
  return (spec?.kind === 'app' && spec.definition.healthChecks) || []
}
