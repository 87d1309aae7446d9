import assert from 'node:assert/strict'
import type { AppId, AppStatus, Selector } from 'intermodal'
import type { Context } from '../context.ts'
import type { Group } from '../group.ts'
import { assertNotBefore, assertStatus } from './status-laws.ts'

/** Looks until the app is as wanted, and holds every look against the laws. */
async function observeEach(
  context: Context,
  id: AppId,
  fits: (status: AppStatus) => boolean,
  law: (status: AppStatus) => void = () => {},
): Promise<void> {
  await context.reach(id, 'gets where it is going', (status) => {
    assertStatus(status)
    law(status)
    return fits(status)
  })
}

const isRunning = ({ state }: AppStatus) => state === 'running'

async function threeApps(context: Context): Promise<readonly AppId[]> {
  const { good } = context.target.workloads
  const apps = [
    context.app('a/one', good, { replicas: 0, labels: { tier: 'front' } }),
    context.app('a/two', good, { replicas: 0, labels: { tier: 'back', stage: 'test' } }),
    context.app('ab/three', good, { replicas: 0, labels: { tier: 'front', stage: 'test' } }),
  ]
  for (const app of apps) await context.apply(app)
  return apps.map(({ id }) => id)
}

export const observe: Group = {
  name: 'observe',
  tests: {
    'has nothing to say of an app nobody made, and does not call that an error': async (
      context,
    ) => {
      const id = context.id('nobody')
      assert.equal(await context.observe(id), undefined)
      const { adapter, pace } = context
      assert.equal(await pace.settle(adapter.read(id, context.call()), 'read'), undefined)
    },

    'tells nothing that contradicts itself while an app comes up': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const revision = await context.apply(app)
      await observeEach(context, app.id, isRunning, (status) => assertNotBefore(status, revision))
    },

    'never takes old instances for new ones: not running before the newest revision is ready':
      async (context) => {
        const { good, next } = context.target.workloads
        const { revision: old } = await context.running(context.app('web', good, { replicas: 3 }))
        const revision = await context.apply(context.app('web', next, { replicas: 3 }))
        await observeEach(context, revision.app, isRunning, (status) => {
          assertNotBefore(status, revision)
          assert.notEqual(status.revision, old)
          if (isRunning(status)) assert.equal(status.counts.ready, 3)
        })
      },

    'names the reason when an image cannot be had': async (context) => {
      const app = context.app('web', context.target.workloads.missing)
      await context.apply(app)
      const isReason = ({ code }: { readonly code: string }) =>
        ['ImageNotFound', 'ImagePullFailed', 'RegistryAuth'].includes(code)
      await observeEach(
        context,
        app.id,
        ({ reasons }) => reasons.some(isReason),
        (status) => assert.notEqual(status.state, 'running'),
      )
    },

    'keeps serving instances in sight while the next revision does not come up': async (
      context,
    ) => {
      const { good, missing } = context.target.workloads
      const before = await context.running(context.app('web', good, { replicas: 2 }))
      const revision = await context.apply(context.app('web', missing, { replicas: 2 }))
      await observeEach(
        context,
        revision.app,
        ({ reasons }) => reasons.length > 0,
        (status) => {
          assert.notEqual(status.state, 'running')
          if (status.revision === revision.id) assert.equal(status.counts.ready, 0)
        },
      )
      const after = await context.observe(revision.app)
      const old = after?.instances.filter((instance) => instance.revision === before.revision)
      assert.ok(
        old?.some(({ state }) => state === 'running'),
        'nothing of the old revision serves',
      )
    },
  },
}

export const list: Group = {
  name: 'list',
  tests: {
    'lists nothing where nothing is': async (context) => {
      assert.deepEqual(await context.list({ group: context.group }), [])
      assert.deepEqual(await context.list({ ids: [context.id('nobody')] }), [])
    },

    'selects by ids, by group and by labels, and by all of them together': async (context) => {
      const [one, two, three] = (await threeApps(context)) as [AppId, AppId, AppId]
      const { group } = context
      const cases: readonly (readonly [Selector, readonly AppId[]])[] = [
        [{ group }, [one, two, three]],
        [{ group: `${group}/a` }, [one, two]],
        [{ ids: [one, three] }, [one, three]],
        [{ ids: [] }, []],
        [{ group, labels: { tier: 'front' } }, [one, three]],
        [{ group, labels: { tier: 'front', stage: 'test' } }, [three]],
        [{ group, labels: { tier: 'fro' } }, []],
        [{ ids: [one, two], labels: { tier: 'back' } }, [two]],
        [{ ids: [one, three], group: `${group}/a`, labels: { tier: 'front' } }, [one]],
      ]
      for (const [selector, wanted] of cases) {
        const found = (await context.list(selector)).map(({ id }) => id)
        assert.deepEqual(found.sort(), [...wanted].sort(), JSON.stringify(selector))
      }
    },

    'lists everything in scope when nothing is selected': async (context) => {
      const made = await threeApps(context)
      const found = (await context.list({})).map(({ id }) => id)
      assert.deepEqual(
        made.filter((id) => !found.includes(id)),
        [],
      )
      assert.equal(new Set(found).size, found.length, 'an app is listed twice')
    },

    'says of each app what observe says': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const seen = await context.running(app)
      const [listed, ...more] = await context.list({ ids: [app.id] })
      assert.deepEqual(more, [])
      assert.ok(listed)
      assertStatus(listed)
      const essence = ({ observed: _, instances, ...status }: AppStatus) => ({
        ...status,
        instances: instances
          .map(({ id, state, ready, revision }) => [id, state, ready, revision])
          .sort(),
      })
      assert.deepEqual(essence(listed), essence(seen))
    },

    'can be left in the middle': async (context) => {
      await threeApps(context)
      const leave = async () => {
        for await (const status of context.adapter.list({ group: context.group }, context.call())) {
          return status.id
        }
        return undefined
      }
      assert.notEqual(await context.pace.settle(leave(), 'leaving a list'), undefined)
      assert.equal((await context.list({ group: context.group })).length, 3)
    },
  },
}
