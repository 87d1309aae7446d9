import assert from 'node:assert/strict'
import type { AppId, AppStatus, Client, Event, EventsOptions } from 'intermodal'
import { sameStatus } from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needsFault } from '../group.ts'
import type { Tape } from '../tape.ts'

const is = (type: Event['type']) => (event: Event) => event.type === type

function of(type: Event['type'], app: AppId, fits: (status: AppStatus) => boolean = () => true) {
  return (event: Event) =>
    event.type === type && 'app' in event && event.app === app && fits(event.status)
}

function read(context: Context, client: Client, options: EventsOptions = {}): Tape<Event> {
  const selector = { group: context.group }
  return context.tape((signal) => client.events({ selector, ...options, signal }))
}

async function synced(context: Context, tape: Tape<Event>, from = 0): Promise<number> {
  await tape.first(context.pace, 'stream.synced', is('stream.synced'), from)
  return tape.items.findIndex((event, index) => index >= from && event.type === 'stream.synced')
}

/** A changed app differs from what was told of it before, and every event has its place. */
function assertStream(events: readonly Event[]): void {
  let seq = 0
  for (const event of events) {
    assert.ok(event.seq >= seq, `${event.type} goes back from ${seq} to ${event.seq}`)
    seq = event.seq
    assert.ok(event.cursor.length > 0 && event.cluster.length > 0 && Number.isFinite(event.time))
    if (event.type === 'app.changed') {
      assert.ok(!sameStatus(event.previous, event.status), `nothing changed: ${event.app}`)
    }
  }
}

const isRunning = ({ state }: AppStatus) => state === 'running'

export const events: Group = {
  name: 'events',
  tests: {
    'begin with what there is, then say that this is all, once': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const tape = read(context, context.client())
      const at = await synced(context, tape)
      const told = tape.items.slice(0, at).filter(is('app.added'))
      assert.deepEqual(
        told.map((event) => 'app' in event && event.app),
        [app.id],
      )
      await context.pace.pass(6_000)
      assert.equal(tape.items.filter(is('stream.synced')).length, 1)
      assertStream(tape.items)
    },

    'tell a deployment from its first instance to the app that is gone, nothing twice': async (
      context,
    ) => {
      const { good, next } = context.target.workloads
      const tape = read(context, context.client())
      await synced(context, tape)
      const app = context.app('web', good, { replicas: 2 })
      await context.apply(app)
      await tape.first(context.pace, 'added', of('app.added', app.id))
      await tape.first(context.pace, 'running', (event) =>
        ['app.added', 'app.changed'].some((type) =>
          of(type as Event['type'], app.id, isRunning)(event),
        ),
      )
      const revision = await context.apply(context.app('web', next, { replicas: 2 }))
      const isNew = (status: AppStatus) => isRunning(status) && status.revision === revision.id
      await tape.first(context.pace, 'running anew', of('app.changed', app.id, isNew))
      for (const type of ['instance.added', 'instance.removed'] as const) {
        await tape.first(context.pace, type, of(type, app.id))
      }
      await context.remove(app.id)
      await tape.first(context.pace, 'removed', of('app.removed', app.id))
      assertStream(tape.items)
      assert.equal(tape.items.filter(of('app.added', app.id)).length, 1)
      assert.equal(tape.items.filter(of('app.removed', app.id)).length, 1)
    },

    'are told of chosen types only, but for the marks of the stream': async (context) => {
      const client = context.client()
      const everything = read(context, client)
      const tape = read(context, client, { types: ['app.removed'] })
      await synced(context, tape)
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.apply(app)
      // An app that comes and goes between two looks of an adapter that polls is nobody's news.
      await everything.first(context.pace, 'added', of('app.added', app.id))
      await context.settled(await context.apply(app), 'suspended')
      await context.remove(app.id)
      await tape.first(context.pace, 'removed', of('app.removed', app.id))
      const types = new Set(tape.items.map(({ type }) => type))
      assert.deepEqual([...types].sort(), ['app.removed', 'stream.synced'])
    },

    'tell a reader who was slow as much as he needs, in the right order': async (context) => {
      const client = context.client()
      const slow = client.events({ selector: { group: context.group } })
      const next = () => context.pace.settle(slow.next(), 'the next event')
      const seen: Event[] = []
      const take = async () => {
        const { done, value } = await next()
        assert.ok(!done, 'the events ended')
        seen.push(value)
        return value
      }
      while ((await take()).type !== 'stream.synced');
      const keeper = read(context, client)
      await synced(context, keeper)
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.apply(app)
      await keeper.first(context.pace, 'added', of('app.added', app.id))
      for (const step of ['1', '2', '3']) {
        const labels = { step }
        await context.apply(
          context.app('web', context.target.workloads.good, { replicas: 0, labels }),
        )
        const isNew = (status: AppStatus) => status.labels.step === step
        await keeper.first(context.pace, `step ${step}`, of('app.changed', app.id, isNew))
      }
      const isLast = of('app.changed', app.id, ({ labels }) => labels.step === '3')
      while (!isLast(await take()));
      assertStream(seen)
      assert.ok(seen.length <= keeper.items.length + 1, 'the slow one is told more than others')
      await slow.return?.()
    },

    'go on after a cursor with what happened since': async (context) => {
      const client = context.client()
      const { good } = context.target.workloads
      const keeper = read(context, client)
      await synced(context, keeper)
      const [first, second] = ['one', 'two'].map((name) => context.app(name, good, { replicas: 0 }))
      assert.ok(first && second)
      await context.apply(first)
      const { cursor } = await keeper.first(context.pace, 'the first', of('app.added', first.id))
      await context.apply(second)
      await keeper.first(context.pace, 'the second', of('app.added', second.id))
      const later = read(context, client, { since: cursor })
      await later.first(context.pace, 'the second again', of('app.added', second.id))
      assert.equal(later.items.filter(is('stream.gap')).length, 0)
      assert.equal(later.items.filter(of('app.added', first.id)).length, 0)
    },

    'say that there is a gap, and tell everything, after a cursor nobody knows': async (
      context,
    ) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const tape = read(context, context.client(), { since: 'no-such-cursor' })
      const at = await synced(context, tape)
      const before = tape.items.slice(0, at)
      assert.equal(before.filter(is('stream.gap')).length, 1)
      assert.ok(before.some(of('app.added', app.id)), 'the snapshot is missing')
    },

    'tell idle from dead by a heartbeat': async (context) => {
      const tape = read(context, context.client(), { heartbeat: '2s' })
      await synced(context, tape)
      await tape.first(context.pace, 'a heartbeat', is('stream.heartbeat'))
    },

    'end with the reason of the abort, and by leaving them': async (context) => {
      const client = context.client()
      const tape = read(context, client)
      await synced(context, tape)
      const reason = new Error('enough')
      await tape.stop(context.pace, reason)
      assert.equal(tape.outcome?.error, reason)
      const leave = async () => {
        for await (const event of client.events({ selector: { group: context.group } })) {
          if (event.type === 'stream.synced') return true
        }
        return false
      }
      assert.equal(await context.pace.settle(leave(), 'leaving the events'), true)
    },
  },
}

export const eventsAfterCut: Group = {
  name: 'events after a cut',
  obstacle: needsFault('refuse'),
  tests: {
    'say that there is a gap, then what shows of the time between, then that this is all': async (
      context,
    ) => {
      const { good } = context.target.workloads
      const app = context.app('web', good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const tape = read(context, context.client())
      await synced(context, tape)
      const undo = await context.fault('refuse')
      await tape.first(context.pace, 'cluster.lost', is('cluster.lost'))
      await undo()
      const later = context.app('later', good, { replicas: 0 })
      await context.apply(later)
      await tape.first(context.pace, 'what came later', of('app.added', later.id))
      const gap = tape.items.findIndex(is('stream.gap'))
      assert.ok(gap >= 0, 'no stream.gap')
      await synced(context, tape, gap)
      assert.equal(tape.items.filter(is('stream.synced')).length, 2)
      assert.equal(tape.items.filter(of('app.added', app.id)).length, 1)
      assertStream(tape.items)
    },
  },
}
