import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import {
  type Adapter,
  ERROR_CODES,
  type ErrorCode,
  IntermodalError,
  type Revision,
} from 'intermodal'
import type { Context } from '../context.ts'
import { type Group, needsCapability, needsFault } from '../group.ts'

/** The error a call is refused with, once it is shown to be one that a program can branch on. */
export async function refusal(
  context: Context,
  what: string,
  promise: Promise<unknown>,
  ...codes: readonly ErrorCode[]
): Promise<IntermodalError> {
  const error = await context.pace.settle(
    promise.then(
      (value) => assert.fail(`${what}: resolved with ${inspect(value)}`),
      (error: unknown) => error,
    ),
    what,
  )
  if (error instanceof assert.AssertionError) throw error
  assert.ok(IntermodalError.is(error), `${what}: not an IntermodalError but ${inspect(error)}`)
  assert.ok(ERROR_CODES.includes(error.code), error.code)
  assert.ok(codes.includes(error.code), `${what}: ${error.code}, wanted ${codes}: ${error.message}`)
  assert.ok(error.message.trim().length > 0, `${what}: no message`)
  return error
}

const SECRET = 'hunter2-5up3r-s3cret'

/** Everything that a log could show of an error. */
export function assertSilentAbout(secret: string, error: unknown): void {
  assert.ok(
    !inspect(error, { depth: 10, showHidden: true }).includes(secret),
    'the error tells a secret',
  )
}

export const errors: Group = {
  name: 'errors',
  tests: {
    'name an app that is not there, for every call that needs one': async (context) => {
      const { adapter, capabilities } = context
      const id = context.id('nobody')
      const call = context.call()
      const calls: Readonly<Record<string, (() => Promise<unknown>) | false | undefined>> = {
        scale: capabilities.scale && (() => required(adapter, 'scale')(id, 2, call)),
        restart: capabilities.restart && (() => required(adapter, 'restart')(id, call)),
        suspend: capabilities.suspend && (() => required(adapter, 'suspend')(id, call)),
        resume: capabilities.resume && (() => required(adapter, 'resume')(id, call)),
        pause: capabilities.pause && (() => required(adapter, 'pause')(id, call)),
        rollback:
          capabilities.rollback && (() => required(adapter, 'rollback')(id, undefined, call)),
        exec: capabilities.exec && (() => required(adapter, 'exec')(id, ['true'], {}, call)),
        logs: capabilities.logs && (() => drain(required(adapter, 'logs')(id, {}, call))),
      }
      for (const [name, start] of Object.entries(calls)) {
        if (!start) continue
        const error = await refusal(context, name, start(), 'APP_NOT_FOUND')
        assert.ok(error.app === id || error.message.includes(id), `${name}: which app?`)
        assert.equal(error.retryable, false, name)
      }
    },

    'refuse an app of a kind the engine does not have': async (context) => {
      const { kinds } = context.capabilities
      const { good } = context.target.workloads
      const foreign = (['daemon', 'job', 'cron', 'stateful', 'service'] as const).filter(
        (kind) => !kinds.includes(kind),
      )
      for (const kind of foreign) {
        const fields = kind === 'cron' ? { schedule: { cron: '0 3 * * *' } } : {}
        const app = context.app(kind, good, { kind, ...fields })
        const call = context.call()
        await refusal(context, kind, context.adapter.apply(app, call), 'UNSUPPORTED', 'APP_INVALID')
        assert.equal(await context.observe(app.id), undefined)
      }
    },

    'leave no update lost when two are made at once': async (context) => {
      const { good, next } = context.target.workloads
      const app = context.app('web', good, { replicas: 0 })
      await context.settled(await context.apply(app), 'suspended')
      const other = await context.another()
      const tries = [
        { adapter: context.adapter, app: context.app('web', next, { replicas: 0 }) },
        { adapter: other, app: context.app('web', good, { replicas: 0, env: { A: '1' } }) },
      ]
      const ends = await context.pace.settle(
        Promise.allSettled(tries.map(({ adapter, app }) => adapter.apply(app, context.call()))),
        'two applies at once',
      )
      const accepted: Revision[] = []
      for (const end of ends) {
        if (end.status === 'fulfilled') accepted.push(end.value)
        else
          assert.ok(
            IntermodalError.is(end.reason) && end.reason.code === 'CONFLICT',
            `${end.reason}`,
          )
      }
      assert.ok(accepted.length > 0, 'neither was accepted')
      const newest = accepted.reduce((a, b) => (b.generation > a.generation ? b : a))
      if (accepted.length === 2) {
        assert.notEqual(accepted[0]?.generation, accepted[1]?.generation)
        const [first, second] = accepted[0] === newest ? [accepted[1], accepted[0]] : accepted
        assert.equal(second?.previous, first?.id, 'the later one did not see the earlier one')
      }
      const status = await context.observe(app.id)
      assert.equal(status?.revision, newest.id, 'the live app is not the one accepted last')
    },
  },
}

export const unreachable: Group = {
  name: 'errors of an unreachable cluster',
  obstacle: needsFault('refuse'),
  tests: {
    'say that it is unavailable and may be tried again, for each call, until it is back': async (
      context,
    ) => {
      const { adapter } = context
      const app = context.app('web', context.target.workloads.good, {
        replicas: 0,
        env: { PASSWORD: SECRET },
      })
      await context.apply(app)
      const undo = await context.fault('refuse')
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        observe: () => adapter.observe(app.id, context.call()),
        read: () => adapter.read(app.id, context.call()),
        list: () => drain(adapter.list({}, context.call())),
        apply: () => adapter.apply(app, context.call()),
        remove: () => adapter.remove(app.id, context.call()),
      }
      for (const [name, start] of Object.entries(calls)) {
        const error = await refusal(context, name, start(), 'UNAVAILABLE')
        assert.equal(error.retryable, true, name)
        assertSilentAbout(SECRET, error)
      }
      await undo()
      assert.equal((await context.observe(app.id))?.id, app.id)
    },
  },
}

export const material: Group = {
  name: 'material',
  obstacle: needsCapability('material'),
  tests: {
    'is put once, and says whether that changed anything': async (context) => {
      for (const put of ['putSecret', 'putConfig'] as const) {
        const name = `${context.group.slice(1).replaceAll('/', '-')}-${put.toLowerCase()}`
        const send = (data: string | Record<string, string>) =>
          context.pace.settle(required(context.adapter, put)({ name, data }, context.call()), put)
        assert.equal(await send('one'), true)
        assert.equal(await send('one'), false)
        assert.equal(await send('two'), true)
        assert.equal(await send({ a: '1', b: '2' }), true)
        assert.equal(await send({ b: '2', a: '1' }), false)
      }
    },

    'is asked for before anything is changed, and never told': async (context) => {
      const { adapter, target } = context
      const live = context.app('web', target.workloads.good, { replicas: 0 })
      const before = await context.settled(await context.apply(live), 'suspended')
      const files = { '/etc/key.pem': { secret: 'no-such-secret' } }
      for (const name of ['web', 'other']) {
        const app = context.app(name, target.workloads.next, {
          replicas: 0,
          files,
          env: { PASSWORD: SECRET },
        })
        const error = await refusal(
          context,
          name,
          adapter.apply(app, context.call()),
          'APP_INVALID',
        )
        assert.match(error.message, /no-such-secret/)
        assertSilentAbout(SECRET, error)
      }
      const after = await context.observe(live.id)
      assert.deepEqual(
        [after?.state, after?.revision, after?.generation],
        [before.state, before.revision, before.generation],
      )
      assert.equal(await context.observe(context.id('other')), undefined)
    },

    'is found by the apps that refer to it': async (context) => {
      const { adapter, pace, target } = context
      const name = `${context.group.slice(1).replaceAll('/', '-')}-key`
      const data = { data: SECRET, name }
      await pace.settle(required(adapter, 'putSecret')(data, context.call()), 'putSecret')
      const app = context.app('web', target.workloads.good, {
        files: { '/etc/key.pem': { secret: name } },
      })
      const status = await context.running(app)
      const native = await pace.settle(adapter.read(app.id, context.call()), 'read')
      assertSilentAbout(SECRET, status)
      assertSilentAbout(SECRET, native)
    },
  },
}

async function drain(iterable: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of iterable);
}

function required<Name extends keyof Adapter>(
  adapter: Adapter,
  name: Name,
): NonNullable<Adapter[Name]> & ((...all: never[]) => unknown) {
  const found: unknown = adapter[name]
  if (typeof found !== 'function') throw new Error(`the adapter has no "${String(name)}"`)
  return found.bind(adapter)
}
