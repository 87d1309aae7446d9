import assert from 'node:assert/strict'
import { type AppId, type AppStatus, type Change, sameStatus } from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needs, needsCapability, needsFault } from '../group.ts'
import type { Tape } from '../tape.ts'
import { handles } from './handles.ts'
import { assertStatus } from './status-laws.ts'

const isSynced = (change: Change) => change.type === 'synced'

function about(id: AppId, fits: (status: AppStatus) => boolean = () => true) {
  return (change: Change) => change.type === 'app' && change.status.id === id && fits(change.status)
}

async function synced(context: Context, tape: Tape<Change>, from = 0): Promise<number> {
  await tape.first(context.pace, 'the first full picture', isSynced, from)
  return tape.items.findIndex((change, index) => index >= from && isSynced(change))
}

/** No status twice in a row for the same app, unless a new picture begins. */
function assertNoDuplicates(changes: readonly Change[]): void {
  const last = new Map<AppId, AppStatus>()
  for (const change of changes) {
    if (change.type === 'lost') last.clear()
    if (change.type === 'gone') {
      assert.ok(last.delete(change.id), `${change.id} is gone twice, or never was there`)
    }
    if (change.type !== 'app') continue
    const before = last.get(change.status.id)
    assert.ok(!before || !sameStatus(before, change.status), `told twice: ${change.status.id}`)
    last.set(change.status.id, change.status)
  }
}

export const watch: Group = {
  name: 'watch',
  tests: {
    'tells everything there is, then that it is synced, once': async (context) => {
      const { good } = context.target.workloads
      const ids = ['one', 'two'].map((name) => context.app(name, good, { replicas: 0 }))
      for (const app of ids) await context.settled(await context.apply(app), 'suspended')
      const tape = context.watch()
      const at = await synced(context, tape)
      const before = tape.items.slice(0, at)
      const told = before.flatMap((change) => (change.type === 'app' ? [change.status.id] : []))
      assert.deepEqual(told.sort(), ids.map(({ id }) => id).sort())
      await context.pace.pass(6_000)
      assert.equal(tape.items.filter(isSynced).length, 1)
    },

    'is synced at once when there is nothing': async (context) => {
      const tape = context.watch()
      const at = await synced(context, tape)
      assert.deepEqual(
        tape.items.slice(0, at).filter(({ type }) => type !== 'alive'),
        [],
      )
    },

    'tells what happens, whole and consistent, without telling anything twice': async (context) => {
      const { good, next } = context.target.workloads
      const tape = context.watch()
      await synced(context, tape)
      const app = context.app('web', good, { replicas: 2 })
      const isRunning = ({ state }: AppStatus) => state === 'running'
      await context.apply(app)
      await tape.first(context.pace, 'running', about(app.id, isRunning))
      const revision = await context.apply(context.app('web', next, { replicas: 2 }))
      await tape.first(
        context.pace,
        'running with the next revision',
        about(app.id, (status) => isRunning(status) && status.revision === revision.id),
      )
      await context.remove(app.id)
      await tape.first(context.pace, 'gone', (change) => change.type === 'gone')
      for (const change of tape.items) if (change.type === 'app') assertStatus(change.status)
      assertNoDuplicates(tape.items)
    },

    'tells of the selected apps only': async (context) => {
      const { good } = context.target.workloads
      const mine = context.app('a/web', good, { replicas: 0, labels: { tier: 'front' } })
      const other = context.app('b/web', good, { replicas: 0 })
      const byGroup = context.watch({ group: `${context.group}/a` })
      const byLabel = context.watch({ group: context.group, labels: { tier: 'front' } })
      const tapes = [byGroup, byLabel]
      for (const tape of tapes) await synced(context, tape)
      await context.apply(other)
      await context.apply(mine)
      for (const tape of tapes) {
        await tape.first(context.pace, 'the selected app', about(mine.id))
        const told = tape.items.flatMap((change) =>
          change.type === 'app' ? [change.status.id] : [],
        )
        assert.deepEqual([...new Set(told)], [mine.id])
      }
    },

    'gives a sign of life at least every 15 seconds': async (context) => {
      const tape = context.watch()
      await synced(context, tape)
      const from = tape.items.length
      await tape.first(context.pace, 'a sign of life', () => true, from)
      const seen = tape.items.length
      await context.pace.until('another one', () => tape.items.length > seen, 15_500)
    },

    'ends with the reason of the abort': async (context) => {
      const tape = context.watch()
      await synced(context, tape)
      const reason = new Error('enough')
      await tape.stop(context.pace, reason)
      assert.equal(tape.outcome?.error, reason)
    },

    'is closed by leaving it, and its connection with it': async (context) => {
      const { adapter, group, pace } = context
      const leave = async () => {
        for await (const change of adapter.watch({ group }, context.call())) {
          if (change.type === 'synced') return true
        }
        return false
      }
      assert.equal(await pace.settle(leave(), 'leaving a stream'), true)
      // What an adapter keeps for its calls is there from the first time on.
      const before = handles()
      for (let time = 0; time < 3; time++) await pace.settle(leave(), 'leaving a stream again')
      await pace.until(
        () => `sockets and timers: ${process.getActiveResourcesInfo()}`,
        () => handles() <= before,
        10_000,
      )
    },

    'serves several readers, each with everything': async (context) => {
      const first = context.watch()
      await synced(context, first)
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.apply(app)
      await first.first(context.pace, 'the app', about(app.id))
      const second = context.watch()
      const at = await synced(context, second)
      assert.ok(second.items.slice(0, at).some(about(app.id)), 'the later reader was not told')
      await first.stop(context.pace)
      await context.remove(app.id)
      await second.first(context.pace, 'gone', (change) => change.type === 'gone')
    },
  },
}

export const reconnect: Group = {
  name: 'watch after a cut',
  obstacle: needs(needsFault('cut'), ({ gapless }) =>
    gapless ? 'capabilities.gapless is true' : undefined,
  ),
  tests: {
    'says that the connection was lost, then tells a full picture and is synced again': async (
      context,
    ) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const tape = context.watch()
      await synced(context, tape)
      await context.cut()
      const isLost = (change: Change) => change.type === 'lost'
      await tape.first(context.pace, 'lost', isLost)
      const lost = tape.items.findIndex(isLost)
      const at = await synced(context, tape, lost)
      assert.ok(tape.items.slice(lost, at).some(about(app.id)), 'the picture is not full')
      await context.pace.pass(6_000)
      assert.equal(tape.items.filter(isSynced).length, 2)
      assertNoDuplicates(tape.items)
    },
  },
}

export const resumption: Group = {
  name: 'watch that a cut costs nothing',
  obstacle: needs(needsCapability('gapless'), needsFault('cut')),
  tests: {
    'goes on where it was: what happened during the cut is told, once, and nothing else': async (
      context,
    ) => {
      const { good } = context.target.workloads
      const [kept, removed, later] = ['kept', 'removed', 'later'].map((name) =>
        context.app(name, good, { replicas: 0 }),
      )
      assert.ok(kept && removed && later)
      for (const app of [kept, removed])
        await context.settled(await context.apply(app), 'suspended')
      // Over connections that are not cut: what is asked here is what the watch makes of it.
      const other = await context.another()
      const tape = context.watch()
      const at = await synced(context, tape)
      await context.cut()
      await context.pace.settle(other.remove(removed.id, context.call()), 'the removal')
      await context.pace.settle(other.apply(later, context.call()), 'the later app')
      const isGone = (change: Change) => change.type === 'gone' && change.id === removed.id
      await tape.first(context.pace, 'what went', isGone, at)
      const suspended = ({ state }: AppStatus) => state === 'suspended'
      await tape.first(context.pace, 'what came', about(later.id, suspended), at)
      await context.pace.pass(6_000)
      assert.equal(tape.items.filter(isSynced).length, 1)
      assert.deepEqual(
        tape.items.filter(({ type }) => type === 'lost'),
        [],
      )
      assert.equal(tape.items.filter(isGone).length, 1)
      assert.equal(tape.items.slice(at).filter(about(kept.id)).length, 0, 'told without a change')
      assertNoDuplicates(tape.items)
    },
  },
}

export const outage: Group = {
  name: 'watch over an outage',
  obstacle: needsFault('refuse'),
  tests: {
    'comes back by itself, and what was removed meanwhile is not in the new picture': async (
      context,
    ) => {
      const { good } = context.target.workloads
      const tape = context.watch()
      await synced(context, tape)
      const app = context.app('web', good, { replicas: 0 })
      await context.apply(app)
      await tape.first(context.pace, 'the app', about(app.id))
      const undo = await context.fault('refuse')
      await tape.first(context.pace, 'lost', (change) => change.type === 'lost')
      await context.pace.pass(5_000)
      await undo()
      await synced(
        context,
        tape,
        tape.items.findIndex(({ type }) => type === 'lost'),
      )
      const later = context.app('later', good, { replicas: 0 })
      await context.apply(later)
      await tape.first(context.pace, 'what happens later', about(later.id))
    },
  },
}
