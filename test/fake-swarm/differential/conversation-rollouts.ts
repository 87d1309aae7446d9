import type { Conversation } from './conversations.ts'
import { becomes, changes, ends, onlyRunning, outcome, type Parts, starts } from './outcome.ts'
import { ABSENT, IMAGE, NEXT, update } from './specs.ts'
import type { Task } from './talk.ts'

/** Nothing is tried a second time. */
const once = { RestartPolicy: { Condition: 'any', Delay: 120e9 } }

interface Failing {
  readonly before: Parts
  readonly after: Parts
  readonly state: string
  /** How many tasks run at the end. Without it, that is chance. */
  readonly live?: number
}

/** An update some of whose tasks fail. In which order slots have their turn is chance, so nobody looks at their ways. */
function partly({ before, after, state, live }: Failing): Conversation {
  return async (talk) => {
    await starts(talk, before)
    talk.looksAway()
    await changes(talk, after)
    await becomes(talk, state)
    await outcome(talk)
    if (live !== undefined)
      await talk.until(
        `${live} run`,
        (tasks) => tasks.filter(({ Status }) => Status.State === 'running').length === live,
      )
    await talk.ask('GET', '/services/diff-up')
    await ends(talk)
  }
}

const slots = { Env: ['SLOT={{.Task.Slot}}'] }
/** Tasks of these slots end with failure as soon as they are there. */
const failing = (...numbers: readonly number[]) =>
  [...numbers.map((slot) => `test $SLOT = ${slot} && exit 3`), 'sleep 1d'].join('; ')

/** Who is on the way back has his next try soon. */
const soon = { RestartPolicy: { Condition: 'any', Delay: 2e9 } }

const tolerant = (more: object) => ({
  replicas: 4,
  task: once,
  container: slots,
  spec: {
    UpdateConfig: { Parallelism: 1, Monitor: 4e9, MaxFailureRatio: 0.5, ...more },
    RollbackConfig: { Parallelism: 0, Monitor: 500e6 },
  },
})

const monitored = (Monitor: number, FailureAction = 'pause') => ({
  task: once,
  spec: { UpdateConfig: { Parallelism: 1, Monitor, FailureAction }, RollbackConfig: {} },
})

/** One of three fails, so that two are on the way back; and what they go back to fails as well, after a while. */
const broken = (RollbackConfig: object) => {
  const spec = { ...update({ FailureAction: 'rollback', Parallelism: 0 }), RollbackConfig }
  const common = { replicas: 3, task: once, container: slots, spec }
  return {
    before: { ...common, run: 'sleep 10; exit 3' },
    after: { ...common, image: NEXT, run: failing(1) },
  }
}

const allAtOnce = { replicas: 3, spec: update({ Parallelism: 0, Delay: 3e9 }) }
const paced = { replicas: 3, spec: update({ Parallelism: 2, Delay: 1e9 }) }

function completes(before: Parts, after: Parts): Conversation {
  return async (talk) => {
    await starts(talk, before)
    await changes(talk, after)
    await becomes(talk, 'completed')
    await outcome(talk)
    await ends(talk)
  }
}

const missing = (tasks: readonly Task[]) => tasks.some(({ Status }) => Status.State === 'rejected')

export const rollouts: Readonly<Record<string, Conversation>> = {
  'failures-tolerated': partly({
    before: tolerant({ FailureAction: 'rollback' }),
    after: { ...tolerant({ FailureAction: 'rollback' }), run: failing(1, 2) },
    state: 'completed',
    live: 2,
  }),
  'failures-past-what-is-tolerated': partly({
    before: tolerant({ FailureAction: 'pause' }),
    after: { ...tolerant({ FailureAction: 'pause' }), run: failing(1, 2, 3) },
    state: 'paused',
  }),
  'failures-past-what-is-tolerated-roll-back': partly({
    before: { ...tolerant({ FailureAction: 'rollback' }), task: soon },
    after: { ...tolerant({ FailureAction: 'rollback' }), task: soon, run: failing(1, 2, 3) },
    state: 'rollback_completed',
    live: 4,
  }),
  'fails-while-monitored': partly({
    before: monitored(30e9),
    after: { ...monitored(30e9), run: 'sleep 2; exit 3' },
    state: 'paused',
  }),
  'fails-while-monitored-and-rolls-back': partly({
    before: { ...monitored(5e9, 'rollback'), task: soon },
    after: { ...monitored(5e9, 'rollback'), task: soon, run: 'sleep 2; exit 3' },
    state: 'rollback_completed',
    live: 1,
  }),
  async 'fails-after-it-was-monitored'(talk) {
    await starts(talk, monitored(300e6))
    await changes(talk, { ...monitored(300e6), run: 'sleep 4; exit 3' })
    await becomes(talk, 'completed')
    await talk.until('it has failed', (tasks) =>
      tasks.some(
        ({ Status, DesiredState }) => Status.State === 'failed' && DesiredState === 'shutdown',
      ),
    )
    await talk.until('the next one waits', (tasks) =>
      tasks.some(
        ({ Status, DesiredState }) => Status.State === 'ready' && DesiredState === 'ready',
      ),
    )
    await outcome(talk)
    await ends(talk)
  },
  'rollback-that-fails-pauses': partly({ ...broken({ Monitor: 30e9 }), state: 'rollback_paused' }),
  'rollback-that-fails-goes-on': partly({
    ...broken({ Monitor: 300e6, FailureAction: 'continue' }),
    state: 'rollback_completed',
  }),

  async 'paused-update-resumed'(talk) {
    const before = { task: once, spec: update({ Monitor: 5e9 }) }
    await starts(talk, before)
    talk.looksAway()
    await changes(talk, { ...before, image: ABSENT })
    await becomes(talk, 'paused')
    await talk.until('its image is missing', missing)
    await outcome(talk)
    await changes(talk, { ...before, image: NEXT })
    await becomes(talk, 'completed')
    await outcome(talk)
    await talk.until('it runs', onlyRunning(1, NEXT))
    await ends(talk)
  },

  async 'rolled-back-by-hand-when-paused'(talk) {
    const before = { task: once, spec: update({ Monitor: 5e9 }) }
    await starts(talk, before)
    talk.looksAway()
    await changes(talk, { ...before, image: ABSENT })
    await becomes(talk, 'paused')
    await changes(talk, before, '&rollback=previous')
    await becomes(talk, 'rollback_completed')
    await outcome(talk)
    await talk.until('it runs', onlyRunning(1, IMAGE))
    await ends(talk)
  },

  'update-all-at-once': completes(allAtOnce, { ...allAtOnce, image: NEXT }),
  'update-two-by-two': completes(paced, { ...paced, image: NEXT }),

  async 'rolled-back-without-a-spec-before'(talk) {
    const spec = update({ FailureAction: 'rollback', Monitor: 5e9 })
    await starts(talk, { task: once, spec })
    talk.looksAway()
    await changes(talk, { task: once, spec }, '&rollback=previous')
    await changes(talk, { task: once, spec, image: ABSENT })
    await becomes(talk, 'rollback_completed')
    await outcome(talk)
    await changes(talk, { task: once, spec }, '&rollback=previous')
    await talk.ask('POST', '/services/diff-up/update?version=999999999&rollback=previous', {
      TaskTemplate: { ContainerSpec: { Image: IMAGE } },
    })
    await ends(talk)
  },

  async 'forced-after-a-way-back'(talk) {
    const spec = update()
    await starts(talk, { spec })
    await changes(talk, { spec, image: NEXT })
    await becomes(talk, 'completed')
    await changes(talk, {}, '&rollback=previous')
    await becomes(talk, 'rollback_completed')
    await changes(talk, {}, '&rollback=previous')
    await becomes(talk, 'rollback_completed')
    await talk.until('it runs again', onlyRunning(1, NEXT))
    await outcome(talk)
    const policy = { RestartPolicy: { Condition: 'any', Delay: 500e6 } }
    await changes(talk, { spec, image: NEXT, task: { ...policy, ForceUpdate: 2 } })
    await becomes(talk, 'completed')
    await outcome(talk)
    await ends(talk)
  },
}
