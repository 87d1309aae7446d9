import { IntermodalError, type Revision, sleep, systemClock } from 'intermodal'
import { override } from './override.ts'
import type { Saboteur } from './saboteur.ts'

export const changeSaboteurs: readonly Saboteur[] = [
  {
    name: 'says that it changed what it did not change',
    fails: ['apply', 'rollout'],
    spoil: (adapter) =>
      override(adapter, {
        apply: async (app, call) => ({ ...(await adapter.apply(app, call)), changed: true }),
      }),
  },
  {
    name: 'takes an absent replica count for one',
    fails: ['apply', 'scale'],
    spoil: (adapter) =>
      override(adapter, {
        async apply(app, call) {
          const revision = await adapter.apply(app, call)
          const kept = app.replicas === undefined && (revision.replicas ?? 1) > 1
          return kept && adapter.scale ? adapter.scale(app.id, 1, call) : revision
        },
      }),
  },
  {
    name: 'goes over locks without being told to',
    fails: ['locks'],
    spoil: (adapter) =>
      override(adapter, {
        scale: (id, replicas, call) =>
          adapter.scale?.(id, replicas, { ...call, force: true }) as Promise<Revision>,
      }),
  },
  {
    name: 'forgets that it may go over a lock',
    fails: ['locks'],
    spoil: (adapter) =>
      override(adapter, {
        restart: (id, call) =>
          adapter.restart?.(id, { ...call, force: false }) as Promise<Revision>,
      }),
  },
  {
    name: 'removes nothing with success',
    fails: ['remove'],
    spoil: (adapter) =>
      override(adapter, {
        async remove(id, call) {
          await adapter.remove(id, call)
          return true
        },
      }),
  },
  {
    name: 'has a second update wait for the first, and then forgets it',
    fails: ['errors'],
    spoil: (adapter, { updates }) =>
      override(adapter, {
        async apply(app, call) {
          const first = updates.get(app.id)
          if (first) return first
          const applied = adapter.apply(app, call)
          updates.set(app.id, applied)
          return applied.finally(() => updates.delete(app.id))
        },
      }),
  },
  {
    name: 'calls an app that is not there a protocol error',
    fails: ['errors'],
    spoil: (adapter) =>
      override(adapter, {
        async scale(id, replicas, call) {
          const status = await adapter.observe(id, call)
          if (status && adapter.scale) return adapter.scale(id, replicas, call)
          throw new IntermodalError('PROTOCOL', `404 for ${id}`)
        },
      }),
  },
  {
    name: 'changes the app before it finds a secret missing',
    fails: ['material'],
    spoil: (adapter) =>
      override(adapter, {
        async apply(app, call) {
          try {
            return await adapter.apply(app, call)
          } catch (error) {
            const missing = IntermodalError.is(error) && error.code === 'APP_INVALID'
            if (missing) await adapter.remove(app.id, call)
            throw error
          }
        },
      }),
  },
  {
    name: 'tells secrets in its errors',
    fails: ['errors of an unreachable cluster', 'material'],
    spoil: (adapter) =>
      override(adapter, {
        async apply(app, call) {
          try {
            return await adapter.apply(app, call)
          } catch (error) {
            if (!IntermodalError.is(error)) throw error
            const { code, message } = error
            throw new IntermodalError(code, `${message} in ${JSON.stringify(app.env)}`, {
              app: app.id,
            })
          }
        },
      }),
  },
  {
    name: 'forgets how many there were before it suspended them',
    fails: ['suspend and resume'],
    spoil: (adapter) =>
      override(adapter, {
        async resume(id, call) {
          const paused = (await adapter.observe(id, call))?.state !== 'suspended'
          const revision = await adapter.resume?.(id, call)
          if (!revision || paused) return revision as Revision
          return (await adapter.scale?.(id, 1, call)) as Revision
        },
      }),
  },
  {
    name: 'restarts nothing',
    fails: ['locks', 'restart', 'restart whose answer is lost'],
    spoil: (adapter) =>
      override(adapter, {
        async restart(id, call) {
          const status = await adapter.observe(id, call)
          if (!status) throw new IntermodalError('APP_NOT_FOUND', `there is no app ${id}`)
          const { revision, generation } = status
          return { app: id, id: revision, generation: generation.desired, changed: true }
        },
      }),
  },
  {
    name: 'restarts once more when the answer does not come',
    fails: ['restart whose answer is lost'],
    spoil: (adapter) =>
      override(adapter, {
        async restart(id, call) {
          const again = async (error: unknown) => {
            if (!IntermodalError.is(error) || error.code !== 'UNAVAILABLE') throw error
            await sleep(adapter.clock ?? systemClock, 2_000, call.signal)
            return adapter.restart?.(id, call) as Promise<Revision>
          }
          return adapter.restart?.(id, call).catch(again) as Promise<Revision>
        },
      }),
  },
  {
    name: 'kills nobody',
    fails: ['kill'],
    spoil: (adapter) =>
      override(adapter, {
        async kill(id, _, call) {
          await adapter.observe(id, call)
          return true
        },
      }),
  },
]
