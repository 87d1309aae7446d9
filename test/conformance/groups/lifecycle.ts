import assert from 'node:assert/strict'
import type { Adapter, AppId, AppStatus, Revision } from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needs, needsCapability, needsKind } from '../group.ts'

type Change = 'scale' | 'restart' | 'suspend' | 'resume' | 'pause' | 'rollback'

/** Calls one of the optional methods, which the group's obstacle has shown to be there. */
export function change<Name extends Change>(
  { adapter, pace }: Context,
  name: Name,
  ...parameters: Parameters<NonNullable<Adapter[Name]>>
): Promise<Revision> {
  const method = adapter[name] as ((...all: unknown[]) => Promise<Revision>) | undefined
  if (!method) throw new Error(`the adapter has no "${name}"`)
  return pace.settle(method.apply(adapter, parameters), `${name} ${parameters[0]}`)
}

export const runningIds = (status: AppStatus | undefined): string[] =>
  (status?.instances ?? []).filter(({ state }) => state === 'running').map(({ id }) => id)

function live(context: Context, id: AppId, count: number): Promise<AppStatus> {
  return context.reach(
    id,
    `runs ${count} instances`,
    ({ state, counts }) =>
      state === 'running' && counts.desired === count && counts.ready === count,
  )
}

export const scale: Group = {
  name: 'scale',
  obstacle: needsCapability('scale'),
  tests: {
    'makes more instances of the same revision, and fewer': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 1 })
      const before = await context.running(app)
      const up = await change(context, 'scale', app.id, 3, context.call())
      assert.deepEqual([up.id, up.changed, up.replicas], [before.revision, true, 3])
      const more = await live(context, app.id, 3)
      assert.ok(runningIds(more).includes(runningIds(before)[0] ?? ''), 'the first was replaced')
      await change(context, 'scale', app.id, 1, context.call())
      const less = await live(context, app.id, 1)
      assert.equal(less.revision, before.revision)
    },

    'changes nothing when there are that many already': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      await context.running(app)
      const revision = await change(context, 'scale', app.id, 2, context.call())
      assert.equal(revision.changed, false)
    },

    'stays through the next apply without replicas': async (context) => {
      const { good, next } = context.target.workloads
      await context.running(context.app('web', good))
      await change(context, 'scale', context.id('web'), 2, context.call())
      await live(context, context.id('web'), 2)
      const revision = await context.apply(context.app('web', next))
      assert.equal(revision.replicas, 2)
      await context.settled(revision)
    },
  },
}

export const restart: Group = {
  name: 'restart',
  obstacle: needsCapability('restart'),
  tests: {
    'replaces every instance, and leaves the app as it was': async (context) => {
      const { adapter, pace } = context
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const before = await context.running(app)
      const native = await pace.settle(adapter.read(app.id, context.call()), 'read')
      const revision = await change(context, 'restart', app.id, context.call())
      assert.equal(revision.changed, true)
      const old = new Set(runningIds(before))
      const after = await context.reach(
        app.id,
        'runs other instances only',
        (status) =>
          status.state === 'running' &&
          status.counts.ready === 2 &&
          runningIds(status).every((id) => !old.has(id)),
      )
      assert.equal(after.image, app.image)
      const later = await pace.settle(adapter.read(app.id, context.call()), 'read')
      assert.deepEqual(adapter.interpret(later).app, adapter.interpret(native).app)
    },
  },
}

export const suspend: Group = {
  name: 'suspend and resume',
  obstacle: needsCapability('suspend', 'resume'),
  tests: {
    'takes an app down to nothing, and brings back as many as there were': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const before = await context.running(app)
      const down = await change(context, 'suspend', app.id, context.call())
      assert.deepEqual([down.changed, down.replicas], [true, 0])
      const asleep = await context.settled(down, 'suspended')
      assert.deepEqual(runningIds(asleep), [])
      const up = await change(context, 'resume', app.id, context.call())
      assert.deepEqual([up.changed, up.replicas], [true, 2])
      const awake = await live(context, app.id, 2)
      assert.equal(awake.revision, before.revision)
    },

    'is asked for twice without forgetting how many there were': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      await context.running(app)
      const first = await change(context, 'suspend', app.id, context.call())
      await context.settled(first, 'suspended')
      const second = await change(context, 'suspend', app.id, context.call())
      assert.equal(second.changed, false)
      await change(context, 'resume', app.id, context.call())
      await live(context, app.id, 2)
    },
  },
}

export const pause: Group = {
  name: 'pause',
  obstacle: needsCapability('pause', 'resume'),
  tests: {
    'holds a rollout where it is, and goes on when told': async (context) => {
      const { good, next } = context.target.workloads
      const slow = {
        replicas: 3,
        update: { maxSurge: 0, maxUnavailable: 1, minReadyTime: '2s' },
      } as const
      await context.running(context.app('web', good, slow))
      const revision = await context.apply(context.app('web', next, slow))
      await change(context, 'pause', revision.app, context.call())
      const held = await context.reach(revision.app, 'is paused', ({ state }) => state === 'paused')
      assert.equal(held.rollout?.state, 'paused')
      await context.pace.pass(10_000)
      const later = await context.observe(revision.app)
      assert.equal(later?.state, 'paused')
      assert.ok((later?.counts.updated ?? 0) < 3, 'the rollout went on')
      await change(context, 'resume', revision.app, context.call())
      await context.settled(revision)
    },
  },
}

export const rollback: Group = {
  name: 'rollback',
  obstacle: needsCapability('rollback'),
  tests: {
    'goes back to the revision before the newest': async (context) => {
      const { good, next } = context.target.workloads
      const first = await context.apply(context.app('web', good))
      await context.settled(first)
      await context.running(context.app('web', next))
      const back = await change(context, 'rollback', first.app, undefined, context.call())
      assert.equal(back.changed, true)
      assert.equal(back.id, first.id)
      const status = await context.settled(back)
      assert.equal(status.image, context.app('web', good).image)
    },

    'goes back to the revision it is given': async (context) => {
      const { good, next } = context.target.workloads
      const first = await context.apply(context.app('web', good))
      await context.settled(first)
      await context.running(context.app('web', next))
      const back = await change(context, 'rollback', first.app, first.id, context.call())
      assert.equal(back.id, first.id)
      await context.settled(back)
    },

    'gets an app out of a rollout that cannot end': async (context) => {
      const { good, missing } = context.target.workloads
      const first = await context.apply(context.app('web', good, { replicas: 2 }))
      await context.settled(first)
      await context.apply(context.app('web', missing, { replicas: 2 }))
      const back = await change(context, 'rollback', first.app, undefined, context.call())
      const status = await context.settled(back)
      assert.equal(status.counts.ready, 2)
    },
  },
}

export const kill: Group = {
  name: 'kill',
  obstacle: needsCapability('kill'),
  tests: {
    'ends the one instance, which is replaced': async (context) => {
      const { adapter, pace } = context
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const before = await context.running(app)
      const [victim = '', other = ''] = runningIds(before)
      assert.equal(
        await pace.settle(killing(adapter)(app.id, victim, context.call()), 'kill'),
        true,
      )
      const after = await context.reach(
        app.id,
        'has another instance in its place',
        (status) => status.state === 'running' && !runningIds(status).includes(victim),
      )
      assert.equal(after.counts.ready, 2)
      assert.ok(runningIds(after).includes(other), 'the other one was ended too')
    },

    'says when there is no such instance': async (context) => {
      const { adapter, pace } = context
      const app = context.app('web', context.target.workloads.good)
      await context.running(app)
      const answer = killing(adapter)(app.id, 'no-such-instance', context.call())
      assert.equal(await pace.settle(answer, 'kill'), false)
    },
  },
}

function killing(adapter: Adapter): NonNullable<Adapter['kill']> {
  if (!adapter.kill) throw new Error('the adapter has no "kill"')
  return adapter.kill.bind(adapter)
}

export const stateful: Group = {
  name: 'stateful apps',
  obstacle: needs(needsKind('stateful')),
  tests: {
    'come up, each instance with a name of its own that stays': async (context) => {
      const app = context.app('db', context.target.workloads.good, {
        kind: 'stateful',
        replicas: 2,
      })
      const status = await context.running(app)
      assert.equal(status.kind, 'stateful')
      const slots = status.instances.flatMap(({ slot }) => (slot === undefined ? [] : [slot]))
      assert.equal(new Set(slots).size, 2, `slots: ${slots}`)
      await context.running(
        context.app('db', context.target.workloads.next, { kind: 'stateful', replicas: 2 }),
      )
      const after = await context.observe(app.id)
      const live = after?.instances.filter(({ state }) => state === 'running') ?? []
      assert.deepEqual(live.map(({ slot }) => slot).sort(), slots.sort())
    },
  },
}

export const daemon: Group = {
  name: 'daemon apps',
  obstacle: needsKind('daemon'),
  tests: {
    'run on nodes, one on each, and count as running then': async (context) => {
      const app = context.app('agent', context.target.workloads.good, { kind: 'daemon' })
      const status = await context.running(app)
      assert.ok(status.counts.ready >= 1)
      const nodes = status.instances.filter(({ ready }) => ready).map(({ node }) => node)
      assert.equal(new Set(nodes).size, nodes.length, `two on one node: ${nodes}`)
    },
  },
}
