import assert from 'node:assert/strict'
import { IntermodalError } from 'intermodal'
import type { Group } from '../group.ts'

export const remove: Group = {
  name: 'remove',
  tests: {
    'removes an app once, and says that there was nothing the second time': async (context) => {
      const app = context.app('web', context.target.workloads.good)
      await context.running(app)
      assert.equal(await context.remove(app.id), true)
      await context.gone(app.id)
      assert.equal(await context.remove(app.id), false)
      const { adapter, pace } = context
      assert.equal(await pace.settle(adapter.read(app.id, context.call()), 'read'), undefined)
      assert.deepEqual(await context.list({ group: context.group }), [])
    },

    'says of an app nobody made that there was nothing': async (context) => {
      assert.equal(await context.remove(context.id('nobody')), false)
    },

    'removes that app only, not those below it or with longer names': async (context) => {
      const { good } = context.target.workloads
      const names = ['web', 'web-2', 'we']
      for (const name of names) {
        const app = context.app(name, good, { replicas: 0 })
        await context.settled(await context.apply(app), 'suspended')
      }
      const inner = context.app('web/inner', good, { replicas: 0 })
      try {
        await context.settled(await context.apply(inner), 'suspended')
        names.push('web/inner')
      } catch (error) {
        // An app cannot be a group where both are one tree.
        if (!IntermodalError.is(error) || !['CONFLICT', 'APP_INVALID'].includes(error.code))
          throw error
      }
      await context.remove(context.id('web'))
      await context.gone(context.id('web'))
      for (const name of names.slice(1)) {
        assert.equal((await context.observe(context.id(name)))?.state, 'suspended', name)
      }
    },

    'makes room for the same app to be made anew': async (context) => {
      const app = context.app('web', context.target.workloads.good)
      await context.running(app)
      await context.remove(app.id)
      await context.gone(app.id)
      const revision = await context.apply(app)
      assert.equal(revision.changed, true)
      await context.settled(revision)
    },

    'removes an app in the middle of its rollout': async (context) => {
      const { good, next } = context.target.workloads
      await context.running(context.app('web', good, { replicas: 2 }))
      const app = context.app('web', next, { replicas: 2 })
      await context.apply(app)
      assert.equal(await context.remove(app.id), true)
      await context.gone(app.id)
    },

    'never shows an app as running while it goes away': async (context) => {
      const app = context.app('web', context.target.workloads.good)
      await context.running(app)
      await context.remove(app.id)
      await context.pace.until(`${app.id} is gone`, async () => {
        const status = await context.observe(app.id)
        if (status) assert.equal(status.state, 'deleting')
        return status === undefined
      })
    },
  },
}
