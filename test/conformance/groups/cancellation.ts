import assert from 'node:assert/strict'
import type { Adapter, App } from 'intermodal'
import { type Context, collect, type TestCall } from '../context.ts'
import { type Group, needsFault } from '../group.ts'
import { turns } from '../pace.ts'

type Start = (call: TestCall) => Promise<unknown>

/** What can be asked of an app that has no instances, and is answered. */
function calls({ adapter }: Context, app: App): Readonly<Record<string, Start>> {
  const { id } = app
  const may = (name: keyof Adapter, start: Start) => (adapter[name] ? { [name]: start } : {})
  return {
    observe: (call) => adapter.observe(id, call),
    read: (call) => adapter.read(id, call),
    list: (call) => collect(adapter.list({}, call)),
    watch: (call) => collect(adapter.watch({}, call)),
    apply: (call) => adapter.apply(app, call),
    ...may('scale', async (call) => adapter.scale?.(id, 2, call)),
    ...may('restart', async (call) => adapter.restart?.(id, call)),
    ...may('nodes', async (call) => adapter.nodes?.(call)),
    ...may('explain', async (call) => adapter.explain?.(id, call)),
    remove: (call) => adapter.remove(id, call),
  }
}

/** The others: whether they are answered is not what is asked here. */
function otherCalls({ adapter, group }: Context, { id }: App): Readonly<Record<string, Start>> {
  const may = (name: keyof Adapter, start: Start) => (adapter[name] ? { [name]: start } : {})
  const material = { name: `${group.slice(1).replaceAll('/', '-')}-cancelled`, data: 'none' }
  return {
    ...may('suspend', async (call) => adapter.suspend?.(id, call)),
    ...may('resume', async (call) => adapter.resume?.(id, call)),
    ...may('pause', async (call) => adapter.pause?.(id, call)),
    ...may('rollback', async (call) => adapter.rollback?.(id, undefined, call)),
    ...may('kill', async (call) => adapter.kill?.(id, 'no-such-instance', call)),
    ...may('putSecret', async (call) => adapter.putSecret?.(material, call)),
    ...may('putConfig', async (call) => adapter.putConfig?.(material, call)),
    ...may('logs', async (call) => adapter.logs && collect(adapter.logs(id, {}, call))),
    ...may('exec', async (call) => adapter.exec?.(id, ['true'], {}, call)),
  }
}

/** How a call ended, as a value: `undefined` for one that resolved. */
async function ending(
  context: Context,
  name: string,
  promise: Promise<unknown>,
): Promise<{ readonly error: unknown } | undefined> {
  const settled = promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  return context.pace.settle(settled, `${name}, aborted`)
}

/** Runs the body, and fails when a rejection was left for nobody. */
async function withoutStrays(body: () => Promise<void>): Promise<void> {
  const strays: unknown[] = []
  const note = (reason: unknown) => strays.push(reason)
  process.on('unhandledRejection', note)
  try {
    await body()
    await turns(10)
  } finally {
    process.off('unhandledRejection', note)
  }
  assert.deepEqual(strays, [], 'rejections that nobody handles')
}

export const cancellation: Group = {
  name: 'cancellation',
  tests: {
    'before a call rejects with the reason itself, and nothing is done': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await withoutStrays(async () => {
        const all = { ...calls(context, app), ...otherCalls(context, app) }
        for (const [name, start] of Object.entries(all)) {
          const call = context.call()
          const reason = new Error(`no ${name}`)
          call.abort(reason)
          assert.equal((await ending(context, name, start(call)))?.error, reason, name)
        }
      })
      assert.equal(await context.observe(app.id), undefined)
    },

    'during a call ends it: with its result, or with the reason itself': async (context) => {
      const { good, next } = context.target.workloads
      const live = context.app('web', good, { replicas: 0 })
      await context.settled(await context.apply(live), 'suspended')
      const app = context.app('web', next, { replicas: 0 })
      await withoutStrays(async () => {
        for (const [name, start] of Object.entries(calls(context, app))) {
          const call = context.call()
          const reason = new Error(`enough of ${name}`)
          const started = start(call)
          started.catch(() => {})
          call.abort(reason)
          const end = await ending(context, name, started)
          if (end) assert.equal(end.error, reason, `${name}: not the reason itself`)
        }
      })
    },

    'after a call changes nothing of what it gave': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await withoutStrays(async () => {
        const call = context.call()
        const revision = await context.pace.settle(context.adapter.apply(app, call), 'apply')
        call.abort(new Error('too late'))
        await turns()
        assert.equal((await context.observe(app.id))?.revision, revision.id)
      })
    },
  },
}

export const hanging: Group = {
  name: 'cancellation and deadlines of a cluster that hangs',
  obstacle: needsFault('hang'),
  tests: {
    'ends every call at once, with the reason itself': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.apply(app)
      await withoutStrays(async () => {
        const undo = await context.fault('hang')
        const all = { ...calls(context, app), ...otherCalls(context, app) }
        for (const [name, start] of Object.entries(all)) {
          const call = context.call()
          const reason = new Error(`enough of ${name}`)
          const started = start(call)
          started.catch(() => {})
          await turns()
          call.abort(reason)
          assert.equal((await ending(context, name, started))?.error, reason, name)
        }
        await undo()
      })
    },

    'ends each call of a client at its deadline, as TIMEOUT, and answers again afterwards': async (
      context,
    ) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 0 })
      await context.apply(app)
      const client = context.client({ timeout: '2s', retries: 0 })
      const undo = await context.fault('hang')
      const late = {
        status: client.status(app.id),
        list: collect(client.list()),
        export: client.export(app.id),
        apply: client.apply(app, { losses: 'lenient' }),
        remove: client.remove(app.id, { timeout: '2s' }),
      }
      const endings = Object.entries(late).map(
        async ([name, call]) => [name, await ending(context, name, call)] as const,
      )
      for (const [name, end] of await Promise.all(endings)) {
        assert.equal((end?.error as { code?: unknown } | undefined)?.code, 'TIMEOUT', name)
      }
      await undo()
      const status = await context.pace.until('it answers again', () =>
        client.status(app.id).catch(() => undefined),
      )
      assert.equal(status.id, app.id)
    },
  },
}
