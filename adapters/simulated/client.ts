import {
  type App,
  type AppId,
  type AppStatus,
  type Call,
  type ChangeCall,
  type Material,
  matches,
  type Revision,
  type Selector,
} from 'intermodal'
import {
  beingRemoved,
  changedMeanwhile,
  foreign,
  locked,
  materialMissing,
  noCount,
  noRevision,
  noRollout,
  notFound,
  otherKind,
} from './errors.ts'
import { OWNER, statusOf } from './status.ts'
import type { SimulatedApp } from './translate.ts'
import {
  applyApp,
  pauseApp,
  removeApp,
  restartApp,
  resumeApp,
  rollbackApp,
  scaleApp,
  suspendApp,
} from './world/changes.ts'
import { endInstance, stopInstance } from './world/ending.ts'
import type { Operation } from './world/faults.ts'
import { isLive } from './world/instances.ts'
import { missingMaterial, putMaterial } from './world/material.ts'
import type { AppRecord } from './world/model.ts'
import type { World } from './world.ts'

/** The calls of the simulated engine. Every one passes the faults of its world on the way in and out. */
export class WorldClient {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async #call<T>(operation: Operation, call: Call, run: () => T | Promise<T>): Promise<T> {
    await this.#world.faults.enter(operation, call.signal)
    this.#world.engine.timeline.catchUp()
    const result = await run()
    this.#world.faults.leave(operation)
    return result
  }

  /** A call that changes an app: refused while something holds it. */
  #change<T>(
    operation: Operation,
    id: AppId,
    call: ChangeCall,
    run: () => T | Promise<T>,
  ): Promise<T> {
    return this.#call(operation, call, () => {
      if (!this.#world.faults.unlock(id, call.force)) throw locked(id)
      return run()
    })
  }

  #find(id: AppId): AppRecord {
    const record = this.#world.engine.state.apps.get(id)
    if (!record) throw notFound(id)
    if (record.deleting) throw beingRemoved(id)
    return record
  }

  apply(app: App, call: ChangeCall): Promise<Revision> {
    const { engine } = this.#world
    return this.#change('apply', app.id, call, async () => {
      const seen = engine.state.apps.get(app.id)
      const generation = seen?.generation
      if (seen?.deleting) throw beingRemoved(app.id)
      if (seen && seen.owner !== OWNER && !call.force) throw foreign(app.id, seen.owner)
      if (seen && seen.spec.app.kind !== app.kind)
        throw otherKind(app.id, seen.spec.app.kind, app.kind)
      const problems = missingMaterial(engine.state, app)
      if (problems.length > 0) throw materialMissing(app.id, problems)
      // Reading and writing are two things, as on every engine: whoever writes in between wins.
      await Promise.resolve()
      if (engine.state.apps.get(app.id)?.generation !== generation) throw changedMeanwhile(app.id)
      return applyApp(engine, app, OWNER)
    })
  }

  remove(id: AppId, call: ChangeCall): Promise<boolean> {
    const { engine } = this.#world
    return this.#change('remove', id, call, () => {
      const record = engine.state.apps.get(id)
      if (!record) return false
      if (record.owner !== OWNER && !call.force) throw foreign(id, record.owner)
      removeApp(engine, record)
      return true
    })
  }

  observe(id: AppId, call: Call): Promise<AppStatus | undefined> {
    const { engine } = this.#world
    return this.#call('observe', call, () => {
      const record = engine.state.apps.get(id)
      return record && statusOf(record, engine.now, 'read')
    })
  }

  read(id: AppId, call: Call): Promise<SimulatedApp | undefined> {
    const { engine } = this.#world
    return this.#call('read', call, () => {
      const record = engine.state.apps.get(id)
      if (!record) return undefined
      const { app } = record.spec
      const counted = (app.kind === 'service' || app.kind === 'stateful') && !app.autoscale
      return { app: counted ? { ...app, replicas: record.replicas } : app }
    })
  }

  async *list(selector: Selector, call: Call): AsyncGenerator<AppStatus, void, void> {
    const { engine } = this.#world
    const records = await this.#call('list', call, () => [...engine.state.apps.values()])
    for (const record of records) {
      call.signal.throwIfAborted()
      const { id, spec } = record
      if (engine.state.apps.get(id) !== record) continue
      if (matches(selector, { id, labels: spec.app.labels }))
        yield statusOf(record, engine.now, 'read')
    }
  }

  scale(id: AppId, replicas: number, call: ChangeCall): Promise<Revision> {
    return this.#change('scale', id, call, () => {
      const record = this.#find(id)
      const { kind } = record.spec.app
      if (kind !== 'service' && kind !== 'stateful') throw noCount(id, kind)
      return scaleApp(this.#world.engine, record, replicas)
    })
  }

  restart(id: AppId, call: ChangeCall): Promise<Revision> {
    return this.#change('restart', id, call, () => restartApp(this.#world.engine, this.#find(id)))
  }

  suspend(id: AppId, call: ChangeCall): Promise<Revision> {
    return this.#change('suspend', id, call, () => suspendApp(this.#world.engine, this.#find(id)))
  }

  resume(id: AppId, call: ChangeCall): Promise<Revision> {
    return this.#change('resume', id, call, () => resumeApp(this.#world.engine, this.#find(id)))
  }

  pause(id: AppId, call: ChangeCall): Promise<Revision> {
    return this.#change('pause', id, call, () => {
      const revision = pauseApp(this.#world.engine, this.#find(id))
      if (!revision) throw noRollout(id)
      return revision
    })
  }

  rollback(id: AppId, to: string | undefined, call: ChangeCall): Promise<Revision> {
    return this.#change('rollback', id, call, () => {
      const revision = rollbackApp(this.#world.engine, this.#find(id), to)
      if (!revision) throw noRevision(id, to)
      return revision
    })
  }

  kill(id: AppId, wanted: string, call: Call): Promise<boolean> {
    const { engine } = this.#world
    return this.#call('kill', call, () => {
      const record = this.#find(id)
      const instance = record.instances.find((one) => one.id === wanted && isLive(one))
      if (!instance) return false
      const { kind } = record.spec.app
      if (kind === 'job' || kind === 'cron') {
        const reason = {
          code: 'ExitNonZero',
          message: 'was killed',
          count: 1,
          since: engine.now,
        } as const
        endInstance(engine, record, instance, { state: 'failed', exitCode: 137, reason })
      } else {
        stopInstance(engine, record, instance)
      }
      return true
    })
  }

  putSecret(material: Material, call: Call): Promise<boolean> {
    const { secrets } = this.#world.engine.state
    return this.#call('putSecret', call, () => putMaterial(secrets, material))
  }

  putConfig(material: Material, call: Call): Promise<boolean> {
    const { configs } = this.#world.engine.state
    return this.#call('putConfig', call, () => putMaterial(configs, material))
  }

  /** For what is read from the world directly: passes its faults, then runs. */
  through<T>(operation: Operation, call: Call, run: (world: World) => T): Promise<T> {
    return this.#call(operation, call, () => run(this.#world))
  }

  record(id: AppId): AppRecord {
    return this.#find(id)
  }
}
