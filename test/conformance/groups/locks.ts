import assert from 'node:assert/strict'
import { type Adapter, type AppId, type ChangeCall, IntermodalError } from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needs, needsCapability, needsTarget } from '../group.ts'

type Change = (adapter: Adapter, id: AppId, call: ChangeCall) => Promise<unknown> | undefined

/** What may put an end to a change itself: whether it needs consent is the engine's to say. */
const ENDING: Readonly<Record<string, Change>> = {
  remove: (adapter, id, call) => adapter.remove(id, call),
  rollback: (adapter, id, call) => adapter.rollback?.(id, undefined, call),
}

const OTHERS: Readonly<Record<string, Change>> = {
  scale: (adapter, id, call) => adapter.scale?.(id, 3, call),
  restart: (adapter, id, call) => adapter.restart?.(id, call),
  suspend: (adapter, id, call) => adapter.suspend?.(id, call),
}

export const locks: Group = {
  name: 'locks',
  obstacle: needs(needsCapability('locks'), needsTarget('lock')),
  tests: {
    'refuses to apply over a lock, and goes over it when forced': async (context) => {
      const id = await held(context)
      const app = context.app('web', context.target.workloads.good, { replicas: 1 })
      await assert.rejects(context.apply(app), isLocked)
      const revision = await context.apply(app, { force: true })
      assert.equal(revision.app, id)
      await context.settled(revision)
    },

    'refuses every other change of an app that is held, and makes it when forced': async (
      context,
    ) => {
      for (const [name, change] of Object.entries(OTHERS)) {
        const id = await held(context, appFor(name))
        const refused = made(context, name, change, id, false)
        if (refused) await assert.rejects(refused, isLocked, name)
        await made(context, name, change, id, true)
      }
    },

    'ends what holds an app when it goes back or away, with consent at the latest': async (
      context,
    ) => {
      for (const [name, change] of Object.entries(ENDING)) {
        const id = await held(context, appFor(name))
        try {
          await made(context, name, change, id, false)
        } catch (error) {
          isLocked(error)
          await made(context, name, change, id, true)
        }
      }
    },

    'takes consent that is not needed for nothing': async (context) => {
      const { good, next } = context.target.workloads
      for (const [name, change] of Object.entries({ ...OTHERS, ...ENDING })) {
        await context.running(context.app(appFor(name), good))
        const { app } = await context.apply(context.app(appFor(name), next), { force: true })
        await context.reach(app, 'gets running', ({ state }) => state === 'running')
        await made(context, name, change, app, true)
      }
    },
  },
}

/** Engines may keep the names of their own calls to themselves. */
function appFor(change: string): string {
  return `to-${change}`
}

/** An app with a revision to go back to, which somebody else's change holds. */
async function held(context: Context, name = 'web'): Promise<AppId> {
  const { lock, workloads } = context.target
  await context.running(context.app(name, workloads.good))
  await context.running(context.app(name, workloads.next))
  const id = context.id(name)
  const undo = await context.pace.settle(lock?.(id) ?? Promise.reject('no lock'), 'lock')
  context.later(undo)
  return id
}

function made(
  context: Context,
  name: string,
  change: Change,
  id: AppId,
  force: boolean,
): Promise<unknown> | undefined {
  const changing = change(context.adapter, id, context.call({ force }))
  return changing && context.pace.settle(changing, `${name} ${id}`)
}

function isLocked(error: unknown): true {
  assert.ok(IntermodalError.is(error), `not an IntermodalError: ${error}`)
  assert.equal(error.code, 'LOCKED', error.message)
  return true
}
