import { describe, expect, inject, test } from 'vitest'
import { unexplained } from '../../fake-swarm/differential/allowed.ts'
import { differences } from '../../fake-swarm/differential/compare.ts'
import { nodes } from '../../fake-swarm/differential/conversation-nodes.ts'
import { conversations, hold } from '../../fake-swarm/differential/conversations.ts'
import { fakeEngine, realEngine } from '../../fake-swarm/differential/engine.ts'
import { writeRecording } from '../../fake-swarm/differential/recordings.ts'

const real = realEngine(inject('dockerHost'))
const { text } = await real.ask({ method: 'GET', path: '/version' })
const { Version: engine } = JSON.parse(text) as { readonly Version: string }

/** `UPDATE_RECORDED=1` keeps what the engine says, for the tests that have none. */
const keep = process.env.UPDATE_RECORDED === '1'

/** Whose engine it is may have other things on its node than ours. */
const mayDrain = !process.env.DOCKER_HOST

describe('the fake swarm beside a real one', () => {
  for (const [name, conversation] of Object.entries(conversations)) {
    if (name in nodes && !mayDrain) continue
    test(`says the same: ${name}`, async () => {
      const heard = await hold(conversation, real)
      if (keep) await writeRecording(name, { engine, ...heard })
      await using fake = await fakeEngine()
      expect(unexplained(differences(heard, await hold(conversation, fake)))).toEqual([])
    })
  }
})
