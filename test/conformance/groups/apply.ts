import assert from 'node:assert/strict'
import { IntermodalError } from 'intermodal'
import { type Group, needsTarget } from '../group.ts'

export const apply: Group = {
  name: 'apply',
  tests: {
    'accepts an app, and shows it from then on': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const revision = await context.apply(app)
      assert.equal(revision.app, app.id)
      assert.equal(revision.changed, true)
      assert.equal(revision.replicas, 2)
      assert.equal(revision.previous, undefined)
      assert.ok(revision.id.length > 0 && Number.isFinite(revision.generation))
      const status = await context.observe(app.id)
      assert.equal(status?.id, app.id)
      assert.equal(status?.revision, revision.id)
      const live = await context.settled(revision)
      assert.equal(live.counts.ready, 2)
      assert.equal(live.managed, true)
    },

    'knows the same app again: the same revision, and nothing changed': async (context) => {
      const app = context.app('web', context.target.workloads.good)
      const first = await context.apply(app)
      const again = await context.apply(app)
      assert.deepEqual([again.id, again.changed], [first.id, false])
      await context.settled(first)
      const later = await context.apply(app)
      assert.deepEqual([later.id, later.changed], [first.id, false])
    },

    'leaves the instances alone when nothing changed': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const before = await context.running(app)
      await context.apply(app)
      await context.pace.pass(2_000)
      const after = await context.observe(app.id)
      assert.deepEqual(liveIds(after?.instances), liveIds(before.instances))
      assert.equal(after?.state, 'running')
    },

    'makes another revision of another image, after the one it names as the one before': async (
      context,
    ) => {
      const { good, next } = context.target.workloads
      const first = await context.apply(context.app('web', good))
      await context.settled(first)
      const second = await context.apply(context.app('web', next))
      assert.notEqual(second.id, first.id)
      assert.equal(second.changed, true)
      assert.equal(second.previous, first.id)
      assert.ok(second.generation > first.generation, 'the generation has to grow')
      const status = await context.settled(second)
      assert.equal(status.image, context.app('web', next).image)
    },

    'changes the replica count alone without a new revision of the instances': async (context) => {
      const { good } = context.target.workloads
      const before = await context.running(context.app('web', good, { replicas: 1 }))
      const revision = await context.apply(context.app('web', good, { replicas: 2 }))
      assert.deepEqual([revision.id, revision.changed], [before.revision, true])
      const after = await context.settled(revision)
      assert.equal(after.counts.ready, 2)
      const [old = ''] = liveIds(before.instances)
      assert.ok(liveIds(after.instances).includes(old), 'the instance that ran was replaced')
    },

    'keeps the live replica count when replicas is absent': async (context) => {
      const { good, next } = context.target.workloads
      await context.running(context.app('web', good, { replicas: 2 }))
      const revision = await context.apply(context.app('web', next))
      assert.equal(revision.replicas, 2)
      const status = await context.settled(revision)
      assert.equal(status.counts.desired, 2)
    },

    'begins with one instance when replicas was never given': async (context) => {
      const app = context.app('web', context.target.workloads.good)
      assert.equal((await context.apply(app)).replicas, 1)
      const status = await context.reach(app.id, 'gets running', ({ state }) => state === 'running')
      assert.equal(status.counts.desired, 1)
    },

    'wants no instance of an app with zero replicas': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      const status = await context.settled(await context.apply(app), 'suspended')
      assert.deepEqual(status.instances, [])
    },

    'shows what the app is: kind, labels, image': async (context) => {
      const labels = { tier: 'front', 'example.com/team': 'shop' }
      const app = context.app('web', context.target.workloads.good, { labels, replicas: 0 })
      await context.apply(app)
      const status = await context.observe(app.id)
      assert.deepEqual(
        { kind: status?.kind, image: status?.image, labels: status?.labels },
        { kind: 'service', image: app.image, labels },
      )
    },

    'keeps apps apart whose ids look alike': async (context) => {
      const { good } = context.target.workloads
      const names = ['a/b-c', 'a-b/c', 'a-b-c', 'a/b/c']
      for (const [index, name] of names.entries()) {
        const labels = { number: String(index) }
        await context.apply(context.app(name, good, { replicas: 0, labels }))
      }
      for (const [index, name] of names.entries()) {
        const status = await context.observe(context.id(name))
        assert.equal(status?.labels.number, String(index), name)
      }
    },
  },
}

export const foreign: Group = {
  name: 'apps of others',
  obstacle: needsTarget('foreign'),
  tests: {
    'shows an app that someone else made, and leaves it alone unless forced': async (context) => {
      const { target, pace } = context
      const id = context.id('theirs')
      const undo = await pace.settle(
        target.foreign?.(id) ?? Promise.resolve(async () => {}),
        'foreign',
      )
      context.later(undo)
      const before = await context.reach(id, 'is seen', () => true)
      assert.equal(before.managed, false)
      const app = context.app('theirs', target.workloads.next)
      await assert.rejects(context.apply(app), isCode('CONFLICT'))
      const untouched = await context.observe(id)
      assert.deepEqual([untouched?.revision, untouched?.managed], [before.revision, false])
      const taken = await context.settled(await context.apply(app, { force: true }))
      assert.equal(taken.managed, true)
    },
  },
}

function isCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(IntermodalError.is(error), `not an IntermodalError: ${error}`)
    assert.equal(error.code, code, error.message)
    return true
  }
}

function liveIds(
  instances: readonly { readonly id: string; readonly state: string }[] = [],
): string[] {
  return instances
    .filter(({ state }) => state === 'running')
    .map(({ id }) => id)
    .sort()
}
