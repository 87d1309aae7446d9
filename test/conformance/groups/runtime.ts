import assert from 'node:assert/strict'
import type { Adapter, ExecSession, LogLine, LogsOptions } from 'intermodal'
import { type Context, collect } from '../context.ts'
import { type Group, needs, needsCapability, needsTarget, needsWorkload } from '../group.ts'
import { assertReasons } from './status-laws.ts'

function method<Name extends 'logs' | 'exec' | 'nodes' | 'explain'>(
  { adapter }: Context,
  name: Name,
): NonNullable<Adapter[Name]> {
  const found = adapter[name] as ((...all: unknown[]) => unknown) | undefined
  if (!found) throw new Error(`the adapter has no "${name}"`)
  return found.bind(adapter) as NonNullable<Adapter[Name]>
}

async function talking(context: Context, replicas = 1) {
  const { workload, line } = context.target.workloads.talking ?? { workload: '', line: '' }
  const app = context.app('web', workload, { replicas })
  const status = await context.running(app)
  const read = (options: LogsOptions) =>
    context.pace.settle(collect(method(context, 'logs')(app.id, options, context.call())), 'logs')
  const has = (lines: readonly LogLine[]) => lines.some(({ text }) => text.includes(line))
  return { app, status, line, read, has }
}

export const logs: Group = {
  name: 'logs',
  obstacle: needs(needsCapability('logs'), needsWorkload('talking')),
  tests: {
    'give whole lines, each with the instance it is from, and end': async (context) => {
      const { status, read, has } = await talking(context, 2)
      const lines = await context.pace.until('the line of both', async () => {
        const lines = await read({})
        return new Set(lines.map(({ instance }) => instance)).size === 2 && has(lines) && lines
      })
      const instances = new Set(status.instances.map(({ id }) => id))
      for (const { instance, text, stream } of lines) {
        assert.ok(instances.has(instance), `no such instance: ${instance}`)
        assert.ok(!/[\r\n]/.test(text), JSON.stringify(text))
        assert.ok(['stdout', 'stderr'].includes(stream), stream)
      }
    },

    'give one instance’s lines, and the last ones, when asked to': async (context) => {
      const { status, read, has } = await talking(context, 2)
      const [one] = status.instances.filter(({ ready }) => ready)
      assert.ok(one)
      await context.pace.until('the line', async () => has(await read({ instance: one.id })))
      const lines = await read({ instance: one.id, tail: 1 })
      assert.deepEqual(
        lines.map(({ instance }) => instance),
        [one.id],
      )
      assert.deepEqual(await read({ instance: one.id, tail: 0 }), [])
    },

    'are followed until the abort, and end with its reason': async (context) => {
      const { app, line } = await talking(context)
      const tape = context.tape((signal) =>
        method(context, 'logs')(app.id, { follow: true }, { ...context.call(), signal }),
      )
      await tape.first(context.pace, 'the line', ({ text }: LogLine) => text.includes(line))
      const reason = new Error('enough')
      await tape.stop(context.pace, reason)
      assert.equal(tape.outcome?.error, reason)
    },
  },
}

export const exec: Group = {
  name: 'exec',
  obstacle: needs(needsCapability('exec'), needsTarget('commands')),
  tests: {
    'gives what the command prints, and how it ended': async (context) => {
      const { commands, workloads } = context.target
      const app = context.app('web', workloads.good)
      await context.running(app)
      const run = (command: readonly string[]): Promise<ExecSession> =>
        context.pace.settle(method(context, 'exec')(app.id, command, {}, context.call()), 'exec')
      const said = await run(commands?.echo('hello there') ?? [])
      const parts = await context.pace.settle(collect(said.output), 'the output')
      const text = Buffer.concat(parts.map(({ data }) => data)).toString()
      assert.match(text, /hello there/)
      assert.equal(await context.pace.settle(said.exitCode, 'the exit code'), 0)
      const failed = await run(commands?.exit(3) ?? [])
      await context.pace.settle(collect(failed.output), 'the output')
      assert.equal(await context.pace.settle(failed.exitCode, 'the exit code'), 3)
    },
  },
}

export const nodes: Group = {
  name: 'nodes',
  obstacle: needsCapability('nodes'),
  tests: {
    'lists the nodes, each once, and every instance is on one of them': async (context) => {
      const app = context.app('web', context.target.workloads.good, { replicas: 2 })
      const status = await context.running(app)
      const all = await context.pace.settle(method(context, 'nodes')(context.call()), 'nodes')
      assert.ok(
        all.some(({ state }) => state === 'ready'),
        'no node is ready',
      )
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
      for (const { state, attributes } of all) {
        assert.ok(['ready', 'draining', 'down', 'unknown'].includes(state), state)
        for (const value of Object.values(attributes)) assert.equal(typeof value, 'string')
      }
      const names = new Set(all.flatMap(({ id, name }) => [id, name]))
      for (const { node } of status.instances) assert.ok(node && names.has(node), `${node}`)
    },
  },
}

export const explain: Group = {
  name: 'explain',
  obstacle: needsCapability('explain'),
  tests: {
    'gives reasons in the model’s words, also when all is well': async (context) => {
      const { good, missing } = context.target.workloads
      const fine = context.app('fine', good)
      await context.running(fine)
      const stuck = context.app('stuck', missing)
      await context.apply(stuck)
      await context.reach(stuck.id, 'has a reason', ({ reasons }) => reasons.length > 0)
      for (const { id } of [fine, stuck]) {
        const reasons = await context.pace.settle(
          method(context, 'explain')(id, context.call()),
          'explain',
        )
        assertReasons(reasons, id)
      }
    },
  },
}
