import {
  type AppId,
  type AppStatus,
  type Event,
  type Instance,
  sameInstance,
  sameStatus,
} from 'intermodal'
import { hold } from './breach.ts'

/**
 * What a reader knows who believes the events and nothing else. It takes whole statuses and single instances apart, so
 * that what the one says can be held against what the other says.
 */
export class View {
  readonly apps = new Map<AppId, AppStatus>()
  readonly #instances = new Map<AppId, Map<string, Instance>>()
  /** Instances of apps that were just removed: nothing else may come of those. */
  readonly #leaving = new Map<AppId, Map<string, Instance>>()
  synced = false
  #seq = 0

  /** Throws a `Breach` for an event that does not follow from what was told before. */
  take(event: Event): void {
    hold(event.seq >= this.#seq, () => `event ${event.seq} came after event ${this.#seq}`)
    this.#seq = event.seq
    if ('app' in event) this.#takeApp(event)
    else if (event.type === 'stream.synced') this.synced = true
    else if (event.type === 'stream.gap' || event.type === 'cluster.lost') this.synced = false
  }

  copy(): View {
    const copy = new View()
    for (const [id, status] of this.apps) copy.apps.set(id, status)
    for (const [id, instances] of this.#instances) copy.#instances.set(id, new Map(instances))
    for (const [id, instances] of this.#leaving) copy.#leaving.set(id, new Map(instances))
    copy.synced = this.synced
    copy.#seq = this.#seq
    return copy
  }

  /** A snapshot follows: it says everything anew. */
  forget(): void {
    for (const map of [this.apps, this.#instances, this.#leaving]) map.clear()
    this.synced = false
  }

  #takeApp(event: Event & { readonly app: AppId }): void {
    const { app } = event
    const known = this.apps.get(app)
    const where = () => `${event.type} of ${app} (${event.cursor})`
    switch (event.type) {
      case 'app.added':
        hold(!known, () => `${where()}: it was there already`)
        this.apps.set(app, event.status)
        this.#instances.set(app, byId(event.status))
        this.#leaving.delete(app)
        return
      case 'app.changed':
        hold(known !== undefined, () => `${where()}: nobody knew of it`)
        hold(sameStatus(known ?? event.status, event.previous), () => `${where()}: from elsewhere`)
        hold(!sameStatus(event.previous, event.status), () => `${where()}: nothing changed`)
        this.apps.set(app, event.status)
        return
      case 'app.removed':
        hold(known !== undefined, () => `${where()}: it was not there`)
        this.apps.delete(app)
        this.#leaving.set(app, this.#instances.get(app) ?? new Map())
        this.#instances.delete(app)
        return
      case 'instance.removed': {
        const gone = this.#of(app).delete(event.instance.id)
        hold(gone, () => `${where()}: there was no instance ${event.instance.id}`)
        return
      }
      case 'instance.added': {
        const instances = this.#instances.get(app)
        hold(instances !== undefined, () => `${where()}: an instance of an absent app`)
        hold(!instances?.has(event.instance.id), () => `${where()}: it was there already`)
        instances?.set(event.instance.id, event.instance)
        return
      }
      case 'instance.changed': {
        const before = this.#instances.get(app)?.get(event.instance.id)
        hold(before !== undefined, () => `${where()}: there was no instance ${event.instance.id}`)
        const from = before ?? event.instance
        hold(sameInstance(from, event.previous), () => `${where()}: from elsewhere`)
        hold(!sameInstance(from, event.instance), () => `${where()}: nothing changed`)
        this.#instances.get(app)?.set(event.instance.id, event.instance)
        return
      }
      default:
        hold(known !== undefined, () => `${where()}: nobody knew of it`)
    }
  }

  #of(app: AppId): Map<string, Instance> {
    return this.#instances.get(app) ?? this.#leaving.get(app) ?? new Map()
  }

  /** Holds it against the truth, and the single instances against the whole statuses. */
  mustEqual(truth: Iterable<AppStatus>, who = 'the view'): void {
    const real = new Map([...truth].map((status) => [status.id, status]))
    for (const id of this.apps.keys()) hold(real.has(id), () => `${who} has ${id}, which is gone`)
    for (const [id, status] of real) {
      const seen = this.apps.get(id)
      hold(seen !== undefined, () => `${who} lacks ${id}`)
      if (!seen) continue
      hold(
        sameStatus(seen, status),
        () => `${who} of ${id} is\n${show(seen)}\nnot\n${show(status)}`,
      )
      const single = this.#instances.get(id) ?? new Map<string, Instance>()
      const whole = byId(status)
      const same = whole.size === single.size && [...whole].every(([name]) => single.has(name))
      hold(
        same,
        () => `${who} of ${id} has the instances ${[...single.keys()]}, not ${[...whole.keys()]}`,
      )
      for (const [name, instance] of whole) {
        const told = single.get(name)
        hold(told !== undefined && sameInstance(told, instance), () => `${who} of ${name} is old`)
      }
    }
    for (const [id, left] of this.#leaving)
      hold(left.size === 0, () => `${id} is gone, and nobody said so of ${[...left.keys()]}`)
  }
}

function byId(status: AppStatus): Map<string, Instance> {
  return new Map(status.instances.map((instance) => [instance.id, instance]))
}

function show({ observed: _, labels: __, ...status }: AppStatus): string {
  return JSON.stringify(status)
}
