import type { Conversation } from './conversations.ts'
import { NEXT, service, update } from './specs.ts'
import type { Talk, Task } from './talk.ts'

const running = (count: number) => (tasks: readonly Task[]) =>
  tasks.filter(({ Status }) => Status.State === 'running').length === count

type Parts = NonNullable<Parameters<typeof service>[1]>

/** From one spec to another, until the update is as told; `then` goes on from there, `onTheWay` is before it. */
export function from(
  before: Parts,
  after: Parts,
  state: string,
  then: (talk: Talk) => Promise<void> = async () => {},
  onTheWay: (talk: Talk) => void = () => {},
): Conversation {
  return async (talk) => {
    await talk.ask('POST', '/services/create', service('up', before))
    await talk.until('it runs', running(before.replicas ?? 1))
    onTheWay(talk)
    const index = await talk.version('diff-up')
    await talk.ask('POST', `/services/diff-up/update?version=${index}`, service('up', after))
    await talk.until(
      `the update is ${state}`,
      async () => (await talk.updateState('diff-up')) === state,
    )
    await talk.ask('GET', '/services/diff-up')
    await then(talk)
    await talk.ask('DELETE', '/services/diff-up')
    await talk.until('all tasks are gone', (tasks) => tasks.length === 0)
  }
}

async function goBack(talk: Talk): Promise<void> {
  const index = await talk.version('diff-up')
  const path = `/services/diff-up/update?version=${index}&rollback=previous`
  await talk.ask('POST', path, service('up', { image: NEXT }))
  await talk.until(
    'it is rolled back',
    async () => (await talk.updateState('diff-up')) === 'rollback_completed',
  )
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
