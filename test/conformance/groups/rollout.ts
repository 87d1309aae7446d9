import assert from 'node:assert/strict'
import type {
  AppInput,
  ChangeOptions,
  ReasonCode,
  Rollout,
  RolloutResult,
  RolloutStep,
} from 'intermodal'
import { type Context, collect } from '../context.ts'
import { type Group, needsCapability, needsWorkload } from '../group.ts'
import type { Workload } from '../target.ts'
import { LENIENT } from './jobs.ts'

/** Two old instances serve while the next revision tries; what fails does so within the test's time. */
const TWO = { replicas: 2 } as const

const IMAGE_REASONS: readonly ReasonCode[] = ['ImageNotFound', 'ImagePullFailed', 'RegistryAuth']

async function roll(
  context: Context,
  workload: Workload,
  fields: Partial<AppInput> = {},
  options: ChangeOptions = {},
): Promise<Rollout> {
  const client = context.client()
  const app = context.app('web', workload, { ...TWO, ...fields })
  return context.pace.settle(client.apply(app, { ...LENIENT, ...options }), 'apply')
}

function end(context: Context, rollout: Rollout): Promise<RolloutResult> {
  return context.pace.settle(rollout.result(), `the rollout of ${rollout.app} ends`)
}

async function started(context: Context, workload?: Workload): Promise<void> {
  const rollout = await roll(context, workload ?? context.target.workloads.good)
  const result = await end(context, rollout)
  assert.equal(result.outcome, 'succeeded', result.message)
}

export const rollout: Group = {
  name: 'rollout',
  tests: {
    'succeeds when every instance of the new revision is ready, and not before': async (
      context,
    ) => {
      await started(context)
      const rollout = await roll(context, context.target.workloads.next)
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'succeeded', result.message)
      assert.equal(result.revision.id, rollout.revision.id)
      assert.deepEqual(
        [result.status?.revision, result.status?.counts.ready],
        [result.revision.id, 2],
      )
      const status = await context.observe(rollout.app)
      assert.equal(status?.state, 'running')
    },

    'tells its steps to everyone who asks, from the first to the one that says how it ended':
      async (context) => {
        const rollout = await roll(context, context.target.workloads.good)
        await end(context, rollout)
        const first = await context.pace.settle(collect<RolloutStep>(rollout), 'the steps')
        const second = await context.pace.settle(collect<RolloutStep>(rollout), 'the steps again')
        assert.deepEqual(second, first)
        const ended = first.filter(({ type }) => type === 'ended')
        assert.deepEqual(ended, first.slice(-1))
        assert.equal(ended[0]?.outcome, 'succeeded')
      },

    'succeeds at once when nothing changed, and says so': async (context) => {
      await started(context)
      const rollout = await roll(context, context.target.workloads.good)
      assert.equal(rollout.revision.changed, false)
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'succeeded', result.message)
    },

    'succeeds with zero replicas when nothing is left': async (context) => {
      await started(context)
      const result = await end(
        context,
        await roll(context, context.target.workloads.good, { replicas: 0 }),
      )
      assert.equal(result.outcome, 'succeeded', result.message)
      assert.equal(result.status?.state, 'suspended')
    },

    'fails when the engine gives up or nothing moves any more, and says why': async (context) => {
      await started(context)
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '20s', onFailure: 'pause' },
      })
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'failed', result.message)
      assert.ok(
        result.reasons.some(({ code }) => IMAGE_REASONS.includes(code)),
        result.message,
      )
      await assert.rejects(context.pace.settle(rollout.done(), 'done'), {
        code: 'ROLLOUT_FAILED',
        outcome: 'failed',
      })
    },

    'is stalled, with the reason, while it goes on without hope': async (context) => {
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '1h' },
      })
      const tape = context.tape(() => rollout)
      const isStalled = ({ type }: RolloutStep) => type === 'stalled'
      const { reasons } = await tape.first(context.pace, 'a step that is stalled', isStalled)
      assert.ok(reasons.some(({ code }) => IMAGE_REASONS.includes(code)))
      await context.remove(rollout.app)
      await context.pace.settle(tape.ended, 'the rollout ends with its app')
    },

    'fails at once for a reason that was chosen': async (context) => {
      const rollout = await roll(
        context,
        context.target.workloads.missing,
        { update: { progressDeadline: '1h' } },
        { failFast: IMAGE_REASONS },
      )
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'failed', result.message)
    },

    'is timed out for who does not want to wait longer, and goes on': async (context) => {
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '1h' },
      })
      const result = await context.pace.settle(rollout.result({ timeout: '3s' }), 'the wait ends')
      assert.equal(result.outcome, 'timedOut', result.message)
      const status = await context.observe(rollout.app)
      assert.equal(status?.revision, rollout.revision.id)
    },

    'is superseded when a newer revision is applied': async (context) => {
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '1h' },
      })
      const other = await context.another()
      const newer = context.app('web', context.target.workloads.next, TWO)
      // Where an unfinished rollout locks its app, a newer revision goes over it only when asked to.
      const over = context.call({ force: true })
      await context.pace.settle(other.apply(newer, over), 'apply by another')
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'superseded', result.message)
    },

    'is cancelled when the app is removed': async (context) => {
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '1h' },
      })
      const other = await context.another()
      await context.pace.settle(other.remove(rollout.app, context.call()), 'remove by another')
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'cancelled', result.message)
    },

    'rethrows the reason of who stops waiting, and goes on': async (context) => {
      const rollout = await roll(context, context.target.workloads.missing, {
        update: { progressDeadline: '1h' },
      })
      const stop = new AbortController()
      const reason = new Error('enough')
      const waiting = rollout.done({ signal: stop.signal })
      waiting.catch(() => {})
      stop.abort(reason)
      await assert.rejects(
        context.pace.settle(waiting, 'an aborted wait'),
        (error) => error === reason,
      )
      assert.notEqual(await context.observe(rollout.app), undefined)
    },
  },
}

export const rolledBack: Group = {
  name: 'rollout rolled back',
  obstacle: (capabilities, target) =>
    capabilities.autoRollback ? undefined : needsCapability('rollback')(capabilities, target),
  tests: {
    'is rolled back, not succeeded, when the app says so and the next revision does not come up':
      async (context) => {
        const { good, missing } = context.target.workloads
        await started(context)
        const rollout = await roll(context, missing, {
          update: { progressDeadline: '20s', onFailure: 'rollback' },
        })
        const result = await end(context, rollout)
        assert.equal(result.outcome, 'rolledBack', result.message)
        await assert.rejects(context.pace.settle(rollout.done(), 'done'), { outcome: 'rolledBack' })
        const status = await context.reach(
          rollout.app,
          'serves with the old revision again',
          ({ image, state }) => image === context.app('web', good).image && state === 'running',
        )
        assert.equal(status.counts.ready, 2)
      },
  },
}

export const crashing: Group = {
  name: 'rollout of what crashes',
  obstacle: needsWorkload('crashing'),
  tests: {
    'is not a success, names the crashes, and brings the instances that failed': async (
      context,
    ) => {
      await started(context)
      const rollout = await roll(context, context.target.workloads.crashing ?? '', {
        // Long enough for a crash to be seen before the instance counts.
        update: { progressDeadline: '40s', minReadyTime: '8s', onFailure: 'pause' },
      })
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'failed', result.message)
      const codes = result.reasons.map(({ code }) => code)
      assert.ok(
        codes.some((code) => code === 'CrashLoop' || code === 'ExitNonZero'),
        `${codes}`,
      )
      assert.ok(result.failures.length > 0, 'no failed instance is named')
    },
  },
}

export const unhealthy: Group = {
  name: 'rollout and health',
  obstacle: needsWorkload('healthy', 'unhealthy'),
  tests: {
    'waits for the probe to pass': async (context) => {
      const result = await end(context, await roll(context, context.target.workloads.healthy ?? ''))
      assert.equal(result.outcome, 'succeeded', result.message)
      assert.equal(result.status?.counts.healthy, 2)
    },

    'is not a success when the probe never passes': async (context) => {
      await started(context)
      const rollout = await roll(context, context.target.workloads.unhealthy ?? '', {
        update: { progressDeadline: '40s', onFailure: 'pause' },
      })
      const result = await end(context, rollout)
      assert.equal(result.outcome, 'failed', result.message)
    },
  },
}

export const placeless: Group = {
  name: 'rollout without a place',
  obstacle: needsWorkload('placeless'),
  tests: {
    'waits, and says what is missing': async (context) => {
      const app = context.app('web', context.target.workloads.placeless ?? '')
      await context.apply(app)
      const status = await context.reach(app.id, 'waits', ({ state }) => state === 'waiting')
      assert.ok(status.reasons.length > 0)
      assert.equal(status.counts.unscheduled, 1)
    },
  },
}
