import assert from 'node:assert/strict'
import { type Group, needs, needsKind, needsWorkload } from '../group.ts'
import { assertStatus } from './status-laws.ts'

export const jobs: Group = {
  name: 'jobs',
  obstacle: needs(needsKind('job'), needsWorkload('finishing', 'failing')),
  tests: {
    'are completed when they have ended as often as wanted': async (context) => {
      const app = context.app('import', context.target.workloads.finishing ?? '', {
        kind: 'job',
        job: { completions: 2 },
      })
      const status = await context.settled(await context.apply(app), 'completed')
      assertStatus(status)
      assert.deepEqual([status.counts.desired, status.counts.updated], [2, 2])
    },

    'are failed when they have failed as often as allowed': async (context) => {
      const app = context.app('import', context.target.workloads.failing ?? '', {
        kind: 'job',
        restart: { condition: 'onFailure', maxAttempts: 1, delay: '1s' },
      })
      const status = await context.settled(await context.apply(app), 'failed')
      assertStatus(status)
      assert.ok(status.reasons.some(({ code }) => code === 'ExitNonZero' || code === 'CrashLoop'))
    },

    'succeed as a rollout when they complete, and fail when they fail': async (context) => {
      const client = context.client()
      const { finishing = '', failing = '' } = context.target.workloads
      const good = context.app('import', finishing, { kind: 'job' })
      const rollout = await context.pace.settle(client.apply(good, LENIENT), 'apply')
      const done = await context.pace.settle(rollout.result(), 'the job ends')
      assert.equal(done.outcome, 'succeeded', done.message)
      const bad = context.app('export', failing, {
        kind: 'job',
        restart: { condition: 'never' },
      })
      const failed = await context.pace.settle(client.apply(bad, LENIENT), 'apply')
      const end = await context.pace.settle(failed.result(), 'the job ends')
      assert.equal(end.outcome, 'failed', end.message)
    },
  },
}

/** What an engine cannot carry of a workload is not what these tests are about. */
export const LENIENT = { losses: 'lenient' } as const

export const cron: Group = {
  name: 'cron apps',
  obstacle: needs(needsKind('cron'), needsWorkload('finishing')),
  tests: {
    'wait for their time without being taken for broken': async (context) => {
      const app = context.app('nightly', context.target.workloads.finishing ?? '', {
        kind: 'cron',
        // The 29th of February at 3: never within a run of the suite.
        schedule: { cron: '0 3 29 2 *' },
      })
      const status = await context.settled(await context.apply(app))
      assertStatus(status)
      assert.deepEqual(status.reasons, [])
    },
  },
}
