import type { AppRecord, InstanceRecord } from '../../../../adapters/simulated/world/model.ts'
import type { Bus } from '../bus.ts'
import type { PathId } from '../normal/paths.ts'
import type { Spec } from '../store/root.ts'
import type { Book, Entry } from './book.ts'
import type { Cluster } from './cluster.ts'
import type { Described, TaskViews } from './describe.ts'
import { type Ending, Endings } from './endings.ts'
import { hasEnded, hasTask, type PhaseName, phase, phaseOf } from './tasks.ts'

interface Seen {
  readonly instance: InstanceRecord
  readonly entry: Entry
  described: Described
}

/** Compares the world with what was last told of it, and tells the difference as Marathon's events. */
export class Observer {
  readonly book: Book
  readonly views: TaskViews
  readonly endings: Endings
  readonly #cluster: Cluster
  readonly #bus: Bus
  readonly #seen = new Map<PathId, Map<string, Seen>>()

  constructor(cluster: Cluster, book: Book, views: TaskViews, bus: Bus) {
    this.book = book
    this.views = views
    this.endings = new Endings()
    this.#cluster = cluster
    this.#bus = bus
  }

  /** Called once for each moment in which something of the app changed. `spec` is absent when it is wanted no more. */
  look(id: PathId, spec: Spec | undefined): void {
    const record = this.#cluster.record(id)
    const seen = this.#seen.get(id) ?? new Map<string, Seen>()
    if (record) this.#seen.set(id, seen)
    const left = new Set(seen.keys())
    for (const instance of record?.instances ?? []) {
      left.delete(instance.id)
      if (record) this.#lookAt(record, instance, seen, spec)
    }
    for (const key of left) {
      const gone = seen.get(key)
      seen.delete(key)
      this.book.forget(key)
      if (gone && !hasEnded(gone.entry.told ?? 'killed')) this.#tell(id, gone, 'killed', '')
    }
    if (record) return
    if (this.#seen.delete(id)) {
      this.endings.forget(id)
      this.book.forgetApp(id)
      this.#bus.publish('app_terminated_event', { appId: id })
    }
  }

  #lookAt(
    record: AppRecord,
    instance: InstanceRecord,
    seen: Map<string, Seen>,
    spec: Spec | undefined,
  ): void {
    const entry = this.book.entry(record, instance, this.#cluster.now)
    const now = phaseOf(instance)
    const described = this.views.describe(record, instance, entry)
    const known = seen.get(instance.id) ?? { instance, entry, described }
    known.described = described
    seen.set(instance.id, known)
    if (hasTask(instance)) entry.stagedAt ??= this.#cluster.now
    if (now !== entry.told) {
      entry.since = this.#cluster.now
      if (now === 'killing' && instance.fate) this.#tellUnhealthyKill(known)
      this.#tell(record.id, known, now, this.#messageOf(record, instance, now))
      entry.told = now
      if (hasEnded(now)) this.#note(record, known, now, spec)
    }
    this.#tellHealth(record, instance, entry, described, spec)
  }

  #messageOf(record: AppRecord, instance: InstanceRecord, now: PhaseName): string {
    return hasEnded(now)
      ? this.views.endMessage(instance, this.#cluster.imageOf(record, instance))
      : ''
  }

  #tell(appId: PathId, { described }: Seen, now: PhaseName, message: string): void {
    const { state, condition } = phase(now)
    const { instanceId, agentId, host, version, tasks, ports, ipAddresses } = described
    if (now !== 'scheduled') {
      for (const taskId of tasks) {
        this.#bus.publish('status_update_event', {
          slaveId: agentId ?? '',
          taskId,
          taskStatus: state,
          message,
          appId,
          host: host ?? '',
          ipAddresses,
          ports,
          version,
        })
      }
    }
    this.#bus.publish('instance_changed_event', {
      instanceId,
      condition,
      runSpecId: appId,
      agentId: agentId ?? null,
      host: host ?? null,
      runSpecVersion: version,
    })
  }

  /** The task is over; another try at its image counts as another task. */
  #note(record: AppRecord, seen: Seen, now: PhaseName, spec: Spec | undefined): void {
    const { entry, instance, described } = seen
    const ending: Ending = {
      described,
      state: phase(now).state,
      message: this.#messageOf(record, instance, now),
      at: this.#cluster.now,
      startedAt: entry.stagedAt,
      exitCode: instance.exitCode,
    }
    this.endings.note(record.id, ending, spec)
    if (instance.state === 'preparing') entry.attempts++
  }

  #tellUnhealthyKill({ described, instance }: Seen): void {
    const { instanceId, tasks, version, host, agentId, appId } = described
    this.#bus.publish('unhealthy_instance_kill_event', {
      appId,
      taskId: tasks[0],
      instanceId,
      version,
      reason: instance.fate?.reason.message ?? 'unhealthy',
      host,
      slaveId: agentId,
    })
  }

  #tellHealth(
    record: AppRecord,
    instance: InstanceRecord,
    entry: Entry,
    { instanceId, version }: Described,
    spec: Spec | undefined,
  ): void {
    const alive = this.views.aliveOf(instance)
    const now = this.#cluster.now
    if (alive === true) entry.lastSuccess = now
    if (alive === true) entry.firstSuccess ??= now
    if (alive === false) entry.lastFailure = now
    if (alive === entry.alive) return
    entry.alive = alive
    const base = { appId: record.id, instanceId, version }
    if (alive === false && spec?.kind === 'app') {
      const [healthCheck] = spec.definition.healthChecks ?? []
      this.#bus.publish('failed_health_check_event', {
        appId: record.id,
        healthCheck,
        taskId: instanceId,
      })
    }
    if (alive !== undefined) this.#bus.publish('health_status_changed_event', { ...base, alive })
    this.#bus.publish('instance_health_changed_event', {
      instanceId,
      runSpecId: record.id,
      healthy: alive ?? null,
      runSpecVersion: version,
    })
  }
}
