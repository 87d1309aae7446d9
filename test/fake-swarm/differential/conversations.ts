import { answers } from './conversation-answers.ts'
import { failingUpdates } from './conversation-failing-updates.ts'
import { inside } from './conversation-inside.ts'
import { lives } from './conversation-lives.ts'
import { objects } from './conversation-objects.ts'
import { updates } from './conversation-updates.ts'
import type { Engine } from './engine.ts'
import { type Heard, Talk } from './talk.ts'

export type Conversation = (talk: Talk) => Promise<void>

/** By the name of the file that holds what a real engine answered. */
export const conversations: Readonly<Record<string, Conversation>> = {
  ...answers,
  ...objects,
  ...lives,
  ...inside,
  ...failingUpdates,
  ...updates,
}

export async function hold(conversation: Conversation, engine: Engine): Promise<Heard> {
  const talk = new Talk(engine)
  await talk.begin()
  await conversation(talk)
  return talk.heard()
}
