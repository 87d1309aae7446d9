import type { Conversation } from './conversations.ts'
import { becomes, changes, ends, onlyRunning, outcome, type Parts, starts } from './outcome.ts'
import { NEXT, update } from './specs.ts'
import type { Talk, Task } from './talk.ts'

/** The second slot has no turn as long as anybody looks. */
const slow = update({ Delay: 120e9 })
const before: Parts = { replicas: 2, spec: slow }
const after: Parts = { ...before, image: NEXT }

/** On its way from one image to the next, with one of two tasks exchanged. */
async function halfWay(talk: Talk): Promise<void> {
  await starts(talk, before)
  await changes(talk, after)
  await talk.until('one of two is exchanged', isHalf)
}

const isHalf = (tasks: readonly Task[]) =>
  tasks.filter(
    ({ Status, Spec }) => Status.State === 'running' && Spec.ContainerSpec.Image === NEXT,
  ).length === 1 && tasks.filter(({ Status }) => Status.State === 'running').length === 2

const rest = (ask: (talk: Talk) => Promise<void>): Conversation => {
  return async (talk) => {
    await halfWay(talk)
    await ask(talk)
    await ends(talk)
  }
}

const ended = { replicas: 2, spec: update() } as const

/** Updates that are overtaken by another one, or by a change of what they are about. */
export const rolloutsChanged: Readonly<Record<string, Conversation>> = {
  'update-overtaken-by-another': rest(async (talk) => {
    await changes(talk, { ...ended, image: NEXT, container: { Env: ['A=b'] } })
    await becomes(talk, 'completed')
    await outcome(talk)
    await talk.ask('GET', '/services/diff-up')
  }),

  'update-overtaken-by-the-way-back': rest(async (talk) => {
    await changes(talk, ended)
    await becomes(talk, 'completed')
    await outcome(talk)
  }),

  'update-rolled-back-by-hand-half-way': rest(async (talk) => {
    await changes(talk, after, '&rollback=previous')
    await becomes(talk, 'rollback_completed')
    await outcome(talk)
  }),

  'update-overtaken-by-labels': rest(async (talk) => {
    await changes(talk, { ...after, spec: { ...slow, Labels: { diff: 'up', a: 'b' } } })
    await talk.until('the second is exchanged too', onlyRunning(2, NEXT))
    await outcome(talk)
  }),

  'scaled-to-none-half-way-and-back': rest(async (talk) => {
    await changes(talk, { ...after, replicas: 0 })
    await outcome(talk)
    await talk.until('none runs', onlyRunning(0))
    await outcome(talk)
    await changes(talk, { ...after, replicas: 2 })
    await talk.until('both run', onlyRunning(2, NEXT))
    await outcome(talk)
  }),

  'scaled-up-half-way': rest(async (talk) => {
    await changes(talk, { ...after, ...ended, image: NEXT, replicas: 3 })
    await talk.until('all three run', onlyRunning(3, NEXT))
    await becomes(talk, 'completed')
    await outcome(talk)
  }),

  async 'scaled-to-none-and-back'(talk) {
    await starts(talk, ended)
    await changes(talk, { ...ended, replicas: 0 })
    await talk.until('none is left', (tasks) => tasks.length === 0)
    await changes(talk, ended)
    await talk.until('both run', onlyRunning(2))
    await outcome(talk)
    await talk.ask('GET', '/services/diff-up')
    await ends(talk)
  },

  async 'update-of-labels-alone'(talk) {
    await starts(talk, ended)
    await changes(talk, { ...ended, spec: { ...update(), Labels: { diff: 'up', a: 'b' } } })
    await outcome(talk)
    await talk.ask('GET', '/services/diff-up')
    await ends(talk)
  },
}
