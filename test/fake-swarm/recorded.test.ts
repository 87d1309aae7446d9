import { describe, expect, it } from 'vitest'
import { allowed, unexplained } from './differential/allowed.ts'
import { differences } from './differential/compare.ts'
import { conversations, hold } from './differential/conversations.ts'
import { fakeEngine } from './differential/engine.ts'
import { readRecording } from './differential/recordings.ts'

describe('the fake swarm beside what a real engine was heard to say', () => {
  const met = new Set<RegExp>()

  for (const [name, conversation] of Object.entries(conversations)) {
    it(`says the same: ${name}`, async () => {
      const recorded = await readRecording(name)
      await using fake = await fakeEngine()
      const found = differences(recorded, await hold(conversation, fake))
      expect(unexplained(found)).toEqual([])
      for (const { pattern } of allowed)
        if (found.some((text) => pattern.test(text))) met.add(pattern)
    })
  }

  it('allows no difference that is none any more', () => {
    expect(allowed.filter(({ pattern }) => !met.has(pattern))).toEqual([])
  })
})
