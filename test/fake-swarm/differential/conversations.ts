import { answers } from './conversation-answers.ts'
import { failingUpdates } from './conversation-failing-updates.ts'
import { followedLogs } from './conversation-followed-logs.ts'
import { inside } from './conversation-inside.ts'
import { lives } from './conversation-lives.ts'
import { modes } from './conversation-modes.ts'
import { nodes } from './conversation-nodes.ts'
import { objects } from './conversation-objects.ts'
import { rollouts } from './conversation-rollouts.ts'
import { rolloutsChanged } from './conversation-rollouts-changed.ts'
import { updates } from './conversation-updates.ts'
import { usedObjects } from './conversation-used-objects.ts'
import { versions } from './conversation-versions.ts'
import type { Engine } from './engine.ts'
import { type Heard, Talk } from './talk.ts'

export type Conversation = (talk: Talk) => Promise<void>

/** By the name of the file that holds what a real engine answered. */
export const conversations: Readonly<Record<string, Conversation>> = {
  ...answers,
  ...versions,
  ...objects,
  ...lives,
  ...modes,
  ...inside,
  ...followedLogs,
  ...usedObjects,
  ...nodes,
  ...failingUpdates,
  ...updates,
  ...rollouts,
  ...rolloutsChanged,
}

export async function hold(conversation: Conversation, engine: Engine): Promise<Heard> {
  const talk = new Talk(engine)
  await talk.begin()
  await conversation(talk)
  return talk.heard()
}
