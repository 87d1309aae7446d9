import { from } from './conversation-updates.ts'
import type { Conversation } from './conversations.ts'
import { outcome } from './outcome.ts'
import { ABSENT, update } from './specs.ts'
import type { Talk, Task } from './talk.ts'

/** Nothing is tried a second time, and the second slot has no turn before the first has failed. */
const task = { RestartPolicy: { Condition: 'any', Delay: 120e9 } }

const crash = { run: 'exit 3' }
const absent = { image: ABSENT }
/** Unlike one that crashes it is never seen to run, so that what was there before stays. */
const unhealthy = {
  run: 'sleep 1d',
  container: { Healthcheck: { Test: ['CMD', 'false'], Interval: 300e6, Retries: 2 } },
}

type Config = { readonly FailureAction: string; readonly Delay?: number; readonly Order?: string }

function fails(how: object, state: string, config: Config): Conversation {
  const goesOn = config.FailureAction === 'continue'
  // A busy machine may take its time to notice an end; who goes on waits for all of it.
  const spec = update({ Delay: 30e9, ...(goesOn ? {} : { Monitor: 30e9 }), ...config })
  const before = { replicas: 2, task, spec }
  // Whether a failed task gets a successor before or after the way back has begun is chance.
  const onTheWay = (talk: Talk) => {
    if (config.FailureAction === 'rollback') talk.looksAway()
  }
  const live = config.Order === 'start-first' ? 3 : 2
  const failed = goesOn ? 2 : 1
  const end = async (talk: Talk) => {
    await outcome(talk)
    if (config.FailureAction !== 'rollback')
      await talk.until('nothing is to be done', settled(live, failed))
    talk.looksAway()
  }
  return from(before, { ...before, ...how }, state, end, onTheWay)
}

/** Those that failed are known to have, and each has a successor that waits, or has been found to be no better. */
const settled = (live: number, failed: number) => (tasks: readonly Task[]) => {
  const wanted = tasks.filter(({ DesiredState }) => DesiredState !== 'shutdown')
  const over = tasks.filter(
    ({ DesiredState, Status }) => DesiredState === 'shutdown' && Status.Err !== undefined,
  )
  const calm = wanted.every(({ Status }) => /^(?:running|ready|rejected)$/.test(Status.State))
  return calm && wanted.length === live && over.length === failed
}

export const failingUpdates: Readonly<Record<string, Conversation>> = {
  'failing-update-pauses': fails(crash, 'paused', { FailureAction: 'pause' }),
  'failing-update-rolls-back': fails(crash, 'rollback_completed', { FailureAction: 'rollback' }),
  'failing-update-goes-on': fails(crash, 'completed', { FailureAction: 'continue', Delay: 0 }),
  'unhealthy-update-start-first': fails(unhealthy, 'paused', {
    FailureAction: 'pause',
    Order: 'start-first',
  }),
  'unhealthy-update-start-first-rolls-back': fails(unhealthy, 'rollback_completed', {
    FailureAction: 'rollback',
    Order: 'start-first',
  }),
  'absent-image-pauses': fails(absent, 'paused', { FailureAction: 'pause' }),
  'absent-image-start-first': fails(absent, 'paused', {
    FailureAction: 'pause',
    Order: 'start-first',
  }),
  'absent-image-rolls-back': fails(absent, 'rollback_completed', { FailureAction: 'rollback' }),
  'absent-image-goes-on': fails(absent, 'completed', { FailureAction: 'continue', Delay: 0 }),
}
