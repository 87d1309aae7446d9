import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { casesOf, tryCalls, type Usual, usual } from './calls.ts'
import { cutReads, cutWrites } from './cuts.ts'
import { tryDeadEnds } from './dead-ends.ts'
import { manyFaults } from './memory.ts'
import { operations } from './operations.ts'
import { Scene } from './scene.ts'
import { story } from './story.ts'
import { cutStreams } from './stream-cuts.ts'
import { streamFaults } from './stream-ways.ts'
import { tryStreams } from './streams.ts'
import type { FaultTarget } from './target.ts'
import { answerFaults } from './ways.ts'

/** So many cases stand on one engine at a time. */
const SIDE_BY_SIDE = 200

/**
 * Registers everything that can befall the wire between one adapter and its engine, with the laws that hold all the same:
 * no call outlasts its deadline, nothing is written twice, no rejection is left over, no event is lost or invented by the
 * time a stream says it is synced, and every connection is closed in the end.
 */
export function faults(target: FaultTarget): void {
  // A guard against what hangs: a busy machine takes its time.
  describe(`faults between the adapter and ${target.name}`, { timeout: 240_000 }, () => {
    const scene = new Scene(target)
    afterAll(async () => {
      await scene[Symbol.asyncDispose]()
      const all = [...scene.tally].map(([what, count]) => `${count} ${what}`).join(', ')
      const sum = [...scene.tally.values()].reduce((a, b) => a + b, 0)
      process.stdout.write(`faults tried on ${target.name}: ${sum} (${all})\n`)
    })

    describe.each(operations((id, image) => scene.app(id, image)))('$name', (operation) => {
      let before: Usual
      beforeAll(async () => {
        before = await usual(scene, operation)
      })

      test('keeps its word, whatever befalls its answers', async () => {
        const cases = casesOf(operation, answerFaults(target.world.clock), before)
        const problems: string[] = []
        for (let from = 0; from < cases.length; from += SIDE_BY_SIDE) {
          const some = cases.slice(from, from + SIDE_BY_SIDE)
          problems.push(...(await tryCalls(scene, operation, some, before)))
        }
        scene.count('calls', cases.length)
        expect(problems).toEqual([])
      })
    })

    test('tells of no event too much or too little, whatever befalls its streams', async () => {
      const faults = streamFaults(target.world.clock, target)
      scene.count('streams', faults.length)
      expect(await tryStreams(scene, faults, story)).toEqual([])
    })

    test('does each write once, wherever in a byte its answer is cut off', async () => {
      const reads = await cutReads(scene)
      const writes = await cutWrites(scene)
      scene.count('bytes of answers', reads.offsets + writes.offsets)
      expect([...reads.problems, ...writes.problems]).toEqual([])
    })

    test('misses nothing, wherever in an event its stream is cut off', async () => {
      const { offsets, problems } = await cutStreams(scene)
      scene.count('bytes of events', offsets)
      expect(problems).toEqual([])
    })

    test('tells what is wrong with an address, in time', async () => {
      const { tried, problems } = await tryDeadEnds(scene)
      scene.count('dead ends', tried)
      expect(problems).toEqual([])
    })

    test('keeps nothing of what went wrong', async () => {
      await manyFaults(scene, 60)
      scene.count('faults on one client', 80)
    })

    test('leaves no rejection to nobody', () => {
      expect(scene.strays).toEqual([])
    })
  })
}
