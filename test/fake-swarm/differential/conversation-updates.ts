import type { Conversation } from './conversations.ts'
import { becomes, changes, ends, type Parts, starts } from './outcome.ts'
import { NEXT, update } from './specs.ts'
import type { Talk } from './talk.ts'

/** From one spec to another, until the update is as told; `then` goes on from there, `onTheWay` is before it. */
export function from(
  before: Parts,
  after: Parts,
  state: string,
  then: (talk: Talk) => Promise<void> = async () => {},
  onTheWay: (talk: Talk) => void = () => {},
): Conversation {
  return async (talk) => {
    await starts(talk, before)
    onTheWay(talk)
    await changes(talk, after)
    await becomes(talk, state)
    await talk.ask('GET', '/services/diff-up')
    await then(talk)
    await ends(talk)
  }
}

async function goBack(talk: Talk): Promise<void> {
  await changes(talk, { image: NEXT }, '&rollback=previous')
  await becomes(talk, 'rollback_completed')
  await talk.ask('GET', '/services/diff-up')
}

export const updates: Readonly<Record<string, Conversation>> = {
  'update-stop-first-and-back': from(
    { replicas: 2, spec: update() },
    { replicas: 2, image: NEXT, spec: update() },
    'completed',
    goBack,
  ),
  'update-start-first': from(
    { replicas: 2, spec: update({ Order: 'start-first', Parallelism: 0 }) },
    { replicas: 2, image: NEXT, spec: update({ Order: 'start-first', Parallelism: 0 }) },
    'completed',
  ),
  'update-forced': from(
    { spec: update() },
    { spec: update(), task: { RestartPolicy: { Condition: 'any', Delay: 500e6 }, ForceUpdate: 1 } },
    'completed',
  ),
}
