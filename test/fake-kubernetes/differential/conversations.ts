import { randomBytes } from 'node:crypto'
import { evictions } from './conversation-evictions.ts'
import { limits } from './conversation-limits.ts'
import { patches } from './conversation-patches.ts'
import { protobuf } from './conversation-protobuf.ts'
import { reads } from './conversation-reads.ts'
import { refusals } from './conversation-refusals.ts'
import { rollouts } from './conversation-rollouts.ts'
import { strategic } from './conversation-strategic.ts'
import type { Engine } from './engine.ts'
import { type Heard, Talk } from './talk.ts'

export type Conversation = (talk: Talk) => Promise<void>

/** Those in which no pod has to run. */
export const withoutPods: Readonly<Record<string, Conversation>> = {
  ...refusals,
  ...reads,
  ...patches,
  ...strategic,
  ...protobuf,
}

/** By the name of the file that holds what a real server answered. */
export const conversations: Readonly<Record<string, Conversation>> = {
  ...withoutPods,
  ...rollouts,
  ...limits,
  ...evictions,
}

/** In a namespace of its own, which is removed with everything in it. */
export async function hold(conversation: Conversation, engine: Engine): Promise<Heard> {
  const namespace = `diff-${randomBytes(4).toString('hex')}`
  const talk = new Talk(engine, namespace)
  const body = { metadata: { name: namespace } }
  await engine.ask({ method: 'POST', path: '/api/v1/namespaces', body })
  try {
    await talk.until(talk.core('serviceaccounts/default'), ({ kind }) => kind === 'ServiceAccount')
    await conversation(talk)
  } finally {
    await engine.ask({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
  }
  return talk.heard()
}
