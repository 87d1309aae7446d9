import type { ChangeCall, Revision } from '../adapter.ts'
import { defineApp } from '../app/define.ts'
import { defineGroup } from '../app/group.ts'
import type { App, AppId } from '../app/schema.ts'
import type { ChangeOptions, Client, WriteOptions } from '../client.ts'
import { IntermodalError } from '../errors.ts'
import { applyGroup } from '../group-rollout.ts'
import type { Rollout } from '../rollout.ts'
import { able, type Live, notFound } from './context.ts'
import { acceptLosses } from './losses.ts'

type Changes = Pick<
  Client,
  | 'apply'
  | 'follow'
  | 'applyGroup'
  | 'scale'
  | 'restart'
  | 'suspend'
  | 'resume'
  | 'pause'
  | 'rollback'
  | 'remove'
  | 'kill'
  | 'putSecret'
  | 'putConfig'
>

/** The calls that change something. `client` is the whole client these become a part of. */
export function changes(live: Live, client: () => Client): Changes {
  const { adapter, caller, rollouts } = live

  const change = async (
    name: 'scale' | 'restart' | 'suspend' | 'resume',
    id: AppId,
    options: ChangeOptions,
    work: (call: ChangeCall) => Promise<Revision> | undefined,
  ): Promise<Rollout> => {
    const revision = await caller.write(`${name} of ${id}`, id, options, async (call) =>
      able(live, name, await work(call)),
    )
    return rollouts.open(revision, options)
  }

  const remove = async (id: AppId, options: WriteOptions = {}): Promise<boolean> => {
    const existed = await caller.write(`removal of ${id}`, id, options, (call) =>
      adapter.remove(id, call),
    )
    if (existed) await rollouts.gone(id, options)
    return existed
  }

  return {
    remove,

    async apply(input, options = {}) {
      const app = defineApp(input)
      accept(live, app, options.losses)
      if (options.replace && (await client().plan(app, options)).effect === 'replace') {
        await remove(app.id, options)
      }
      const revision = await caller.write(`apply of ${app.id}`, app.id, options, (call) =>
        adapter.apply(app, call),
      )
      return rollouts.open(revision, options, app)
    },

    async applyGroup(input, options = {}) {
      const group = defineGroup(input)
      return applyGroup(client(), group, {
        ...options,
        clock: live.clock,
        prepare: (app) => accept(live, app, options.losses),
      })
    },

    async follow(id, options = {}) {
      const status = await client().status(id, options)
      if (!status) throw notFound(live, id)
      const { revision, generation, rollout } = status
      return rollouts.open(
        {
          app: id,
          id: rollout?.revision ?? revision,
          generation: generation.desired,
          changed: true,
        },
        options,
      )
    },

    async scale(id, replicas, options = {}) {
      if (!Number.isSafeInteger(replicas) || replicas < 0) {
        throw new IntermodalError('APP_INVALID', `cannot scale ${id} to ${replicas}`, {
          cluster: live.cluster,
          app: id,
          remedy: 'give a whole number from 0',
        })
      }
      return change('scale', id, options, (call) => adapter.scale?.(id, replicas, call))
    },

    restart: (id, options = {}) =>
      change('restart', id, options, (call) => adapter.restart?.(id, call)),
    suspend: (id, options = {}) =>
      change('suspend', id, options, (call) => adapter.suspend?.(id, call)),
    resume: (id, options = {}) =>
      change('resume', id, options, (call) => adapter.resume?.(id, call)),

    pause: (id, options = {}) =>
      caller.write(`pause of ${id}`, id, options, async (call) =>
        able(live, 'pause', await adapter.pause?.(id, call)),
      ),

    async rollback(id, options = {}) {
      const revision = await caller.write(`rollback of ${id}`, id, options, async (call) =>
        able(live, 'rollback', await adapter.rollback?.(id, options.to, call)),
      )
      return rollouts.open(revision, options)
    },

    kill: (id, instance, options = {}) =>
      caller.write(`kill of ${instance}`, id, options, async (call) =>
        able(live, 'kill', await adapter.kill?.(id, instance, call)),
      ),

    putSecret: (material, options = {}) =>
      caller.write(`secret ${material.name}`, undefined, options, async (call) =>
        able(live, 'material', await adapter.putSecret?.(material, call)),
      ),

    putConfig: (material, options = {}) =>
      caller.write(`config ${material.name}`, undefined, options, async (call) =>
        able(live, 'material', await adapter.putConfig?.(material, call)),
      ),
  }
}

/** Everything that can be known to be wrong without asking the cluster. */
function accept(
  { adapter, cluster }: Live,
  app: App,
  losses: 'strict' | 'lenient' = 'strict',
): void {
  const { kinds } = adapter.capabilities
  if (!kinds.includes(app.kind)) {
    throw new IntermodalError(
      'UNSUPPORTED',
      `${app.id} is a ${app.kind}, which ${adapter.kind} does not run`,
      {
        cluster,
        app: app.id,
        remedy: `${adapter.kind} runs: ${kinds.join(', ')}`,
      },
    )
  }
  acceptLosses(app.id, adapter.kind, adapter.translate(app).losses, losses)
}
