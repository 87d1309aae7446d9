import assert from 'node:assert/strict'
import { type Change, IntermodalError } from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needs, needsCapability, needsFault } from '../group.ts'
import { change, runningIds } from './lifecycle.ts'

/** What the call says of what it did, where it says it; an error that a program can branch on is as good. */
async function told<T>(
  context: Context,
  what: string,
  call: Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  return context.pace.settle(
    call.then(
      (value) => ({ value }),
      (error: unknown) => {
        assert.ok(IntermodalError.is(error), `${what}: ${error}`)
        return undefined
      },
    ),
    what,
  )
}

export const lostAnswers: Group = {
  name: 'writes whose answer is lost',
  obstacle: needsFault('lose'),
  tests: {
    'are made, whatever is said of them, and what is said is true': async (context) => {
      const { good, next } = context.target.workloads
      const before = await context.settled(
        await context.apply(context.app('web', good, { replicas: 0 })),
        'suspended',
      )
      const undo = await context.fault('lose')
      const app = context.app('web', next, { replicas: 0 })
      const said = await told(context, 'apply', context.adapter.apply(app, context.call()))
      await undo()
      const after = await context.reach(
        app.id,
        'is the new one',
        ({ image, revision }) => image === app.image && revision !== before.revision,
      )
      if (said) assert.equal(said.value.id, after.revision)
    },

    'remove what they were to remove': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const undo = await context.fault('lose')
      const said = await told(context, 'remove', context.adapter.remove(app.id, context.call()))
      await undo()
      if (said) assert.equal(said.value, true)
      await context.gone(app.id)
    },
  },
}

export const lostRestart: Group = {
  name: 'restart whose answer is lost',
  obstacle: needs(needsFault('lose'), needsCapability('restart')),
  tests: {
    'is done once: no instance is replaced a second time': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const old = new Set(runningIds(await context.running(app)))
      const tape = context.watch()
      await tape.first(context.pace, 'synced', (change: Change) => change.type === 'synced')
      const undo = await context.fault('lose')
      await told(context, 'restart', change(context, 'restart', app.id, context.call()))
      await undo()
      await context.reach(
        app.id,
        'runs other instances only',
        (status) => status.state === 'running' && runningIds(status).every((id) => !old.has(id)),
      )
      // Long enough for a second one to begin, where somebody has asked for it.
      await context.pace.pass(10_000)
      const settled = await context.reach(app.id, 'runs', ({ state }) => state === 'running')
      const made = new Set(
        tape.items.flatMap((change) =>
          change.type === 'app' ? change.status.instances.map(({ id }) => id) : [],
        ),
      )
      for (const id of runningIds(settled)) made.add(id)
      assert.deepEqual([...made].filter((id) => !old.has(id)).sort(), runningIds(settled).sort())
    },
  },
}
