import assert from 'node:assert/strict'
import { IntermodalError } from 'intermodal'
import { collect } from '../context.ts'
import type { Group } from '../group.ts'
import { handles } from './handles.ts'

export const dispose: Group = {
  name: 'dispose',
  tests: {
    'can be done twice': async (context) => {
      await context.dispose()
      await context.dispose()
    },

    'ends every call after it with an error of ours, or answers; none is left pending': async (
      context,
    ) => {
      const { adapter, pace } = context
      const id = context.id('web')
      await context.dispose()
      const calls = {
        observe: adapter.observe(id, context.call()),
        list: collect(adapter.list({ group: context.group }, context.call())),
        apply: adapter.apply(
          context.app('web', context.target.workloads.good, { replicas: 0 }),
          context.call(),
        ),
        remove: adapter.remove(id, context.call()),
      }
      // All of them may reject before the first one is asked for.
      for (const promise of Object.values(calls)) promise.catch(() => {})
      for (const [name, promise] of Object.entries(calls)) {
        const error = await pace.settle(
          promise.then(
            () => undefined,
            (error: unknown) => error,
          ),
          `${name} after dispose`,
        )
        assert.ok(error === undefined || IntermodalError.is(error), `${name}: ${error}`)
      }
    },

    'ends the streams that are open': async (context) => {
      const { pace } = context
      const tape = context.watch()
      await tape.first(pace, 'synced', ({ type }) => type === 'synced')
      await context.dispose()
      await pace.settle(tape.ended, 'the open stream ends')
      const error = tape.outcome?.error
      assert.ok(error === undefined || IntermodalError.is(error), `${error}`)
    },

    'leaves nothing open': async (context) => {
      const { adapter, pace, target } = context
      const app = context.app('web', target.workloads.good, { replicas: 0 })
      const before = handles()
      const other = await context.another()
      await pace.settle(other.apply(app, context.call()), 'apply')
      for await (const change of other.watch({ group: context.group }, context.call())) {
        if (change.type === 'synced') break
      }
      await context.dispose(other)
      await pace.until(
        () => `sockets and timers: ${process.getActiveResourcesInfo()}`,
        () => handles() <= before,
        10_000,
      )
      assert.equal(
        (await pace.settle(adapter.observe(app.id, context.call()), 'observe'))?.id,
        app.id,
      )
    },
  },
}
